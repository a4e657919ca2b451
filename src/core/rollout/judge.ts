// What one look at a container says about it: well, not yet, or failed. A container that restarts is not running:
// its restart count decides, not the state it happens to be in at the moment of the look.
import type { InspectedContainer } from "../model/index.ts";

export type Judgement =
  | { readonly kind: "well" }
  | { readonly kind: "pending" }
  | { readonly kind: "failed"; readonly reason: string };

export interface JudgeOptions {
  /** A one-shot job: exit code 0 is well. */
  readonly mayComplete: boolean;
  /** Restarts it had before this rollout looked at it; a fresh container has 0. */
  readonly restartsBefore: number;
}

/** Judges a container that was started by a rollout; null stands for one that has vanished. */
export function judge(container: InspectedContainer | null, options: JudgeOptions): Judgement {
  if (container === null) return failed("its container has vanished");
  const { restartCount, state, exitCode, health } = container;
  if (restartCount > options.restartsBefore) {
    return failed(`restarted ${restartCount - options.restartsBefore} times, last exit code ${exitCode}`);
  }
  switch (state) {
    case "restarting":
      return failed(`keeps restarting, last exit code ${exitCode}`);
    case "created":
      return container.error === "" ? { kind: "pending" } : failed(container.error);
    case "running":
      if (health === "unhealthy") return failed(unhealthy(container));
      return health === "starting" ? { kind: "pending" } : { kind: "well" };
    case "paused":
      return { kind: "pending" };
    case "exited":
      if (options.mayComplete && exitCode === 0) return { kind: "well" };
      return failed(exited(container));
    case "removing":
    case "dead":
      return failed(`is ${state}`);
  }
}

function exited(container: InspectedContainer): string {
  const words = container.error === "" ? "" : `: ${container.error}`;
  return `exited with code ${container.exitCode}${words}`;
}

function unhealthy(container: InspectedContainer): string {
  return container.healthOutput === "" ? "is unhealthy" : `is unhealthy: ${container.healthOutput}`;
}

function failed(reason: string): Judgement {
  return { kind: "failed", reason };
}
