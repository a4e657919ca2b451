import { describe, expect, it } from "vitest";
import type { Trigger } from "../../src/core/model/index.ts";
import type { Clock } from "../../src/ports/index.ts";
import { asksAnew, ProjectQueue, type Request } from "../../src/reconcile/queue.ts";

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

function request(
  project: string,
  parts: Partial<Trigger> = {},
  rollback: Request["rollback"] = null,
): Request {
  return { trigger: { project, cause: "schedule", refresh: true, force: false, ...parts }, rollback };
}

/** A queue whose looks end when the test says so, and whose pauses end when it says so. */
function bench(options: { parallelism?: number; limit?: number } = {}) {
  const looks: { request: Request; end: (again?: number | null) => void; fail: (error: Error) => void }[] =
    [];
  const sleeps: { ms: number; wake: () => void; aborted: () => boolean }[] = [];
  const errors: string[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    random: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleeps.push({ ms, wake: resolve, aborted: () => signal?.aborted === true });
        signal?.addEventListener("abort", () => reject(signal.reason));
      }),
  };
  const queue = new ProjectQueue({
    look: (made) =>
      new Promise((resolve, reject) => {
        looks.push({ request: made, end: (again = null) => resolve(again), fail: reject });
      }),
    clock,
    log: { ...log, error: (_fields, message) => void errors.push(message) },
    parallelism: options.parallelism ?? 4,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  });
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { queue, looks, sleeps, errors, turn };
}

describe("one slot a project", () => {
  it("looks at one project must never overlap, and what came meanwhile must become one more", async () => {
    const { queue, looks, turn } = bench();
    for (let i = 0; i < 5; i++) queue.enqueue(request("a"));
    expect(looks).toHaveLength(1);
    looks[0]?.end();
    await turn();
    expect(looks).toHaveLength(2);
    looks[1]?.end();
    await turn();
    expect(looks).toHaveLength(2);
    expect(queue.isBusy("a")).toBe(false);
  });

  it("a push must not be taken for a tick that waits already: it asks anew for what was not there", async () => {
    const { queue, looks, turn } = bench();
    queue.enqueue(request("a"));
    queue.enqueue(request("a", { cause: "schedule" }));
    queue.enqueue(request("a", { cause: "webhook" }));
    queue.enqueue(request("a", { cause: "engine", refresh: false }));
    looks[0]?.end();
    await turn();
    const asked = looks.map(({ request: { trigger } }) => [trigger.cause, asksAnew(trigger)]);
    expect(asked).toEqual([
      ["schedule", false],
      ["webhook", true],
    ]);
  });

  it("of what came meanwhile the stronger wish of each kind must win", async () => {
    const { queue, looks, turn } = bench();
    queue.enqueue(request("a"));
    queue.enqueue(request("a", { cause: "manual", force: true, refresh: false }));
    queue.enqueue(request("a", { cause: "engine", refresh: false }));
    queue.enqueue(request("a", { cause: "schedule" }, ["web"]));
    queue.enqueue(request("a", { cause: "schedule" }, ["db", "web"]));
    looks[0]?.end();
    await turn();
    expect(looks[1]?.request).toEqual({
      trigger: { project: "a", cause: "manual", refresh: true, force: true },
      rollback: ["db", "web"],
    });
    queue.enqueue(request("a", {}, ["web"]));
    queue.enqueue(request("a", {}, []));
    looks[1]?.end();
    await turn();
    expect(looks[2]?.request.rollback).toEqual([]);
  });

  it("different projects must go on side by side, up to the bound", async () => {
    const { queue, looks, turn } = bench({ parallelism: 2 });
    for (const name of ["a", "b", "c"]) queue.enqueue(request(name));
    expect(looks.map((look) => look.request.trigger.project)).toEqual(["a", "b"]);
    looks[0]?.end();
    await turn();
    expect(looks.map((look) => look.request.trigger.project)).toEqual(["a", "b", "c"]);
  });

  it("a look that breaks must not stop the others, nor its own project's next look", async () => {
    const { queue, looks, errors, turn } = bench();
    queue.enqueue(request("a"));
    looks[0]?.fail(new Error("a bug"));
    await turn();
    expect(errors).toEqual(["a look failed unexpectedly"]);
    expect(queue.isPending("a")).toBe(false);
    queue.enqueue(request("a"));
    expect(looks).toHaveLength(2);
  });

  it("beyond its limit of projects a request must be refused, but never for a known one", () => {
    const { queue } = bench({ limit: 1 });
    expect(queue.enqueue(request("a"))).toBe(true);
    expect(queue.enqueue(request("b"))).toBe(false);
    expect(queue.enqueue(request("a"))).toBe(true);
  });
});

describe("a look that wants another one", () => {
  it("must get it after its pause, without asking the registries", async () => {
    const { queue, looks, sleeps, turn } = bench();
    queue.enqueue(request("a"));
    looks[0]?.end(700);
    await turn();
    expect(sleeps.map((one) => one.ms)).toEqual([700]);
    expect([queue.isBusy("a"), queue.isPending("a")]).toEqual([false, true]);
    sleeps[0]?.wake();
    await turn();
    expect(looks[1]?.request.trigger).toMatchObject({ cause: "retry", refresh: false, force: false });
  });

  it("must not get two when something else comes first", async () => {
    const { queue, looks, sleeps, turn } = bench();
    queue.enqueue(request("a"));
    looks[0]?.end(700);
    await turn();
    queue.enqueue(request("a"));
    expect(sleeps[0]?.aborted()).toBe(true);
    looks[1]?.end();
    await turn();
    expect(looks).toHaveLength(2);
    expect(queue.isPending("a")).toBe(false);
  });
});

describe("a queue that is stopped", () => {
  it("must wait for what runs, drop what waits and take nothing more", async () => {
    const { queue, looks, turn } = bench();
    queue.enqueue(request("a"));
    queue.enqueue(request("a"));
    let stopped = false;
    const end = queue.stop().then(() => {
      stopped = true;
    });
    await turn();
    expect(stopped).toBe(false);
    looks[0]?.end(5);
    await end;
    expect(looks).toHaveLength(1);
    expect(queue.enqueue(request("a"))).toBe(false);
    expect(queue.isPending("a")).toBe(false);
  });
});
