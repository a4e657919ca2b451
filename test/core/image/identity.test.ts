import { describe, expect, it } from "vitest";
import { isLocal, runsImage } from "../../../src/core/image/index.ts";
import type { Digest, PinnedImage } from "../../../src/core/model/index.ts";

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const INDEX = digest("1");
const PLATFORM = digest("2");
const CONFIG = digest("3");
const OTHER = digest("9");
const image: PinnedImage = {
  reference: "nginx:1",
  name: "nginx",
  tag: "1",
  indexDigest: INDEX,
  platformDigest: PLATFORM,
  configDigest: CONFIG,
  platform: { os: "linux", architecture: "amd64", variant: null },
  layers: [],
};
const container = (rest: Partial<Parameters<typeof runsImage>[0]>) => ({
  imageId: OTHER,
  repoDigests: [],
  platformDigest: null,
  ...rest,
});

describe("a container must be known by what it runs, not by its tag", () => {
  it.each([
    ["our label, equal", { platformDigest: PLATFORM }, true],
    [
      "our label, another: it decides alone",
      { platformDigest: OTHER, imageId: CONFIG, repoDigests: [`nginx@${PLATFORM}`] },
      false,
    ],
    ["classic store: config digest", { imageId: CONFIG }, true],
    ["containerd store: index digest", { imageId: INDEX }, true],
    ["containerd store: manifest digest", { imageId: PLATFORM }, true],
    ["pulled by manifest digest", { repoDigests: [`x@${OTHER}`, `nginx@${PLATFORM}`] }, true],
    ["another spelling of the name", { repoDigests: [`docker.io/library/nginx@${PLATFORM}`] }, true],
    ["another repository", { repoDigests: [`user/nginx@${PLATFORM}`] }, false],
    ["the list pulled earlier for another platform", { repoDigests: [`nginx@${INDEX}`] }, false],
    ["a malformed name at this board's digest", { repoDigests: [`NGINX!@${PLATFORM}`, PLATFORM] }, false],
    ["the name alone at the end of another text", { repoDigests: [`nginx:1@${PLATFORM}x`] }, false],
    ["nothing that fits", { repoDigests: ["<none>@<none>", "nginx", `@${PLATFORM}`] }, false],
  ])("%s: %s", (_, rest, expected) => {
    expect(runsImage(container(rest), image)).toBe(expected);
  });
});

describe("an image must be found on the engine before it is pulled", () => {
  const local = (id: string, repoDigests: string[] = []) => ({ id, repoTags: [], repoDigests, size: 1 });
  it("by its exact identity first", () => {
    const images = [local(INDEX), local(CONFIG)];
    expect(isLocal(images, image)?.id).toBe(CONFIG);
  });
  it("by index digest where the store has only that", () => {
    expect(isLocal([local(OTHER), local(INDEX)], image)?.id).toBe(INDEX);
  });
  it("by repository digest", () => {
    expect(isLocal([local(OTHER, [`nginx@${PLATFORM}`])], image)?.id).toBe(OTHER);
  });
  it("and not by the list's digest on another platform's image", () => {
    expect(isLocal([local(OTHER, [`nginx@${INDEX}`])], image)).toBeNull();
  });
});

describe("names that are no reference", () => {
  it.each([
    ["the same text on both sides", "Not A Name", `Not A Name@${PLATFORM}`, true],
    ["another text", "Not A Name", `Other Name@${PLATFORM}`, false],
    ["no name at all", "", `@${PLATFORM}`, false],
    ["no digest at all", "Not A Name", "Not A Name", false],
  ])("%s: %j against %j is %s", (_, name, repoDigest, expected) => {
    expect(runsImage(container({ repoDigests: [repoDigest] }), { ...image, name })).toBe(expected);
  });
});
