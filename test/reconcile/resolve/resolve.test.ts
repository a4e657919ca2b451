import { describe, expect, it } from "vitest";
import { parsePlatform } from "../../../src/core/image/index.ts";
import type { PinnedImage } from "../../../src/core/model/index.ts";
import type { Resolution } from "../../../src/reconcile/resolve/index.ts";
import { bench, board } from "./support.ts";

const APP = "reg.local/team/app:1";

function pinned(resolution: Resolution | undefined): PinnedImage {
  if (resolution?.kind !== "pinned") return expect.fail(`not pinned: ${JSON.stringify(resolution)}`);
  return resolution.image;
}

function threeWay(content = "one") {
  const b = bench();
  const arm = b.registry.image("", "linux/arm/v7", content);
  const arm64 = b.registry.image("", "linux/arm64", content);
  const amd64 = b.registry.image("", "linux/amd64", content);
  const entries = [
    { platform: "linux/amd64", digest: amd64 },
    { platform: "unknown/unknown", digest: amd64 },
    { platform: "linux/arm/v7", digest: arm },
    { platform: "linux/arm64", digest: arm64 },
  ];
  return { ...b, arm, arm64, amd64, entries, index: b.registry.index(APP, entries) };
}

describe("a tag with a list", () => {
  it("must give this board's image with both digests, its config and its layers", async () => {
    const { round, arm, index } = threeWay();
    const image = pinned((await round([APP]))[0]);
    expect(image).toMatchObject({
      reference: APP,
      name: "reg.local/team/app",
      tag: "1",
      indexDigest: index,
      platformDigest: arm,
      platform: parsePlatform("linux/arm/v7"),
      layers: [{ size: 3 }],
    });
    expect(image.configDigest).toMatch(/^sha256:/);
  });

  it("must cost one HEAD when nothing moved, for however many services", async () => {
    const { round, registry } = threeWay();
    await round([APP]);
    const again = await round([APP, APP, { reference: APP, platform: parsePlatform("linux/arm/v7") }, APP]);
    expect(again.map(({ kind }) => kind)).toEqual(["pinned", "pinned", "pinned", "pinned"]);
    await round([APP, APP, { reference: APP, platform: parsePlatform("linux/arm/v7") }, APP]);
    expect(registry.asked).toEqual([`head ${APP}`]);
  });

  it("two spellings of one image must be asked for once", async () => {
    const { round, registry } = bench();
    registry.index("docker.io/library/web:latest", [
      { platform: "linux/arm/v7", digest: registry.image("", "linux/arm/v7") },
    ]);
    const both = await round(["web", "docker.io/library/web:latest"]);
    expect(both.map((one) => pinned(one).reference)).toEqual(["web", "docker.io/library/web:latest"]);
    expect(registry.asked.filter((line) => line.startsWith("head"))).toHaveLength(1);
    expect(registry.asked).toHaveLength(4);
  });

  it("that moved for others only must give the same platform digest, reading the list alone", async () => {
    const { round, registry, entries, index, arm } = threeWay();
    await round([APP]);
    const next = entries.map((entry) =>
      entry.platform === "linux/amd64"
        ? { ...entry, digest: registry.image("", "linux/amd64", "two") }
        : entry,
    );
    const moved = registry.index(APP, next);
    const image = pinned((await round([APP]))[0]);
    expect(image.platformDigest).toBe(arm);
    expect(image.indexDigest).toBe(moved);
    expect(moved).not.toBe(index);
    expect(registry.asked).toEqual([`head ${APP}`, `manifest ${APP}`]);
  });

  it("that moved for this board must give the new image", async () => {
    const { round, registry, arm } = threeWay();
    await round([APP]);
    const next = registry.image("", "linux/arm/v7", "two");
    registry.index(APP, [{ platform: "linux/arm/v7", digest: next }]);
    const image = pinned((await round([APP]))[0]);
    expect(image.platformDigest).toBe(next);
    expect(next).not.toBe(arm);
  });

  it("without this board's image must be held, naming what is there and the last image", async () => {
    const { round, registry, arm, amd64 } = threeWay();
    await round([APP]);
    registry.index(APP, [{ platform: "linux/amd64", digest: amd64 }]);
    expect((await round([APP]))[0]).toMatchObject({
      kind: "held",
      reason: "ArchitectureMissing",
      message: expect.stringMatching(/no image for linux\/arm\/v7; it has linux\/amd64$/),
      last: { platformDigest: arm },
    });
    await round([APP]);
    expect(registry.asked).toEqual([`head ${APP}`]);
    registry.index(APP, [{ platform: "linux/arm/v7", digest: arm }]);
    expect(pinned((await round([APP]))[0]).platformDigest).toBe(arm);
  });

  it("whose image lies about its processor must be held before it is downloaded", async () => {
    const { round, registry } = bench();
    registry.index(APP, [{ platform: "linux/arm/v7", digest: registry.image("", "linux/amd64") }]);
    expect((await round([APP]))[0]).toMatchObject({
      kind: "held",
      reason: "ArchitectureMismatch",
      message: expect.stringMatching(/built for linux\/amd64, although it is listed for linux\/arm\/v7/),
    });
  });

  it("whose config leaves the variant out must take it from the list", async () => {
    const { round, registry } = bench();
    registry.index(APP, [
      { platform: "linux/arm/v6", digest: registry.image("", "linux/arm/v6", "x", true) },
    ]);
    expect(pinned((await round([APP], { on: board("linux/arm/v6") }))[0]).platform.variant).toBe("v6");
  });

  it("half published must be held, asked again after a while, and then found", async () => {
    const { round, registry, clock, arm } = threeWay();
    const complete = registry.image("", "linux/arm/v7", "late");
    registry.index(APP, [{ platform: "linux/arm/v7", digest: complete }]);
    registry.forget(complete);
    const [half] = await round([APP]);
    expect(half).toMatchObject({
      kind: "held",
      reason: "ImageNotFound",
      message: expect.stringMatching(/does not have it \(yet\)/),
    });
    registry.image("", "linux/arm/v7", "late");
    expect((await round([APP]))[0]?.kind).toBe("held");
    expect(registry.asked).toEqual([]);
    clock.advance(60_000);
    expect(pinned((await round([APP]))[0]).platformDigest).toBe(complete);
    expect(arm).not.toBe(complete);
  });

  it("that lists a list must be held", async () => {
    const { round, registry, index } = threeWay();
    registry.index("reg.local/team/app:nested", [{ platform: "linux/arm/v7", digest: index }]);
    expect((await round(["reg.local/team/app:nested"]))[0]).toMatchObject({
      kind: "held",
      reason: "RegistryUnavailable",
      message: expect.stringMatching(/another list/),
    });
  });
});

