// What a service waits for: its dependencies before anything of it is touched, and its own health after its start.
import type { Dependency, DependencyCondition, DesiredService, ObservedContainer } from "../model/index.ts";
import type { PlanBuilder } from "./builder.ts";
import type { PlanInput } from "./input.ts";
import { isCompleted, isUp, mayEnd } from "./instances.ts";
import { leaving, type Work } from "./work.ts";

/** Dependencies that this plan does not move must be as the conditions say before anything is touched. */
export function awaitDependencies(
  builder: PlanBuilder,
  input: PlanInput,
  work: Work,
  works: readonly Work[],
): readonly number[] {
  const waits: number[] = [];
  for (const dependency of work.instance.service.dependsOn) {
    for (const other of works.filter((w) => w.instance.service.name === dependency.service)) {
      if (other.readyStep !== 0) waits.push(other.readyStep);
      else if (other.goal?.container != null) {
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
  dependency: Dependency,
): number {
  const options = {
    service: work.instance.service.name,
    cause: `depends on ${dependency.service}: ${dependency.condition}`,
    required: dependency.required,
  };
  if (isMet(container, dependency.condition)) return 0;
  const target = { ref: container.id, name: container.name, timeoutMs: input.policy.healthTimeoutMs };
  if (dependency.condition === "service_completed_successfully") {
    return builder.add("awaitCompleted", target, options);
  }
  return builder.add("awaitHealthy", { ...target, settleMs: 0, mayComplete: false }, options);
}

/** Whether a dependency that nobody moves needs no waiting for. */
export function isMet(container: ObservedContainer, condition: DependencyCondition): boolean {
  if (condition === "service_started") return true;
  if (condition === "service_completed_successfully") return isCompleted(container);
  return container.state === "running" && container.health === "healthy";
}

/** The proof that a started container is well, or for a job that others wait for, that it ended well. */
export function gate(
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
