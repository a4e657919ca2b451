// Ready, Reconciling, Stalled: one answer each for "does it run as it should", "is anything being done", "is a person
// needed". A hold alone leaves Ready true: what runs goes on running, and the hold is shown at its service.
import type { Condition, Rollout } from "../model/index.ts";
import type { ServiceStatus } from "./types.ts";
import { rolloutStatus, wordList } from "./words.ts";

export interface ConditionInput {
  /** Where and why the compose files were refused, in one line; null when they are good. */
  readonly invalid: string | null;
  /** What could not be read of what is remembered, or null. */
  readonly damaged: string | null;
  /** Whether the engine was asked about this project at all. */
  readonly observed: boolean;
  readonly services: readonly ServiceStatus[];
  /** Services that may have ended with code 0: jobs. */
  readonly jobs: ReadonlySet<string>;
  readonly rollout: Rollout;
  readonly busy: boolean;
}

interface Verdict {
  readonly reason: string;
  readonly message: string;
}

/** The three conditions, always in the same order. */
export function projectConditions(input: ConditionInput): readonly Condition[] {
  const stalled = stalledBecause(input);
  return [readyCondition(input, stalled), reconcilingCondition(input), stalledCondition(stalled)];
}

function readyCondition(input: ConditionInput, stalled: Verdict | null): Condition {
  if (stalled !== null) return { type: "Ready", status: "False", ...stalled };
  if (isRolling(input.rollout)) return { type: "Ready", status: "Unknown", ...rolling(input.rollout) };
  if (!input.observed) {
    return {
      type: "Ready",
      status: "Unknown",
      reason: "NotLookedYet",
      message: "the engine was not asked yet",
    };
  }
  const broken = input.services.flatMap((service) => brokenBecause(service, input.jobs) ?? []);
  const [first] = broken;
  if (first !== undefined) {
    return {
      type: "Ready",
      status: "False",
      reason: first.reason,
      message: broken.map((one) => one.message).join("; "),
    };
  }
  return runsAsItShould(input.services);
}

function runsAsItShould(services: readonly ServiceStatus[]): Condition {
  if (services.length === 0) {
    return { type: "Ready", status: "True", reason: "Empty", message: "no service is switched on" };
  }
  const held = services.filter((one) => one.held !== null).map((one) => one.name);
  const count = services.length === 1 ? "1 service runs" : `${services.length} services run`;
  return held.length === 0
    ? { type: "Ready", status: "True", reason: "Converged", message: `${count} as the compose file says` }
    : {
        type: "Ready",
        status: "True",
        reason: "Held",
        message: `nothing is broken; held: ${wordList(held)}`,
      };
}

function brokenBecause(service: ServiceStatus, jobs: ReadonlySet<string>): Verdict | null {
  const { name, container, held } = service;
  // People first: what they stopped or removed is as they want it.
  if (held?.reason === "StoppedByHand" || held?.reason === "RemovedByHand") return null;
  if (service.replicas.desired === 0) return null;
  if (container === null) {
    const why = held === null ? "" : ` (held: ${held.reason})`;
    return { reason: "ServiceMissing", message: `${name} has no container${why}` };
  }
  if (container.state === "exited" && container.exitCode === 0 && jobs.has(name)) return null;
  if (container.state !== "running") {
    const code = container.state === "exited" ? ` with code ${container.exitCode}` : "";
    return { reason: "ServiceNotRunning", message: `${name} is ${container.state}${code}` };
  }
  if (container.health === "unhealthy")
    return { reason: "ServiceUnhealthy", message: `${name} is unhealthy` };
  if (container.health === "starting") {
    return { reason: "ServiceStarting", message: `${name} runs, its health is not known yet` };
  }
  const { desired, running } = service.replicas;
  if (running < desired) {
    return { reason: "ReplicaMissing", message: `${running} of ${desired} replicas of ${name} run` };
  }
  return null;
}

function reconcilingCondition(input: ConditionInput): Condition {
  if (isRolling(input.rollout)) return { type: "Reconciling", status: "True", ...rolling(input.rollout) };
  return input.busy
    ? { type: "Reconciling", status: "True", reason: "Looking", message: "looking at registries and engine" }
    : { type: "Reconciling", status: "False", reason: "Idle", message: "nothing to do" };
}

function stalledBecause(input: ConditionInput): Verdict | null {
  if (input.invalid !== null) return { reason: "ComposeInvalid", message: input.invalid };
  if (input.damaged !== null) return { reason: "StateUnreadable", message: input.damaged };
  if (input.rollout.kind === "stalled") {
    return {
      reason: input.rollout.rolledBack ? "RolledBack" : "RolloutFailed",
      message: rolloutStatus(input.rollout).message,
    };
  }
  // The one hold that no retry can end: the same credentials are not tried again.
  const refused = input.services.find((one) => one.held?.reason === "Unauthorized");
  if (refused?.held == null) return null;
  return { reason: "Unauthorized", message: `${refused.name}: ${refused.held.message}` };
}

function stalledCondition(stalled: Verdict | null): Condition {
  return stalled === null
    ? { type: "Stalled", status: "False", reason: "NothingStalled", message: "nobody is needed" }
    : { type: "Stalled", status: "True", ...stalled };
}

function isRolling(rollout: Rollout): boolean {
  return rollout.kind !== "idle" && rollout.kind !== "stalled";
}

function rolling(rollout: Rollout): Verdict {
  const reason = `${rollout.kind.charAt(0).toUpperCase()}${rollout.kind.slice(1)}`;
  return { reason, message: rolloutStatus(rollout).message };
}
