import { describe, expect, it } from "vitest";
import { BoardhandError, type ErrorCode } from "../../src/core/model/index.ts";
import type { Clock, Log } from "../../src/ports/index.ts";
import { waitForEngine } from "../../src/reconcile/engine-wait.ts";
import { factsOf, RECORDED } from "../core/platform/recorded.ts";

const nothing = (): void => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function engineFailing(times: number, code: ErrorCode, retry: "backoff" | "never") {
  let left = times;
  const [record] = RECORDED;
  if (record === undefined) throw new Error("no records");
  return {
    facts: () =>
      left-- > 0
        ? Promise.reject(new BoardhandError(code, "away", { retry }))
        : Promise.resolve(factsOf(record)),
  };
}

function sleeper(onSleep: (ms: number) => void): Clock {
  return {
    now: () => 0,
    monotonic: () => 0,
    random: () => 0,
    sleep: async (ms, signal) => {
      onSleep(ms);
      signal?.throwIfAborted();
    },
  };
}

describe("waiting for the engine", () => {
  it("doubles its delay from half a second to thirty", async () => {
    const delays: number[] = [];
    const clock = sleeper((ms) => delays.push(ms));
    const engine = engineFailing(9, "E_ENGINE_UNAVAILABLE", "backoff");
    const facts = await waitForEngine(engine, { clock, log, signal: new AbortController().signal });
    expect(facts.os).toBe("linux");
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  });

  it("must end at once where waiting cannot help", async () => {
    const clock = sleeper(() => expect.unreachable());
    const engine = engineFailing(1, "E_ENGINE_VERSION", "never");
    const waiting = waitForEngine(engine, { clock, log, signal: new AbortController().signal });
    await expect(waiting).rejects.toMatchObject({ code: "E_ENGINE_VERSION" });
  });

  it("must end with the signal's reason when it aborts", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const clock = sleeper(() => stop.abort(reason));
    const engine = engineFailing(9, "E_ENGINE_UNAVAILABLE", "backoff");
    await expect(waitForEngine(engine, { clock, log, signal: stop.signal })).rejects.toBe(reason);
  });
});
