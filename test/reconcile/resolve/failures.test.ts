import { describe, expect, it } from "vitest";
import { BoardhandError, type ErrorCode } from "../../../src/core/model/index.ts";
import { bench, board } from "./support.ts";

const APP = "reg.local/team/app:1";
const OTHER = "reg.local/team/other:1";
const fails = (code: ErrorCode, data: Record<string, number | null> = {}) =>
  new BoardhandError(code, `it is ${code}`, { retry: "backoff", data });

function ready() {
  const b = bench();
  const digest = b.registry.image(APP, "linux/arm/v7");
  b.registry.image(OTHER, "linux/arm/v7", "other");
  return { ...b, digest };
}

describe("a registry's failure must become a hold that keeps the last image", () => {
  it.each([
    ["E_REGISTRY_UNAVAILABLE", "RegistryUnavailable"],
    ["E_REGISTRY_RATE_LIMITED", "RateLimited"],
    ["E_REGISTRY_AUTH", "Unauthorized"],
    ["E_REGISTRY_PROTOCOL", "RegistryUnavailable"],
    ["E_DIGEST_MISMATCH", "RegistryUnavailable"],
  ] as const)("%s is %s", async (code, reason) => {
    const { round, registry, digest } = ready();
    await round([APP]);
    registry.failure = fails(code);
    expect((await round([APP]))[0]).toMatchObject({
      kind: "held",
      reason,
      message: `it is ${code}`,
      last: { platformDigest: digest },
      retryAfterMs: expect.any(Number),
    });
  });

  it("a bug must not be one", async () => {
    const { round, registry } = ready();
    registry.failure = new TypeError("bug") as unknown as BoardhandError;
    await expect(round([APP])).rejects.toThrow("bug");
  });
});

describe("a registry in trouble must be left alone", () => {
  it("all its images, until the delay is over, and longer each time", async () => {
    const { round, registry, clock } = ready();
    await round([APP, OTHER]);
    registry.failure = fails("E_REGISTRY_UNAVAILABLE");
    const waits: number[] = [];
    for (let n = 0; n < 3; n++) {
      const [app] = await round([APP]);
      const wait = app?.kind === "held" ? (app.retryAfterMs ?? 0) : 0;
      waits.push(wait);
      const [again, other] = await round([APP, OTHER]);
      expect(registry.asked).toEqual([]);
      expect([again, other]).toMatchObject([
        { reason: "RegistryUnavailable" },
        { reason: "RegistryUnavailable" },
      ]);
      await round([APP], { force: true });
      expect(registry.asked).toEqual([]);
      clock.advance(wait);
    }
    expect(waits).toEqual([5_000, 10_000, 20_000]);
    registry.failure = null;
    expect((await round([APP, OTHER])).map(({ kind }) => kind)).toEqual(["pinned", "pinned"]);
    registry.failure = fails("E_REGISTRY_UNAVAILABLE");
    expect((await round([APP]))[0]).toMatchObject({ retryAfterMs: 5_000 });
  });

  it("failures of one moment must count once", async () => {
    const { round, registry } = ready();
    registry.failure = fails("E_REGISTRY_UNAVAILABLE");
    const found = await round([APP, OTHER]);
    expect(found).toMatchObject([{ retryAfterMs: 5_000 }, { retryAfterMs: 5_000 }]);
  });

  it("but not the other registries", async () => {
    const { round, registry } = ready();
    registry.failure = fails("E_REGISTRY_UNAVAILABLE");
    await round([APP]);
    registry.failure = null;
    registry.image("other.local/app:1", "linux/arm/v7");
    expect((await round([APP, "other.local/app:1"])).map(({ kind }) => kind)).toEqual(["held", "pinned"]);
  });

  it.each([
    [90_000, 90_000],
    [0, 1_000],
    [99 * 3600_000, 6 * 3600_000],
    [null, 60_000],
  ])("Retry-After of %s ms must wait %i ms", async (said, expected) => {
    const { round, registry } = ready();
    registry.failure = fails("E_REGISTRY_RATE_LIMITED", { retryAfterMs: said });
    expect((await round([APP]))[0]).toMatchObject({ reason: "RateLimited", retryAfterMs: expected });
  });
});

