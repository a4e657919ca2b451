import { expect, it } from "vitest";
import type { DesiredProject, ObservedImage, PinnedImage } from "../../src/core/model/index.ts";
import { decideImages } from "../../src/reconcile/decisions.ts";
import type { ReconcileDeps } from "../../src/reconcile/deps.ts";
import type { Ground } from "../../src/reconcile/ground.ts";
import type { Resolution, ResolveOptions } from "../../src/reconcile/resolve/index.ts";
import { project, service } from "../support/builders.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as const;
const image: PinnedImage = {
  reference: "reg:5000/app:1",
  name: "reg:5000/app",
  tag: "1",
  indexDigest: digest("a"),
  platformDigest: digest("b"),
  configDigest: digest("c"),
  platform: { os: "linux", architecture: "arm64", variant: null },
  layers: [],
};
const desired: DesiredProject = project([service("web", { reference: image.reference })]);
const hold: Resolution = {
  kind: "held",
  reason: "RateLimited",
  message: "hardly any more",
  retryAfterMs: 1000,
  last: image,
};

/** Decides with an engine that has `here`, at a registry whose limit is nearly used up. */
async function decide(here: readonly string[], wishes: Parameters<typeof decideImages>[2]) {
  const asked: ResolveOptions[] = [];
  const deps = {
    resolver: {
      resolve: async (_requests: unknown, _board: unknown, options: ResolveOptions) => {
        asked.push(options);
        return new Map([[image.reference, { kind: "pinned", image }]]);
      },
      pullHold: () => hold,
    },
    engine: {
      inspectImage: async (name: string) => (here.includes(name) ? ({ id: name } as ObservedImage) : null),
    },
  } as unknown as ReconcileDeps;
  const { images, retryAfterMs } = await decideImages(desired, { board: {} } as Ground, wishes, deps);
  return { decision: images.get("web"), retryAfterMs, options: asked[0] };
}

const tick = { refresh: true, force: false, cause: "schedule" } as const;

it("an image that would have to be pulled must be held while its registry gives hardly any more", async () => {
  const { decision, retryAfterMs } = await decide([], tick);
  expect(decision).toEqual({ kind: "held", reason: "RateLimited", message: "hardly any more" });
  expect(retryAfterMs).toBe(1000);
});

it.each([
  ["by its own digest", `${image.name}@${image.platformDigest}`],
  ["by its config, as docker compose leaves it", image.configDigest],
  ["by its manifest, with containerd", image.platformDigest],
  ["by its list, with containerd", image.indexDigest],
])("one that is on the board %s must not", async (_, name) => {
  expect((await decide([name], tick)).decision).toMatchObject({ kind: "pinned" });
});

it.each([
  ["a webhook", { ...tick, cause: "webhook" }],
  ["a person who checks", { ...tick, cause: "manual" }],
  ["a person who applies", { refresh: true, force: true }],
] as const)("nor must %s be kept waiting", async (_, wishes) => {
  const { decision, options } = await decide([], wishes);
  expect(decision).toMatchObject({ kind: "pinned" });
  expect(options).toEqual({ refresh: true, force: true });
});

it("nor must the schedule, a start or a retry count as somebody who asks", async () => {
  for (const cause of ["schedule", "startup", "retry", "engine"] as const)
    expect((await decide([], { ...tick, cause })).options).toEqual({ refresh: true, force: false });
});
