// How the old container gives up its name and its place, and the new one takes them: names, restart policy, stop.
import type { PlanBuilder } from "./builder.ts";
import { isUp, retiredFrom, retiredName } from "./instances.ts";
import { leaving, type Work } from "./work.ts";

/** Old out of its name, new into it: both still as they were, so this costs no downtime. */
export function takeOver(builder: PlanBuilder, work: Work, after: readonly number[]): number {
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
export function stopOld(builder: PlanBuilder, work: Work): void {
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

/** The same for one whose successor runs already. */
export function retire(builder: PlanBuilder, work: Work, after: readonly number[]): void {
  rename(builder, work, after);
  stopOld(builder, work);
}

/** The goal gets its final name, if it has it not; returns the step after which it has. */
export function takeName(builder: PlanBuilder, work: Work, after: readonly number[]): number {
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
