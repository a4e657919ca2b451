import { describe, expect, it } from "vitest";
import { BoardhandError, type EngineEvent, type Trigger } from "../../src/core/model/index.ts";
import type { Clock, Log } from "../../src/ports/index.ts";
import { followEngine } from "../../src/triggers/engine-events.ts";

const LOG: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const GONE = new BoardhandError("E_ENGINE_UNAVAILABLE", "gone", { retry: "backoff" });

function event(action: string, project = "p"): EngineEvent {
  return { project, service: "web", containerId: "1", action };
}

const DEBOUNCE_MS = 300;

/**
 * Streams to hand out one after the other, each for `heldMs`, then the end. Pauses between them take no time, bursts all
 * of it.
 */
async function follow(streams: readonly (readonly EngineEvent[] | "gone")[], heldMs = 0) {
  const stop = new AbortController();
  const triggers: Trigger[] = [];
  const pauses: number[] = [];
  const lost: number[] = [];
  const back: number[] = [];
  let now = 0;
  const over = deferred();
  let next = 0;
  const clock: Clock = {
    now: () => 0,
    monotonic: () => now,
    random: () => 0,
    sleep: async (ms) => {
      pauses.push(ms);
      if (ms === DEBOUNCE_MS) await over.promise;
    },
  };
  await followEngine({
    engine: {
      async *events(_signal, opened) {
        const stream = streams[next];
        next += 1;
        if (stream === undefined) stop.abort();
        if (stream === "gone") throw GONE;
        opened?.();
        now += heldMs;
        yield* stream ?? [];
      },
    },
    clock,
    log: LOG,
    signal: stop.signal,
    enqueue: (trigger) => triggers.push(trigger),
    onLost: () => lost.push(next),
    onBack: () => back.push(next),
  });
  over.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  return { triggers, lost, back, reconnects: pauses.filter((ms) => ms !== DEBOUNCE_MS) };
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

describe("engine events", () => {
  it("must make a project looked at once for a burst, without asking a registry", async () => {
    const { triggers } = await follow([
      [event("die"), event("start"), event("health_status: unhealthy"), event("die", "q")],
    ]);
    expect(triggers).toEqual([
      { project: "p", cause: "engine", refresh: false, force: false },
      { project: "q", cause: "engine", refresh: false, force: false },
    ]);
  });

  it("that change nothing must not cause a look", async () => {
    expect((await follow([[event("exec_start"), event("attach"), event("top")]])).triggers).toEqual([]);
  });

  it("must be followed again with growing pauses, and the loss told once until they are back", async () => {
    const { lost, back, reconnects } = await follow(
      ["gone", "gone", "gone", [event("start")], "gone"],
      60_000,
    );
    // The last pause follows the stream that the end of the test cut off.
    expect(reconnects).toEqual([500, 1000, 2000, 500, 1000, 500]);
    expect(lost).toEqual([1, 4, 6]);
    expect(back).toEqual([4, 6]);
  });

  it("must be missed each time that they break, whether or not there were any", async () => {
    const { lost, back } = await follow([[], [], [event("start")], "gone", []]);
    expect(lost).toEqual([1, 2, 3, 5, 6]);
    expect(back).toEqual([2, 3, 5, 6]);
  });

  it("of an engine that breaks every stream must be asked for ever more rarely", async () => {
    const { reconnects } = await follow([[event("start")], [event("start")], [event("start")]], 1000);
    expect(reconnects).toEqual([500, 1000, 2000, 4000]);
  });

  it("a bug must not be taken for a lost engine", async () => {
    const bug = new TypeError("x is undefined");
    const options = {
      engine: {
        // biome-ignore lint/correctness/useYield: it fails before it has anything to say.
        async *events(): AsyncIterable<EngineEvent> {
          throw bug;
        },
      },
      clock: { now: () => 0, monotonic: () => 0, random: () => 0, sleep: async () => undefined },
      log: LOG,
      signal: new AbortController().signal,
      enqueue: () => undefined,
      onLost: () => undefined,
      onBack: () => undefined,
    };
    await expect(followEngine(options)).rejects.toBe(bug);
  });
});
