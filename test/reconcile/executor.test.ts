import { describe, expect, it } from "vitest";
import { BoardhandError, type Plan, type Step, type StepKind } from "../../src/core/model/index.ts";
import { type ExecutorDeps, execute } from "../../src/reconcile/executor.ts";
import type { StepContext } from "../../src/reconcile/steps/index.ts";
import { container, project, service } from "../support/builders.ts";
import { memoryJournal } from "./memory-journal.ts";

const web = service("web");

/** A plan of these kinds, all on one container; `?` marks a step that is not required. */
function planOf(...kinds: readonly string[]): Plan {
  const steps = kinds.map((word, index) => {
    const kind = word.replace("?", "") as StepKind;
    const common = { n: index + 1, service: "web", after: [], cause: "test", required: !word.endsWith("?") };
    const waits = { timeoutMs: 1000, settleMs: 0, mayComplete: false };
    const target = { ref: "id", name: "p-web-1", from: "a", to: "b", policy: "no", graceMs: null };
    return { kind, ...common, ...target, ...waits } as unknown as Step;
  });
  return { project: "p", steps, held: [], moved: ["web"], jobs: [], notes: [] };
}

const SWAP = ["renameContainer", "setRestartPolicy", "stopContainer", "startContainer"];
const BACK = ["stopContainer", "removeContainer", "renameContainer", "startContainer", "awaitHealthy?"];

interface Bench {
  readonly calls: string[];
  readonly stop: AbortController;
  readonly journal: ReturnType<typeof memoryJournal>;
  /** Journal entries at the time of each call. */
  readonly announced: string[][];
  run(plan: Plan, deps?: Partial<ExecutorDeps>): ReturnType<typeof execute>;
}

/** An engine whose every call may abort the run or fail. */
function bench(during: (call: string, stop: AbortController) => void = () => undefined): Bench {
  const calls: string[] = [];
  const announced: string[][] = [];
  const stop = new AbortController();
  const journal = memoryJournal();
  const call = (name: string) => async () => {
    calls.push(name);
    const intents = journal.entries.flatMap(({ event }) => (event.type === "intent" ? event.steps : []));
    announced.push(intents.map((intent) => intent.kind));
    during(name, stop);
  };
  const engine = {
    renameContainer: call("rename"),
    setRestartPolicy: call("policy"),
    stopContainer: call("stop"),
    startContainer: call("start"),
    removeContainer: call("remove"),
    inspectContainer: async () => {
      await call("inspect")();
      return container(web, "1", { health: "starting" });
    },
  };
  const clock = {
    now: () => 0,
    monotonic: () => 0,
    random: () => 0,
    sleep: async (_ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      stop.abort(new Error("asked to stop"));
      signal?.throwIfAborted();
    },
  };
  const context = { engine, clock, signal: stop.signal, created: new Map(), desired: project([web]) };
  return {
    calls,
    stop,
    journal,
    announced,
    run: (plan, deps = {}) =>
      execute(plan, context as unknown as StepContext, {
        journal,
        progress: () => undefined,
        toTheEnd: false,
        ...deps,
      }),
  };
}

const abortAt = (name: string) => (call: string, stop: AbortController) => {
  if (call === name) stop.abort(new Error("asked to stop"));
};

