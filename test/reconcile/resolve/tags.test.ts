import { describe, expect, it } from "vitest";
import type { Resolution } from "../../../src/reconcile/resolve/index.ts";
import { bench, board } from "./support.ts";

const LATEST = "reg.local/team/app:latest";
const ARMHF = "reg.local/team/app:armhf";
const DAY_MS = 24 * 3600_000;
const platformDigest = (one: Resolution | undefined) =>
  one?.kind === "pinned" ? one.image.platformDigest : one;

describe("where there is no list for this board, per-architecture tags", () => {
  it("must be found beside a tag of another processor, and read once", async () => {
    const { round, registry } = bench();
    registry.image(LATEST, "linux/amd64");
    const arm = registry.image(ARMHF, "linux/arm/v7");
    const [found] = await round(["reg.local/team/app"]);
    expect(found).toMatchObject({
      kind: "pinned",
      image: { tag: "armhf", platformDigest: arm, reference: "reg.local/team/app" },
    });
    await round(["reg.local/team/app"]);
    expect(registry.asked).toEqual([`head ${LATEST}`, `head ${ARMHF}`]);
  });

  it("must be found where the written tag does not exist, and in a list of one", async () => {
    const { round, registry } = bench();
    const arm = registry.image("", "linux/arm/v7");
    registry.index("reg.local/team/app:2-linux-arm", [
      { platform: "linux/arm/v7", digest: arm },
      { platform: "unknown/unknown", digest: arm },
    ]);
    expect(platformDigest((await round(["reg.local/team/app:2"]))[0])).toBe(arm);
  });

  it("must be followed when they move", async () => {
    const { round, registry } = bench();
    registry.image(LATEST, "linux/amd64");
    registry.image(ARMHF, "linux/arm/v7");
    await round([LATEST]);
    const next = registry.image(ARMHF, "linux/arm/v7", "two");
    expect(platformDigest((await round([LATEST]))[0])).toBe(next);
  });

  it("must be believed by their config alone: a copied amd64 image under an ARM name is passed over", async () => {
    const { round, registry } = bench();
    registry.image("reg.local/team/app:arm32v7", "linux/amd64");
    const arm = registry.image(ARMHF, "linux/arm/v7");
    expect(platformDigest((await round([LATEST]))[0])).toBe(arm);
  });

  it("armhf on an ARMv6 board must be proved by a variant", async () => {
    const { round, registry } = bench();
    registry.image(ARMHF, "linux/arm/v6", "one", true);
    expect((await round([LATEST], { on: board("linux/arm/v6") }))[0]?.kind).toBe("held");
    const proven = bench();
    const v6 = proven.registry.image(ARMHF, "linux/arm/v6");
    expect(platformDigest((await proven.round([LATEST], { on: board("linux/arm/v6") }))[0])).toBe(v6);
  });

  it("must give way to the list as soon as it has this board's image", async () => {
    const { round, registry } = bench();
    registry.image(LATEST, "linux/amd64");
    registry.image(ARMHF, "linux/arm/v7");
    await round([LATEST]);
    const own = registry.image("", "linux/arm/v7", "own");
    registry.index(LATEST, [{ platform: "linux/arm/v7", digest: own }]);
    expect((await round([LATEST]))[0]).toMatchObject({ image: { tag: "latest", platformDigest: own } });
    await round([LATEST]);
    expect(registry.asked).toEqual([`head ${LATEST}`]);
  });

  it("the winner must be asked for first for the next tag of the repository", async () => {
    const { round, registry } = bench();
    registry.image("reg.local/team/app:1-linux-arm", "linux/arm/v7");
    registry.image("reg.local/team/app:2-linux-arm", "linux/arm/v7", "two");
    await round(["reg.local/team/app:1"]);
    await round(["reg.local/team/app:2"]);
    expect(registry.asked.slice(0, 2)).toEqual([
      "head reg.local/team/app:2",
      "head reg.local/team/app:2-linux-arm",
    ]);
  });

  it("the winner must be asked for again at once when it was gone for a moment", async () => {
    const { round, registry } = bench();
    registry.image(LATEST, "linux/amd64");
    const arm = registry.image(ARMHF, "linux/arm/v7");
    await round([LATEST]);
    registry.remove(ARMHF);
    expect((await round([LATEST]))[0]).toMatchObject({ kind: "held", last: { platformDigest: arm } });
    registry.image(ARMHF, "linux/arm/v7");
    expect(platformDigest((await round([LATEST]))[0])).toBe(arm);
  });
});

describe("tags that are not there", () => {
  it("must not be asked for again for a day, not even after a restart, unless somebody says so", async () => {
    const { round, registry, clock, restart } = bench();
    registry.image(LATEST, "linux/amd64");
    await round([LATEST]);
    expect(registry.asked.length).toBeGreaterThan(20);
    restart();
    await round([LATEST]);
    expect(registry.asked).toEqual([`head ${LATEST}`]);
    const arm = registry.image(ARMHF, "linux/arm/v7");
    clock.advance(DAY_MS - 1);
    expect((await round([LATEST]))[0]?.kind).toBe("held");
    expect(platformDigest((await round([LATEST], { force: true }))[0])).toBe(arm);
  });

  it("must be asked for again after that day", async () => {
    const { round, registry, clock } = bench();
    registry.image(LATEST, "linux/amd64");
    await round([LATEST]);
    const arm = registry.image(ARMHF, "linux/arm/v7");
    clock.advance(DAY_MS);
    expect(platformDigest((await round([LATEST]))[0])).toBe(arm);
  });

  it("must be asked for again when the clock was set back", async () => {
    const { round, registry, clock } = bench();
    registry.image(LATEST, "linux/amd64");
    await round([LATEST]);
    const arm = registry.image(ARMHF, "linux/arm/v7");
    clock.advance(-1_000);
    expect(platformDigest((await round([LATEST]))[0])).toBe(arm);
  });

  it("and no tag at all must be held as ImageNotFound with a growing delay", async () => {
    const { round, registry, clock } = bench();
    const waits: number[] = [];
    for (let n = 0; n < 12; n++) {
      const [held] = await round([LATEST]);
      expect(held).toMatchObject({
        kind: "held",
        reason: "ImageNotFound",
        message: expect.stringContaining(LATEST),
      });
      const wait = held?.kind === "held" ? (held.retryAfterMs ?? 0) : 0;
      waits.push(wait);
      clock.advance(wait);
    }
    expect(waits.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(waits.at(-1)).toBe(15 * 60_000);
    await round([LATEST], { force: true });
    expect(registry.asked[0]).toBe(`head ${LATEST}`);
  });
});
