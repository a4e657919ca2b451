// The monitor window: what moved must keep running until it ends. Looks only; a failure is handed on.
import type {
  DesiredProject,
  FailureAction,
  ObservedContainer,
  ObservedProject,
  Rollout,
} from "../core/model/index.ts";
import { mayEnd, retiredFrom } from "../core/plan/index.ts";
import { judge } from "../core/rollout/index.ts";

export type Watch =
  | { readonly kind: "proven" }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "failed"; readonly service: string; readonly reason: string };

/** How often a window is looked at; engine events bring looks in between. */
const LOOK_EVERY_MS = 1000;

export interface WatchOptions {
  /** How long the window has been open. */
  readonly openMs: number;
  /** How long it is to be open. */
  readonly monitorMs: number;
  readonly healthTimeoutMs: number;
  /** What to do when this service fails; `continue` keeps it out of the judgement. */
  readonly actionOf: (service: string) => FailureAction;
}

/** Judges every container of the moved services. */
export function watch(
  rollout: Pick<Extract<Rollout, { kind: "monitoring" }>, "moved" | "jobs">,
  observed: ObservedProject,
  options: WatchOptions,
): Watch {
  let pending = false;
  for (const service of rollout.moved) {
    if (options.actionOf(service) === "continue") continue;
    const containers = observed.containers.filter((c) => c.service === service && retiredFrom(c) === null);
    for (const container of containers) {
      if (stoppedByHand(container)) continue;
      const mayComplete = rollout.jobs.includes(service);
      const verdict = judge(container, { mayComplete, restartsBefore: 0 });
      if (verdict.kind === "failed")
        return { kind: "failed", service, reason: `${container.name} ${verdict.reason}` };
      pending ||= verdict.kind === "pending";
    }
  }
  const left = options.monitorMs - options.openMs;
  if (left > 0) return { kind: "wait", ms: Math.min(left, LOOK_EVERY_MS) };
  if (!pending) return { kind: "proven" };
  if (-left < options.healthTimeoutMs) return { kind: "wait", ms: LOOK_EVERY_MS };
  return {
    kind: "failed",
    service: rollout.moved[0] ?? "",
    reason: "was not ready when the monitor window ended",
  };
}

/** The engine itself would have restarted it: only a person leaves such a container exited. */
function stoppedByHand(container: ObservedContainer): boolean {
  return container.state === "paused" || (container.state === "exited" && !mayEnd(container.restartPolicy));
}

/** The longest window any of these services asks for. */
export function monitorMsOf(desired: DesiredProject, moved: readonly string[], fallbackMs: number): number {
  const wishes = desired.services
    .filter((service) => moved.includes(service.name))
    .map((service) => service.rollout.monitorMs ?? fallbackMs);
  return Math.max(0, ...wishes);
}
