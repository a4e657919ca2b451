// Tells what a person did to a container from what an engine, a rollout of ours or the container itself did.
import type { ObservedContainer } from "../model/index.ts";
import type { PlanInput, PlanPolicy } from "./input.ts";
import { type Instance, isHalfBack, NO_LABEL } from "./instances.ts";

/** Ended by the engine, or stopped by a rollout of ours or of docker compose that nobody brought to its end. */
export function notByHand(container: ObservedContainer, instance: Instance, input: PlanInput): boolean {
  if (instance.abandoned !== null) return true;
  return endedWhileAway(container, input.policy) || isHalfBack(container, NO_LABEL);
}

/** A dying or starting engine ended it, not a person; the noticing may be a little late. */
export function endedWhileAway(
  container: Pick<ObservedContainer, "finishedAt">,
  policy: Pick<PlanPolicy, "away">,
): boolean {
  const ended = container.finishedAt;
  if (ended === null) return false;
  return policy.away.some(({ from, until }) => ended >= from - NOTICED_LATE_MS && ended <= until);
}

const NOTICED_LATE_MS = 5000;

/** Whether the compose file is the one under which the service was last seen running; if never seen, it counts as that. */
export function sameFile(instance: Instance, input: PlanInput): boolean {
  const seen = input.policy.seen[instance.service.name];
  return seen === undefined || seen === input.desired.composeRevision;
}

export function inRollout(instance: Instance, input: PlanInput): boolean {
  const { rollout } = input.policy;
  return rollout.kind === "progressing" && rollout.moved.includes(instance.service.name);
}

/**
 * Its rollout failed with nothing to go back to, or with nothing but what had failed before it, and no look since saw it
 * running: it failed, nobody stopped it.
 */
export function neverWell({ service, current }: Instance, { policy }: PlanInput): boolean {
  const { rollout, seen } = policy;
  if (rollout.kind !== "stalled" || seen[service.name] !== undefined) return false;
  // What others made may have been stopped long before a look could see it.
  const failedBefore = rollout.good === null && current !== null && current.definitionHash !== null;
  return !rollout.rolledBack || failedBefore;
}