describe("a tag with a single image", () => {
  it("must be taken when its config fits", async () => {
    const { round, registry } = bench();
    const digest = registry.image(APP, "linux/arm/v7");
    expect(pinned((await round([APP]))[0])).toMatchObject({ indexDigest: digest, platformDigest: digest });
    await round([APP]);
    expect(registry.asked).toEqual([`head ${APP}`]);
  });

  it("must be held, saying what it is, when its config does not", async () => {
    const { round, registry } = bench();
    registry.image(APP, "linux/amd64");
    expect((await round([APP]))[0]).toMatchObject({
      kind: "held",
      reason: "ArchitectureMismatch",
      message: expect.stringMatching(/was built for linux\/amd64; wanted is linux\/arm\/v7/),
      last: null,
    });
  });

  it("that is no container image must be held", async () => {
    const { round, registry } = bench();
    registry.image(APP, null);
    expect((await round([APP]))[0]).toMatchObject({
      reason: "ArchitectureMismatch",
      message: expect.stringMatching(/not a container image/),
    });
  });
});

describe("a digest", () => {
  it("must be resolved once, for good, past restarts and moved tags", async () => {
    const b = threeWay();
    const written = `${APP}@${b.index}`;
    expect(pinned((await b.round([written]))[0])).toMatchObject({
      tag: null,
      indexDigest: b.index,
      platformDigest: b.arm,
    });
    expect(b.registry.asked.some((line) => line.startsWith("head"))).toBe(false);
    b.restart();
    b.registry.index(APP, []);
    expect(pinned((await b.round([written]))[0]).platformDigest).toBe(b.arm);
    expect(b.registry.asked).toEqual([]);
  });

  it("of another processor's image must be held, without trying tags", async () => {
    const b = threeWay();
    const [held] = await b.round([`${APP}@${b.amd64}`]);
    expect(held).toMatchObject({ kind: "held", reason: "ArchitectureMismatch" });
    expect(b.registry.asked).toHaveLength(2);
  });
});

describe("a service's own platform", () => {
  const onX86 = (emulates: readonly string[]) => ({ on: board("linux/amd64", emulates) });
  const request = (platform: string) => ({ reference: APP, platform: parsePlatform(platform) });

  it("must be resolved for exactly that where the kernel emulates it", async () => {
    const { round, arm, arm64, amd64 } = threeWay();
    const found = await round(
      [request("linux/arm/v7"), request("linux/arm64"), { reference: APP, platform: null }],
      onX86(["linux/arm/v7", "linux/arm64"]),
    );
    expect(found.map((one) => pinned(one).platformDigest)).toEqual([arm, arm64, amd64]);
  });

  it("must be held with the missing emulator's name where it does not, without a request", async () => {
    const { round, registry } = threeWay();
    const [arm, arm64] = await round(
      [request("linux/arm/v6"), request("linux/arm64")],
      onX86(["linux/arm/v5"]),
    );
    expect(arm).toMatchObject({
      reason: "ArchitectureMismatch",
      message: expect.stringMatching(/qemu-arm is not registered/),
    });
    expect(arm64).toMatchObject({ message: expect.stringMatching(/board is linux\/amd64.*qemu-aarch64/) });
    expect(registry.asked).toEqual([]);
  });

  it("of an older variant must run where a newer one is emulated", async () => {
    const { round, registry } = bench();
    const v6 = registry.image("", "linux/arm/v6");
    registry.index(APP, [{ platform: "linux/arm/v6", digest: v6 }]);
    expect(pinned((await round([request("linux/arm/v6")], onX86(["linux/arm/v7"])))[0]).platformDigest).toBe(
      v6,
    );
  });
});

it("a reference that is none must be held as ComposeInvalid, the others going on", async () => {
  const { round } = threeWay();
  const [bad, good] = await round(["Not A Name", APP]);
  expect(bad).toMatchObject({ kind: "held", reason: "ComposeInvalid" });
  expect(good?.kind).toBe("pinned");
});

it("requests must be bounded, whatever the number of images", async () => {
  const { round, registry } = bench(3);
  const names = Array.from({ length: 20 }, (_, n) => `reg.local/app${n}:1`);
  for (const name of names) registry.image(name, "linux/arm/v7", name);
  const found = await round(names);
  expect(found.every(({ kind }) => kind === "pinned")).toBe(true);
  expect(registry.load.most).toBe(3);
});
