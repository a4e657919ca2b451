// The way back: what failed stops and goes, what was retired takes its name again and starts. Nothing is pulled and
// nothing is created, so it needs no registry and no disk.
import { isDigest } from "../image/index.ts";
import type { ObservedContainer, Plan } from "../model/index.ts";
import { emptyPlan, PlanBuilder } from "./builder.ts";
import { restartFollowers, runHooksBack } from "./follow.ts";
import type { PlanInput } from "./input.ts";
import { compare, isUp, ownRestartPolicy } from "./instances.ts";
import { clash } from "./ports.ts";
import { type Restoration, type RollbackInput, restorationsOf } from "./restorations.ts";
import { startsFirst } from "./swap.ts";
import type { Work } from "./work.ts";

/** Puts every retired container of the project back: all services that moved together go back together. */
export function planRollback(input: RollbackInput): Plan {
  const builder = new PlanBuilder();
  const restorations = restorationsOf(input);
  const stopped = new Set<string>();
  for (const one of restorations) {
    putBack(builder, one, portHolders(one, restorations), input, stopped);
  }
  followRestorations(builder, restorations, input);
  const moved = [...new Set(restorations.map((r) => r.service))].sort(compare);
  return { ...emptyPlan(input.observed.project), steps: builder.steps(), moved };
}

/** What ran on beside what is put back may have lost what it hung on. */
function followRestorations(
  builder: PlanBuilder,
  restorations: readonly Restoration[],
  input: RollbackInput,
): void {
  const retired = restorations.flatMap((one) => (one.retired === null ? [] : [one.retired]));
  const started = retired.filter((c) => !isUp(c) && !input.jobs.includes(c.service));
  const handled = new Set([...retired, ...restorations.flatMap((one) => one.failed)].map((c) => c.id));
  restartFollowers(builder, { ...input, containers: input.observed.containers }, started, handled);
}

/** Failed containers of any instance that hold a host port the retired one needs. */
function portHolders(one: Restoration, all: readonly Restoration[]): readonly ObservedContainer[] {
  const needed = one.retired?.hostPorts ?? [];
  return all
    .flatMap((other) => other.failed)
    .filter((container) => container.hostPorts.some((port) => needed.some((wanted) => clash(port, wanted))));
}

function stopFailed(
  builder: PlanBuilder,
  container: ObservedContainer,
  cause: string,
  stopped: Set<string>,
): void {
  if (!isUp(container) || stopped.has(container.id)) return;
  stopped.add(container.id);
  const args = { ref: container.id, name: container.name, graceMs: container.stopGraceMs };
  builder.add("stopContainer", args, { service: container.service, cause });
}

/** One instance, from what failed to what was retired. `stopped` has the ids of those that an earlier one stopped. */
function putBack(
  builder: PlanBuilder,
  one: Restoration,
  blockers: readonly ObservedContainer[],
  input: RollbackInput,
  stopped: Set<string>,
): void {
  const { service, retired, finalName, failed } = one;
  const starts = retired !== null && !isUp(retired) && !input.jobs.includes(service);
  const beside = starts && input.startFirst.has(service) && failed.some(isUp);
  // Under the name it waits with: whoever is cut off here finds the same as before, but up.
  if (beside) {
    const target = { ref: retired.id, name: retired.name };
    prove(builder, service, target, start(builder, service, target, input), input);
  }
  for (const container of [...failed, ...blockers]) stopFailed(builder, container, input.reason, stopped);
  for (const { id, name } of failed)
    builder.add("removeContainer", { ref: id, name }, { service, cause: input.reason });
  if (retired === null) return;
  const target = { ref: retired.id, name: finalName };
  if (retired.name !== finalName) {
    const args = { ref: retired.id, from: retired.name, to: finalName };
    builder.add("renameContainer", args, optionsOf(service, input));
  }
  const started = starts && !beside ? start(builder, service, target, input) : 0;
  takeTermsBack(builder, target, retired, input);
  if (!beside) prove(builder, service, target, started, input);
}

/** What is put back, by the name it has at that step. */
interface Target {
  readonly ref: string;
  readonly name: string;
}

function optionsOf(service: string, { reason }: RollbackInput) {
  return { service, cause: `back to what worked: ${reason}` };
}

function start(builder: PlanBuilder, service: string, target: Target, input: RollbackInput): number {
  return builder.add("startContainer", target, optionsOf(service, input));
}

/** The restart policy, and what the tag means. */
function takeTermsBack(
  builder: PlanBuilder,
  target: Target,
  retired: ObservedContainer,
  input: RollbackInput,
): void {
  const { service } = retired;
  const options = optionsOf(service, input);
  const policy = ownRestartPolicy(retired, input.restart.get(service) ?? "no");
  // Last of what it needs: until it has its own policy again, anybody who looks knows that the way back is not at its end.
  if (retired.restartPolicy !== policy) builder.add("setRestartPolicy", { ...target, policy }, options);
  if (retired.imageReference.includes("@") || isDigest(retired.imageReference)) return;
  const args = { image: retired.imageId, reference: retired.imageReference };
  builder.add("tagImage", args, { ...options, cause: "the tag means what runs here", required: false });
}

/** `started`: the step that started it; 0 where it is up, or a one-shot that is not run again. */
function prove(
  builder: PlanBuilder,
  service: string,
  target: Target,
  started: number,
  input: RollbackInput,
): void {
  if (input.jobs.includes(service)) return;
  const { cause } = optionsOf(service, input);
  if (started !== 0) runHooksBack(builder, service, target, { cause, after: [started] }, input);
  const gate = { ...target, timeoutMs: input.healthTimeoutMs, settleMs: 0, mayComplete: false };
  builder.add("awaitHealthy", gate, { service, cause: "the old one should be well again", required: false });
}

/** Instances whose half-done replacement cannot be finished go back, one by one. */
export function undoAll(builder: PlanBuilder, input: PlanInput, works: readonly Work[]): void {
  for (const { verdict, instance } of works) {
    if (verdict.kind !== "undo") continue;
    // A replacement beside it is not the goal of an undo, so it went with the leftovers already.
    const failed = instance.current === null ? [] : [instance.current];
    const { service, finalName } = instance;
    const one = { service: service.name, finalName, retired: verdict.retired, failed };
    const back = {
      observed: input.observed,
      order: [],
      moved: [],
      fresh: [],
      jobs: [],
      good: new Map(),
      restart: new Map([[service.name, service.restart]]),
      startFirst: new Set(startsFirst(service, input.policy.order) ? [service.name] : []),
      restarts: new Map(),
      services: new Map(),
      healthTimeoutMs: input.policy.healthTimeoutMs,
      reason: verdict.cause,
    };
    putBack(builder, one, [], back, new Set());
  }
}
