import { describe, expect, it } from "vitest";
import { BoardhandError, type ErrorCode } from "../../../src/core/model/index.ts";
import type { Resolution } from "../../../src/reconcile/resolve/index.ts";
import { bench } from "./support.ts";

const APP = "reg.local/team/app:1";
const away = (code: ErrorCode = "E_REGISTRY_UNAVAILABLE") =>
  new BoardhandError(code, "the registry is away", { retry: "backoff" });
const digestOf = (one: Resolution | undefined) =>
  one?.kind === "pinned" ? one.image.platformDigest : one?.reason;

/** A registry with a mirror that has the same image, and one more that only the mirror may offer. */
function mirrored() {
  const b = bench();
  const older = b.registry.image("", "linux/arm/v7", "older");
  const current = b.registry.image(APP, "linux/arm/v7", "current");
  b.registry.mirror = new Map([[APP, current]]);
  return { ...b, older, current };
}
const pause = 20 * 60_000;

describe("a mirror that says what is known", () => {
  it("must be the only one that is asked, also after a restart", async () => {
    const { round, registry, restart } = mirrored();
    await round([APP]);
    expect(registry.asked).toEqual([`mirror head ${APP}`, `head ${APP}`]);
    await round([APP]);
    expect(registry.asked).toEqual([`mirror head ${APP}`]);
    restart();
    await round([APP]);
    expect(registry.asked).toEqual([`mirror head ${APP}`]);
  });

  it("must not be believed by a push or a person: the registry is asked, and not the mirror", async () => {
    const { round, registry } = mirrored();
    await round([APP]);
    const pushed = registry.image(APP, "linux/arm/v7", "pushed");
    expect(digestOf((await round([APP], { force: true }))[0])).toBe(pushed);
    expect(registry.asked).toEqual([`head ${APP}`]);
  });
});

describe("a mirror that says something else", () => {
  it("must not take the board back: the registry's word counts", async () => {
    const { round, registry, older, current } = mirrored();
    await round([APP]);
    registry.mirror?.set(APP, older);
    for (let n = 0; n < 3; n++) expect(digestOf((await round([APP]))[0])).toBe(current);
    expect(registry.asked).toEqual([`mirror head ${APP}`, `head ${APP}`]);
  });

  it("must not be believed on the first look either", async () => {
    const { round, registry, older, current } = mirrored();
    registry.mirror?.set(APP, older);
    expect(digestOf((await round([APP]))[0])).toBe(current);
  });

  it("must be followed once the registry says so too, read from the mirror", async () => {
    const { round, registry } = mirrored();
    await round([APP]);
    const next = registry.image(APP, "linux/arm/v7", "next");
    registry.mirror?.set(APP, next);
    expect(digestOf((await round([APP]))[0])).toBe(next);
    expect(registry.asked).toEqual([`mirror head ${APP}`, `head ${APP}`]);
  });

  it.each(["E_REGISTRY_UNAVAILABLE", "E_REGISTRY_RATE_LIMITED", "E_REGISTRY_AUTH"] as const)(
    "must be held while the registry, that has spoken before, cannot say (%s)",
    async (code) => {
      const { round, registry, clock, older, current } = mirrored();
      await round([APP]);
      registry.failure = away(code);
      registry.mirror?.set(APP, older);
      const [held] = await round([APP]);
      expect(held).toMatchObject({ kind: "held", last: { platformDigest: current } });
      registry.failure = null;
      clock.advance(pause);
      expect(digestOf((await round([APP]))[0])).toBe(current);
    },
  );

  it("must go on being held after a restart", async () => {
    const { round, registry, restart, older } = mirrored();
    await round([APP]);
    registry.failure = away();
    registry.mirror?.set(APP, older);
    restart();
    expect((await round([APP]))[0]).toMatchObject({ kind: "held", reason: "RegistryUnavailable" });
  });
});

describe("a mirror that is all there is, as on a board without a way out", () => {
  it("must be followed", async () => {
    const { round, registry, clock, current } = mirrored();
    registry.failure = away();
    expect(digestOf((await round([APP]))[0])).toBe(current);
    clock.advance(pause);
    const next = registry.image("", "linux/arm/v7", "next");
    registry.mirror?.set(APP, next);
    expect(digestOf((await round([APP]))[0])).toBe(next);
    clock.advance(pause);
    expect(digestOf((await round([APP]))[0])).toBe(next);
    expect(registry.asked).toEqual([`mirror head ${APP}`]);
  });

  it("must be followed by a person too", async () => {
    const { round, registry, current } = mirrored();
    registry.failure = away();
    expect(digestOf((await round([APP], { force: true }))[0])).toBe(current);
  });

  it("must give way to the registry when that is back", async () => {
    const { round, registry, clock, older, current } = mirrored();
    registry.mirror?.set(APP, older);
    registry.failure = away();
    expect(digestOf((await round([APP]))[0])).toBe(older);
    registry.failure = null;
    clock.advance(pause);
    expect(digestOf((await round([APP], { force: true }))[0])).toBe(current);
    registry.failure = away();
    expect((await round([APP]))[0]?.kind).toBe("held");
  });
});

describe("a mirror without an answer", () => {
  it("must leave everything to the registry", async () => {
    const { round, registry, current } = mirrored();
    registry.mirror = new Map();
    expect(digestOf((await round([APP]))[0])).toBe(current);
    registry.failure = away();
    expect((await round([APP]))[0]).toMatchObject({ reason: "RegistryUnavailable" });
  });

  it("must not bring back a tag that the registry has removed", async () => {
    const { round, registry, older } = mirrored();
    await round([APP]);
    registry.remove(APP);
    registry.mirror?.set(APP, older);
    expect((await round([APP]))[0]).toMatchObject({ kind: "held", reason: "ImageNotFound" });
  });
});
