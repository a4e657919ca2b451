import { describe, expect, it } from "vitest";
import { BoardhandError, type ErrorCode } from "../../src/core/model/index.ts";
import { askRegistry, retrying } from "../../src/pipeline/retry.ts";

/** Time that passes when it is told to, with luck in the middle. */
function tools(during: () => void = () => {}, random = 0.5) {
  const slept: number[] = [];
  const abort = new AbortController();
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    random: () => random,
    async sleep(ms: number, signal?: AbortSignal) {
      slept.push(ms);
      during();
      signal?.throwIfAborted();
    },
  };
  return { clock, signal: abort.signal, abort, slept };
}

/** Answers one after the other, and counts. */
function answers<T>(...all: T[]) {
  let at = 0;
  return { attempt: async () => all[at++] as T, count: () => at };
}

describe("trying again", () => {
  it("must end with the first result that is worth keeping", async () => {
    const deps = tools();
    const { attempt, count } = answers("bad", "good", "never");
    expect(await retrying(deps, attempt, (result) => result === "bad")).toBe("good");
    expect(count()).toBe(2);
    expect(deps.slept).toEqual([1_000]);
  });

  it("must be done three times at most, with growing pauses that luck spreads", async () => {
    for (const [random, pauses] of [
      [0, [750, 3_000]],
      [0.5, [1_000, 4_000]],
      [1, [1_250, 5_000]],
    ] as const) {
      const deps = tools(undefined, random);
      const { attempt, count } = answers("one", "two", "three", "four");
      expect(await retrying(deps, attempt, () => true)).toBe("three");
      expect(count()).toBe(3);
      expect(deps.slept).toEqual(pauses);
    }
  });

  it("must wait as long as it is asked to, up to a minute", async () => {
    const deps = tools();
    const waits = [20_000, 3_600_000];
    await retrying(deps, answers(0, 1, 2).attempt, (at) => waits[at] ?? false);
    expect(deps.slept).toEqual([20_000, 60_000]);
  });

  it("must not be done when interrupted, before or during a pause", async () => {
    const before = tools();
    before.abort.abort();
    expect(await retrying(before, answers("one", "two").attempt, () => true)).toBe("one");
    expect(before.slept).toEqual([]);
    const during = tools(() => during.abort.abort());
    expect(await retrying(during, answers("one", "two").attempt, () => true)).toBe("one");
  });

  it("must not hide a clock that is broken", async () => {
    const deps = tools(() => {
      throw new Error("no time");
    });
    await expect(retrying(deps, answers(1, 2).attempt, () => true)).rejects.toThrow("no time");
  });
});

describe("a question to a registry", () => {
  const failing = (code: ErrorCode, data = {}) => new BoardhandError(code, code, { retry: "backoff", data });

  it.each<[ErrorCode, number]>([
    ["E_REGISTRY_UNAVAILABLE", 3],
    ["E_REGISTRY_RATE_LIMITED", 3],
    ["E_REGISTRY_AUTH", 1],
    ["E_REGISTRY_NOT_FOUND", 1],
    ["E_REGISTRY_PROTOCOL", 1],
    ["E_DIGEST_MISMATCH", 1],
  ])("that ends with %s must be asked %i times", async (code, times) => {
    let asked = 0;
    const answer = await askRegistry(tools(), async () => {
      asked += 1;
      throw failing(code);
    });
    expect(answer).toMatchObject({ ok: false, error: { code } });
    expect(asked).toBe(times);
  });

  it("must heed how long the registry wants to be left alone", async () => {
    const deps = tools();
    let asked = 0;
    const answer = await askRegistry(deps, async () => {
      asked += 1;
      if (asked === 1) throw failing("E_REGISTRY_RATE_LIMITED", { retryAfterMs: 30_000 });
      return "an answer";
    });
    expect(answer).toEqual({ ok: true, value: "an answer" });
    expect(deps.slept).toEqual([30_000]);
  });

  it("must not take a mistake of ours for an answer", async () => {
    const mistake = askRegistry(tools(), async () => {
      throw new TypeError("ours");
    });
    await expect(mistake).rejects.toThrow("ours");
  });
});
