import { describe, expect, it } from "vitest";
import type { ImageDecision, ImageSummary, LayerSize, PinnedImage } from "../../../src/core/model/index.ts";
import { plan } from "../../../src/core/plan/index.ts";
import type { PlanInput, PlanPolicy } from "../../../src/core/plan/input.ts";
import { container, digestOf, input, observed, pinned, service } from "../../support/builders.ts";

const MB = 1_000_000;
const web = service("web");
const api = service("api");

function layer(name: string, megabytes: number): LayerSize {
  return { digest: digestOf(`compressed ${name}`), size: megabytes * MB };
}

/** Of layers that are named; equal names are equal layers. */
function imageOf(name: string, layers: Readonly<Record<string, number>>): PinnedImage {
  return {
    ...pinned(name, "2"),
    layers: Object.entries(layers).map(([one, size]) => layer(one, size)),
    diffIds: Object.keys(layers).map(digestOf),
  };
}

function offer(image: PinnedImage): ImageDecision {
  return { kind: "pinned", image };
}

interface Parts extends Partial<PlanPolicy> {
  readonly here?: readonly string[];
  readonly images?: readonly ImageSummary[];
}

/** Both services, with nothing here but what `here` says of one image's layers. */
function given(offers: Readonly<Record<string, ImageDecision>>, parts: Parts): PlanInput {
  const { here = [], images = [], ...policy } = parts;
  const services = [web, api].filter(({ name }) => name in offers);
  return {
    ...input(services, offers, [], policy),
    observed: observed([], { images }),
    layersHere: [here.map(digestOf)],
  };
}

function words(offers: Readonly<Record<string, ImageDecision>>, parts: Parts): Record<string, string> {
  const { held } = plan(given(offers, parts));
  return Object.fromEntries(held.map(({ service: name, message }) => [name, message]));
}

/** The fewest free megabytes with which nothing is held. */
function fits(offers: Readonly<Record<string, ImageDecision>>, parts: Parts = {}): number {
  let megabytes = 0;
  while (plan(given(offers, { ...parts, freeBytes: megabytes * MB })).held.length > 0) megabytes += 1;
  return megabytes;
}

describe("room for an image", () => {
  const one = { web: offer(imageOf("web", { base: 10, app: 2 })) };

  it("must be asked for with what stays free, and the words must say how much is needed", () => {
    const held = words(one, { freeBytes: 141 * MB, minFreeBytes: 100 * MB });
    expect(held).toEqual({
      web: "needs about 42 MB for layers that are missing, and 100 MB must stay free, but only 141 MB is",
    });
    expect(words(one, { freeBytes: 142 * MB, minFreeBytes: 100 * MB })).toEqual({});
  });

  it("must be what the classic store takes at its worst: a download goes when it is unpacked", () => {
    // The base unpacks beside both downloads (30 + 12), the app beside the unpacked base (36 + 2).
    expect(fits(one)).toBe(42);
    expect(fits({ web: offer(imageOf("web", { base: 2, app: 10 })) })).toBe(46);
  });

  it("must be the compressed layers and the unpacked ones where the containerd store keeps both", () => {
    expect(fits(one, { store: "containerd" })).toBe(48);
  });

  it("must be for the missing layers only", () => {
    expect(fits(one, { here: ["base"] })).toBe(8);
    expect(fits(one, { here: ["base", "app"] })).toBe(0);
  });

  it("must be for every layer above the first that is missing, since it is stored on top of that one", () => {
    expect(fits(one, { here: ["other", "app"] })).toBe(42);
    expect(fits(one, { here: ["app"] })).toBe(42);
  });

  it("must be for all layers of an image whose config nobody read", () => {
    const { diffIds: _, ...unread } = imageOf("web", { base: 10, app: 2 });
    expect(fits({ web: offer(unread) }, { here: ["base", "app"] })).toBe(42);
  });

  it("must not be asked for where it is here, where nothing is pulled, and where nobody knows", () => {
    const image = imageOf("web", { base: 10 });
    const here = { id: image.configDigest, repoTags: [], repoDigests: [], size: 1 };
    expect(words({ web: offer(image) }, { freeBytes: 1, images: [here] })).toEqual({});
    expect(words(one, { freeBytes: null })).toEqual({});
    const local = { kind: "local", image: { reference: "x", imageId: "i" } } as const;
    expect(words({ web: local }, { freeBytes: 1 })).toEqual({});
  });
});

describe("room for a plan", () => {
  it("must be asked for all images together, each layer counted once", () => {
    const both = {
      web: offer(imageOf("web", { base: 10, web: 2 })),
      api: offer(imageOf("api", { base: 10, api: 3 })),
    };
    // The first pull leaves its unpacked layers, the second adds its own layer only, packed and unpacked.
    expect(fits(both)).toBe(3 * 13 + 2 + 3 * 2);
    expect(fits({ web: both.web })).toBe(42);
  });

  it("must not be counted again for a service of the same image", () => {
    const same = imageOf("web", { base: 10 });
    expect(fits({ web: offer(same), api: offer(same) })).toBe(fits({ web: offer(same) }));
  });

  it("must hold what does not fit beside the others, and let these go on", () => {
    const both = { web: offer(imageOf("web", { a: 10 })), api: offer(imageOf("api", { b: 20 })) };
    const made = plan(given(both, { freeBytes: 99 * MB }));
    expect(made.held).toEqual([
      {
        service: "web",
        reason: "NotEnoughSpace",
        message:
          "needs about 40 MB for layers that are missing beside 60 MB for other services, and 0 MB must stay free, but only 99 MB is",
      },
    ]);
    expect(made.moved).toEqual(["api"]);
  });

  it("must not be taken by a service that is held for another reason", () => {
    const both = { web: offer(imageOf("web", { a: 10 })), api: offer(imageOf("api", { b: 20 })) };
    const off = service("api", { update: "off" });
    const running = container(off, "1");
    const base = given(both, { freeBytes: 85 * MB });
    const made = plan({
      ...base,
      desired: { ...base.desired, services: [web, off] },
      observed: observed([running]),
    });
    expect(made.held.map(({ service: name, reason }) => [name, reason])).toEqual([["api", "UpdateOff"]]);
  });
});

describe("a pull that ran out of space", () => {
  const image = imageOf("web", { base: 10 });
  const ranOut = new Map([[image.platformDigest, 70 * MB]]);

  it("must not be tried again before there is clearly more, whatever the estimate says", () => {
    expect(words({ web: offer(image) }, { freeBytes: 79 * MB, ranOut })).toEqual({
      web: "ran out of space while it was pulled with 70 MB free; it is tried again with 80 MB, but only 79 MB is",
    });
    expect(words({ web: offer(image) }, { freeBytes: 80 * MB, ranOut })).toEqual({});
  });

  it("must hold back no other image", () => {
    expect(words({ api: offer(imageOf("api", { base: 10 })) }, { freeBytes: 79 * MB, ranOut })).toEqual({});
  });
});
