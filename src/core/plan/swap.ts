// The swap itself: the old container gives up its name and stops, the new one takes it and proves itself.
// Invariant: between a stop and the start that follows nothing waits, least of all for another service; and nothing
// is removed here. Whoever adds a remove step to this file breaks the way back.
import type { DesiredService, ObservedContainer, RolloutOrder } from "../model/index.ts";
import type { PlanBuilder } from "./builder.ts";
import { failedLast } from "./defer.ts";
import type { PlanInput } from "./input.ts";
import { isCompleted, isUp, mayEnd, retiredFrom, retiredName } from "./instances.ts";
import { runHooks } from "./start.ts";
import { restoreRestartPolicy } from "./tidy.ts";
import { leaving, moves, type Work } from "./work.ts";

/** Emits the swap of every instance that moves, dependencies first. `works` is in dependency order. */
export function swapAll(builder: PlanBuilder, input: PlanInput, works: readonly Work[]): void {
  for (const work of failedLast(works, input)) {
    if (moves(work)) swap(builder, input, work, works);
    else if (work.verdict.kind === "keep" && work.verdict.gate) {
      work.readyStep = gate(builder, input, work, postStart(builder, input, work, []), works);
    }
  }
}

/** The order this service really gets: start-first only where two containers can run side by side. */
export function orderOf(service: DesiredService, input: PlanInput): RolloutOrder {
  const wish = service.rollout.order ?? input.policy.order;
  return wish === "start-first" && service.exclusive.length === 0 ? "start-first" : "stop-first";
}

function swap(builder: PlanBuilder, input: PlanInput, work: Work, works: readonly Work[]): void {
  if (work.goal === null) return;
  const old = leaving(work);
  const waits = awaitDependencies(builder, input, work, works);
  const startsFirst = orderOf(work.instance.service, input) === "start-first" && old !== null && isUp(old);
  if (startsFirst) {
    const started = start(builder, work, [work.goalStep, ...waits]);
    const settleMs = work.instance.service.rollout.monitorMs ?? input.policy.monitorMs;
    const hooked = postStart(builder, input, work, [started]);
    const proven = gate(builder, input, work, hooked, works, settleMs);
    retire(builder, work, [proven]);
    work.readyStep = takeName(builder, work, [work.retiredStep]);
    return;
  }
  const named = takeOver(builder, work, [work.goalStep, ...waits]);
  for (const other of works) {
    if (other !== work && holdsPortOf(other, work)) {
      takeOver(builder, other, [other.goalStep]);
      stopOld(builder, other);
    }
  }
  stopOld(builder, work);
  // Where something is replaced, its renames have waited already.
  const started = start(builder, work, [named, work.retiredStep, ...(old === null ? waits : [])]);
  work.readyStep = gate(builder, input, work, postStart(builder, input, work, [started]), works);
}

/** Hooks of a container that was just started, or that a rollout which was cut off had started. */
function postStart(
  builder: PlanBuilder,
  input: PlanInput,
  work: Work,
  after: readonly number[],
): readonly number[] {
  const { goal, instance, verdict } = work;
  const ended = verdict.kind === "keep" && verdict.container.state !== "running";
  if (goal === null || ended) return after;
  const options = { after, cause: "runs after each start", timeoutMs: input.policy.healthTimeoutMs };
  return runHooks(builder, instance.service, "post_start", goal, options);
}

/** Old out of its name, new into it: both still as they were, so this costs no downtime. */
function takeOver(builder: PlanBuilder, work: Work, after: readonly number[]): number {
  const renamed = rename(builder, work, after);
  return takeName(builder, work, [...after, renamed]);
}

function rename(builder: PlanBuilder, work: Work, after: readonly number[]): number {
  const old = leaving(work);
  if (old === null || retiredFrom(old) !== null) return 0;
  const options = { service: work.instance.service.name, after: after.filter(Boolean) };
  const to = retiredName(work.instance.finalName, old.id);
  if (work.retiredStep !== 0) return work.retiredStep;
  work.retiredStep = builder.add(
    "renameContainer",
    { ref: old.id, from: old.name, to },
    { ...options, cause: "kept for the way back" },
  );
  return work.retiredStep;
}

/** Forbids the old container to come back by itself, then stops it. Once per instance. */
function stopOld(builder: PlanBuilder, work: Work): void {
  const old = leaving(work);
  if (old === null || work.retireDone) return;
  work.retireDone = true;
  const service = work.instance.service.name;
  const name = retiredName(work.instance.finalName, old.id);
  const after = [work.retiredStep, work.goalStep].filter(Boolean);
  if (old.restartPolicy !== "no" && old.restartPolicy !== "") {
    const policy = builder.add(
      "setRestartPolicy",
      { ref: old.id, name, policy: "no" },
      {
        service,
        after,
        cause: "a retired container must not come back by itself",
      },
    );
    work.retiredStep = policy;
  }
  if (isUp(old)) {
    work.retiredStep = builder.add(
      "stopContainer",
      { ref: old.id, name, graceMs: old.stopGraceMs },
      {
        service,
        after: [work.retiredStep, work.goalStep].filter(Boolean),
        cause: `replaced by ${work.goal?.name ?? "its successor"}`,
      },
    );
  }
}

