import { describe, expect, it } from "vitest";
import type { PinnedImage } from "../../../src/core/model/index.ts";
import type { RegistryLimit } from "../../../src/ports/index.ts";
import { reserveOf } from "../../../src/reconcile/resolve/budget.ts";
import { bench } from "./support.ts";

const APP = "reg.local/team/app:1";
const WINDOW_S = 21_600;
const left = (remaining: number, limit = 100): RegistryLimit => ({
  host: "reg.local",
  limit,
  remaining,
  windowSeconds: WINDOW_S,
  source: null,
  seenAt: 0,
});

function moved(remaining: number) {
  const b = bench();
  const before = b.registry.image(APP, "linux/arm/v7", "before");
  const move = async () => {
    await b.round([APP]);
    const after = b.registry.image(APP, "linux/arm/v7", "after");
    b.registry.limit = left(remaining);
    return after;
  };
  return { ...b, before, move };
}

describe("a registry that gives hardly any more", () => {
  it("must be held for the schedule before anything is read, saying what is left and when it is tried again", async () => {
    const { round, registry, move, before } = moved(12);
    await move();
    const [held] = await round([APP]);
    expect(held).toMatchObject({
      kind: "held",
      reason: "RateLimited",
      message:
        "reg.local gives 12 more of 100 pulls in 6 h; the last 10 are kept for a push or a person. It is tried again at 2027-01-15 08:30 UTC",
      retryAfterMs: 30 * 60_000,
      last: { platformDigest: before },
    });
    expect(registry.asked).toEqual([`head ${APP}`]);
  });

  it("must be read as soon as there is room, when the time that was said has passed", async () => {
    const { round, registry, clock, move } = moved(12);
    const after = await move();
    await round([APP]);
    registry.limit = left(50);
    expect((await round([APP]))[0]?.kind).toBe("held");
    expect(registry.asked).toEqual([]);
    clock.advance(30 * 60_000);
    expect((await round([APP], { refresh: false }))[0]).toMatchObject({ image: { platformDigest: after } });
  });

  it("must be read to the end by a push or a person", async () => {
    const { round, move } = moved(1);
    const after = await move();
    expect((await round([APP]))[0]?.kind).toBe("held");
    expect((await round([APP], { force: true }))[0]).toMatchObject({ image: { platformDigest: after } });
  });

  it("must still be asked what its other tags point at, which is free", async () => {
    const { round, registry, move } = moved(3);
    const other = "reg.local/team/other:1";
    registry.image(other, "linux/arm/v7", "other");
    await round([other]);
    await move();
    expect((await round([APP, other])).map(({ kind }) => kind)).toEqual(["held", "pinned"]);
    expect(registry.asked).toEqual([`head ${APP}`, `head ${other}`]);
  });

  it("must be read where there is just enough room", async () => {
    const { round, move } = moved(13);
    const after = await move();
    expect((await round([APP]))[0]).toMatchObject({ image: { platformDigest: after } });
  });
});

it("fifty images that move at once must not use up what is kept back, counting what the engine will pull", async () => {
  const { round, registry } = bench(32);
  const names = Array.from({ length: 50 }, (_, n) => `reg.local/app${n}:1`);
  for (const name of names) registry.image(name, "linux/arm/v7", name);
  registry.limit = left(100);
  const found = await round(names);
  const read = found.filter(({ kind }) => kind === "pinned").length;
  expect(read).toBeGreaterThanOrEqual(20);
  const pulls = read;
  expect((registry.limit?.remaining ?? 0) - pulls).toBeGreaterThanOrEqual(reserveOf(100));
});

it.each([
  [100, 10],
  [200, 20],
  [40, 5],
  [6, 3],
  [1, 0],
])("of %i pulls, %i must be kept back", (limit, reserve) => {
  expect(reserveOf(limit)).toBe(reserve);
});

describe("the pull of an image that was read before", () => {
  async function known(remaining: number) {
    const b = bench();
    b.registry.image(APP, "linux/arm/v7");
    const [answer] = await b.round([APP]);
    if (answer?.kind !== "pinned") return expect.fail("not pinned");
    b.registry.limit = left(remaining);
    const image: PinnedImage = answer.image;
    return { ...b, hold: () => b.resolver().pullHold({ reference: APP, platform: null }, image) };
  }

  it("must be held when it would touch what is kept back", async () => {
    const { hold } = await known(10);
    expect(hold()).toMatchObject({ kind: "held", reason: "RateLimited", retryAfterMs: 30 * 60_000 });
  });
  it("must go on where there is room", async () => {
    expect((await known(11)).hold()).toBeNull();
  });
  it("must go on for an image that was read a moment ago, whose pull was counted then", async () => {
    const { hold, registry, round } = await known(13);
    registry.image(APP, "linux/arm/v7", "after");
    await round([APP]);
    registry.limit = left(8);
    expect(hold()).toBeNull();
  });
  it("must go on where mirrors give it", async () => {
    const { hold, registry } = await known(0);
    registry.mirror = new Map();
    expect(hold()).toBeNull();
  });
});