describe("asked to stop", () => {
  it("before the swap, nothing must be touched", async () => {
    const { run, calls, stop } = bench();
    stop.abort(new Error("asked to stop"));
    expect(await run(planOf(...SWAP))).toEqual({ kind: "interrupted" });
    expect(calls).toEqual([]);
  });

  it.each(["rename", "policy", "stop"])("during the %s, the swap must go on to its start", async (at) => {
    const { run, calls } = bench(abortAt(at));
    expect(await run(planOf(...SWAP, "awaitHealthy"))).toEqual({ kind: "interrupted" });
    expect(calls).toEqual(["rename", "policy", "stop", "start"]);
  });

  it("while a half-done replacement is undone, the old container must be started first", async () => {
    const { run, calls } = bench(abortAt("stop"));
    await run(
      planOf("stopContainer", "removeContainer", "renameContainer", "startContainer", "awaitHealthy"),
    );
    expect(calls).toEqual(["stop", "remove", "rename", "start"]);
  });

  it("between two swaps, the second must not begin", async () => {
    const { run, calls } = bench(abortAt("inspect"));
    expect(await run(planOf(...SWAP, "awaitHealthy", ...SWAP))).toEqual({ kind: "interrupted" });
    expect(calls.filter((call) => call === "start")).toHaveLength(1);
  });

  it("a way back must run to its end without waiting for health", async () => {
    const { run, calls, stop } = bench();
    stop.abort(new Error("asked to stop"));
    const back = planOf(...BACK, ...BACK);
    expect(await run(back, { toTheEnd: true })).toEqual({ kind: "done" });
    expect(calls.filter((call) => call !== "inspect")).toEqual([
      ...["stop", "remove", "rename", "start"],
      ...["stop", "remove", "rename", "start"],
    ]);
  });
});

describe("the journal", () => {
  it("must have each step announced, durably, before the call, and a whole swap before its first call", async () => {
    const { run, announced, journal } = bench();
    await run(planOf("removeContainer", ...SWAP));
    expect(announced).toEqual([["removeContainer"], ...SWAP.map(() => ["removeContainer", ...SWAP])]);
    const intents = journal.entries.filter(({ event }) => event.type === "intent");
    expect(intents.map((entry) => entry.how)).toEqual(["durable", "durable"]);
  });
});

describe("a step that fails", () => {
  const refuse = (at: string, code: "E_ENGINE_REFUSED" | "E_ENGINE_UNAVAILABLE") => (call: string) => {
    if (call === at) throw new BoardhandError(code, "no");
  };

  it("must end the plan when it is required, and say whether a running container had been touched", async () => {
    const first = bench(refuse("remove", "E_ENGINE_REFUSED"));
    expect(await first.run(planOf("removeContainer", ...SWAP))).toMatchObject({
      kind: "failed",
      touched: false,
    });
    const later = bench(refuse("start", "E_ENGINE_REFUSED"));
    expect(await later.run(planOf(...SWAP))).toMatchObject({ kind: "failed", touched: true, step: { n: 4 } });
  });

  it("must not count what only had to be started before anything is made as touched", async () => {
    const { run } = bench();
    const plan = planOf("startContainer", "setRestartPolicy", "createNetwork", "startContainer");
    expect(await run(plan)).toMatchObject({ kind: "failed", touched: false, step: { n: 3 } });
  });

  it("must not end the plan when it is not required", async () => {
    const { run, calls } = bench(refuse("remove", "E_ENGINE_REFUSED"));
    expect(await run(planOf("removeContainer?", "renameContainer"))).toEqual({ kind: "done" });
    expect(calls).toEqual(["remove", "rename"]);
  });

  it("must leave out what had to wait for it and is not required either, and nothing else", async () => {
    const { run, calls } = bench(refuse("remove", "E_ENGINE_REFUSED"));
    const plan = planOf(
      "removeContainer?",
      "stopContainer?",
      "renameContainer?",
      "startContainer",
      "setRestartPolicy?",
    );
    const after = [[], [1], [2], [3], [4]];
    const steps = plan.steps.map((step, index) => ({ ...step, after: after[index] ?? [] }));
    expect(await run({ ...plan, steps })).toEqual({ kind: "done" });
    expect(calls).toEqual(["remove", "start", "policy"]);
  });

  it("must be thrown when the engine is gone, required or not", async () => {
    const { run } = bench(refuse("remove", "E_ENGINE_UNAVAILABLE"));
    await expect(run(planOf("removeContainer?"))).rejects.toMatchObject({ code: "E_ENGINE_UNAVAILABLE" });
  });
});