function retire(builder: PlanBuilder, work: Work, after: readonly number[]): void {
  rename(builder, work, after);
  stopOld(builder, work);
}

function takeName(builder: PlanBuilder, work: Work, after: readonly number[]): number {
  const { goal, instance } = work;
  if (goal === null || goal.name === instance.finalName) return work.goalStep;
  const args = { ref: goal.ref, from: goal.name, to: instance.finalName };
  work.goal = { ...goal, name: instance.finalName };
  work.goalStep = builder.add("renameContainer", args, {
    service: instance.service.name,
    after: [...after, work.goalStep].filter(Boolean),
    cause: "take the name",
  });
  return work.goalStep;
}

function start(builder: PlanBuilder, work: Work, after: readonly number[]): number {
  const { goal, instance } = work;
  if (goal === null || goal.container?.state === "running") return work.goalStep;
  const started = builder.add(
    "startContainer",
    { ref: goal.ref, name: goal.name },
    {
      service: instance.service.name,
      after: after.filter(Boolean),
      cause: work.verdict.kind === "finish" ? work.verdict.cause : "new revision",
    },
  );
  if (goal.container !== null)
    restoreRestartPolicy(builder, goal.container, goal.name, instance.service.restart);
  return started;
}

function gate(
  builder: PlanBuilder,
  input: PlanInput,
  work: Work,
  after: readonly number[],
  works: readonly Work[],
  settleMs = 0,
): number {
  const { goal, instance } = work;
  if (goal === null) return 0;
  const service = instance.service.name;
  const action = instance.service.rollout.failureAction ?? input.policy.failureAction;
  const options = { service, after: after.filter(Boolean), required: action !== "continue" };
  const timeoutMs = input.policy.healthTimeoutMs;
  if (isAwaitedJob(instance.service, works)) {
    return builder.add(
      "awaitCompleted",
      { ref: goal.ref, name: goal.name, timeoutMs },
      { ...options, cause: "others wait for its end" },
    );
  }
  const mayComplete = isJob(work);
  const args = { ref: goal.ref, name: goal.name, timeoutMs, settleMs, mayComplete };
  return builder.add("awaitHealthy", args, { ...options, cause: "health gate" });
}

/** Dependencies that this plan does not move must be as the conditions say before anything is touched. */
function awaitDependencies(
  builder: PlanBuilder,
  input: PlanInput,
  work: Work,
  works: readonly Work[],
): readonly number[] {
  const waits: number[] = [];
  for (const dependency of work.instance.service.dependsOn) {
    for (const other of works.filter((w) => w.instance.service.name === dependency.service)) {
      if (other.readyStep !== 0) waits.push(other.readyStep);
      else if (dependency.condition !== "service_started" && other.goal?.container != null) {
        waits.push(awaitUnmoved(builder, input, work, other.goal.container, dependency));
      }
    }
  }
  return waits;
}

function awaitUnmoved(
  builder: PlanBuilder,
  input: PlanInput,
  work: Work,
  container: ObservedContainer,
  dependency: { readonly service: string; readonly condition: string; readonly required: boolean },
): number {
  const options = {
    service: work.instance.service.name,
    cause: `depends on ${dependency.service}: ${dependency.condition}`,
    required: dependency.required,
  };
  const target = { ref: container.id, name: container.name, timeoutMs: input.policy.healthTimeoutMs };
  if (dependency.condition === "service_completed_successfully") {
    return isCompleted(container) ? 0 : builder.add("awaitCompleted", target, options);
  }
  if (container.state === "running" && container.health === "healthy") return 0;
  return builder.add("awaitHealthy", { ...target, settleMs: 0, mayComplete: false }, options);
}

function isAwaitedJob(service: DesiredService, works: readonly Work[]): boolean {
  return works.some((w) =>
    w.instance.service.dependsOn.some(
      (d) => d.service === service.name && d.condition === "service_completed_successfully",
    ),
  );
}

/** A one-shot: the engine leaves it alone when it ends, and what it replaces was not running either. */
export function isJob(work: Work): boolean {
  const old = leaving(work);
  return mayEnd(work.instance.service.restart) && (old === null || !isUp(old));
}

/** Whether `other`'s old container still has a host port that `work`'s new one needs. */
function holdsPortOf(other: Work, work: Work): boolean {
  const old = leaving(other);
  if (old === null || other.retireDone || !isUp(old)) return false;
  return old.hostPorts.some((port) => work.instance.service.hostPorts.some((wanted) => clash(port, wanted)));
}

/** `ip:port/protocol` values; an empty ip stands for every address. */
export function clash(a: string, b: string): boolean {
  const split = (value: string) => {
    const at = value.lastIndexOf(":");
    const ip = value.slice(0, at);
    return { ip: ip === "0.0.0.0" || ip === "::" ? "" : ip, port: value.slice(at + 1) };
  };
  const [x, y] = [split(a), split(b)];
  return x.port === y.port && (x.ip === "" || y.ip === "" || x.ip === y.ip);
}