describe("an image that may not be pulled must be left alone for itself", () => {
  it("while the others of its registry go on, until somebody asks", async () => {
    const { round, registry } = ready();
    registry.failure = fails("E_REGISTRY_AUTH");
    await round([APP]);
    registry.failure = null;
    expect((await round([APP, OTHER])).map(({ kind }) => kind)).toEqual(["held", "pinned"]);
    expect(registry.asked.some((line) => line.includes("team/app"))).toBe(false);
    expect((await round([APP], { force: true }))[0]?.kind).toBe("pinned");
  });
});

describe("what is remembered", () => {
  it("must answer without a request when no refresh is asked for, past a restart", async () => {
    const { round, registry, restart, digest } = ready();
    await round([APP]);
    restart();
    expect((await round([APP], { refresh: false }))[0]).toMatchObject({ image: { platformDigest: digest } });
    expect(registry.asked).toEqual([]);
    expect((await round([OTHER], { refresh: false }))[0]?.kind).toBe("pinned");
  });

  it("must answer a hold likewise", async () => {
    const { round, registry, restart } = bench();
    registry.image(APP, "linux/amd64");
    await round([APP]);
    restart();
    expect((await round([APP], { refresh: false }))[0]).toMatchObject({ reason: "ArchitectureMismatch" });
    expect(registry.asked).toEqual([]);
  });

  it("must be written only when it changed", async () => {
    const { round, registry, file, restart } = ready();
    await round([APP]);
    expect(file.writes).toBe(1);
    await round([APP]);
    restart();
    await round([APP]);
    expect(file.writes).toBe(1);
    registry.image(APP, "linux/arm/v7", "two");
    await round([APP]);
    expect(file.writes).toBe(2);
  });

  it("must be void on another platform", async () => {
    const { round, registry } = ready();
    await round([APP]);
    expect((await round([APP], { refresh: false, on: board("linux/arm64") }))[0]).toMatchObject({
      kind: "held",
      reason: "ArchitectureMismatch",
    });
    expect(registry.asked.length).toBeGreaterThan(0);
  });

  it.each([
    ["nothing", null],
    ["text", "x"],
    ["another version", { version: 2, answers: {} }],
    ["no maps", { version: 1, answers: 7, winners: [], absent: null }],
    [
      "half an answer",
      {
        version: 1,
        answers: {
          [APP]: {
            vector: "linux/arm/v7 linux/arm/v6 linux/arm/v5",
            own: null,
            problem: null,
            image: null,
            current: true,
          },
        },
      },
    ],
    [
      "a wrong digest",
      {
        version: 1,
        answers: {
          [APP]: {
            vector: "linux/arm/v7 linux/arm/v6 linux/arm/v5",
            own: "x",
            problem: null,
            image: {},
            current: true,
          },
        },
      },
    ],
  ])("must be forgotten when it is damaged: %s", async (_, value) => {
    const { round, file, digest } = ready();
    file.value = value;
    expect((await round([APP], { refresh: false }))[0]).toMatchObject({ image: { platformDigest: digest } });
  });

  it("must be written by one round at a time, and hold what both learnt", async () => {
    const { registry, resolver, file } = bench();
    const names = ["reg.local/one:1", "reg.local/two:1"];
    for (const name of names) registry.image(name, "linux/arm/v7", name);
    const ask = (reference: string) =>
      resolver().resolve([{ reference, platform: null }], board("linux/arm/v7"), { refresh: true });
    await Promise.all(names.map(ask));
    expect(file.together).toBe(1);
    expect(JSON.stringify(file.value)).toMatch(/reg\.local\/one.*reg\.local\/two/);
  });

  it("a journal that fails must not stop the round", async () => {
    const { round, file, digest } = ready();
    Object.defineProperty(file, "value", {
      get: () => {
        throw new Error("disk");
      },
      set: () => {
        throw new Error("disk");
      },
    });
    expect((await round([APP]))[0]).toMatchObject({ image: { platformDigest: digest } });
  });
});
