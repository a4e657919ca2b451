// The daemon's progress as log lines: what is done and what failed, not every byte.
import { renderPlan } from "../core/plan/index.ts";
import type { Log, ProgressSink } from "../ports/index.ts";

export function progressLog(log: Log): ProgressSink {
  return (event) => {
    switch (event.kind) {
      case "planned":
        log.info({ project: event.project, steps: event.plan.steps.length }, "plan");
        log.debug({ project: event.project }, renderPlan(event.plan));
        return;
      case "stepDone":
        log.info({ project: event.project, service: event.step.service, ms: event.ms }, event.step.kind);
        return;
      case "stepFailed":
        log.warn(
          { project: event.project, service: event.step.service, step: event.step.kind },
          event.message,
        );
        return;
      case "rollout":
        log.info({ project: event.project, state: event.rollout.kind }, "rollout");
        return;
      case "step":
      case "pull":
      case "changed":
        return;
    }
  };
}
