// The swap itself: the old container gives up its name and stops, the new one takes it and proves itself.
// Invariant: between a stop and the start that follows nothing waits, least of all for another service; and nothing
// is removed here. Whoever adds a remove step to this file, or to take-over.ts, breaks the way back.
import type { DesiredService, RolloutOrder } from "../model/index.ts";
import type { PlanBuilder } from "./builder.ts";
import { failedLast } from "./defer.ts";
import { awaitDependencies, gate } from "./gates.ts";
import type { PlanInput } from "./input.ts";
import { isUp } from "./instances.ts";
import { holdsPortOf } from "./ports.ts";
import { runHooks } from "./start.ts";
import { retire, stopOld, takeName, takeOver } from "./take-over.ts";
import { restoreRestartPolicy } from "./tidy.ts";
import { leaving, moves, type Work } from "./work.ts";

/** Emits the swap of every instance that moves, dependencies first. `works` is in dependency order. */
export function swapAll(builder: PlanBuilder, input: PlanInput, works: readonly Work[]): void {
  for (const work of failedLast(works, input)) {
    // Those that only had to be started are up.
    if (work.readyStep !== 0) continue;
    if (moves(work)) swap(builder, input, work, works);
    else if (work.verdict.kind === "keep" && work.verdict.gate) {
      work.readyStep = gate(builder, input, work, postStart(builder, input, work, []), works);
    }
  }
}

/** Whether this service really gets start-first: only where two of its containers can run side by side. */
export function startsFirst(
  service: Pick<DesiredService, "rollout" | "exclusive">,
  order: RolloutOrder,
): boolean {
  return asksToStartFirst(service, order) && service.exclusive.length === 0;
}

/** Whether it is wanted, possible or not. */
export function asksToStartFirst({ rollout }: Pick<DesiredService, "rollout">, order: RolloutOrder): boolean {
  return (rollout.order ?? order) === "start-first";
}

/** One instance from where it is to where it should be: taken over, started, proven. */
export function swap(builder: PlanBuilder, input: PlanInput, work: Work, works: readonly Work[]): void {
  if (work.goal === null) return;
  const old = leaving(work);
  const waits = awaitDependencies(builder, input, work, works);
  const beside = startsFirst(work.instance.service, input.policy.order);
  if (beside && old !== null && isUp(old)) {
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
