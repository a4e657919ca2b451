// How the old container gives up its name and its place, and the new one takes them: names, restart policy, stop.
import type { PlanBuilder } from "./builder.ts";
import { isUp, retiredFrom, retiredName } from "./instances.ts";
import { leaving, type Work } from "./work.ts";

/** Old out of its name, new into it: both still as they were, so this costs no downtime where there is anything to lose. */
export function takeOver(builder: PlanBuilder, work: Work, after: readonly number[]): number {
  const renamed = rename(builder, work, after);
  return takeName(builder, work, [...after, renamed]);
}

function rename(builder: PlanBuilder, work: Work, after: readonly number[]): number {
  const old = leaving(work);
  if (old === null || retiredFrom(old) !== null) return 0;
  if (work.retiredStep !== 0) return work.retiredStep;
  // Between two lives of a container that ends over and over, engine 20.10 refuses to rename it.
  const ended = old.state === "restarting" ? end(builder, work, old.name, after) : 0;
  const args = { ref: old.id, from: old.name, to: retiredName(work.instance.finalName, old.id) };
  work.retiredStep = builder.add("renameContainer", args, {
    service: work.instance.service.name,
    after: [...after, ended].filter(Boolean),
    cause: "kept for the way back",
  });
  return work.retiredStep;
}

/** Forbids the old container to come back by itself, then stops it. Once per instance. */
export function stopOld(builder: PlanBuilder, work: Work): void {
  const old = leaving(work);
  if (old === null || work.retireDone) return;
  const name = retiredName(work.instance.finalName, old.id);
  const ended = end(builder, work, name, [work.retiredStep, work.goalStep]);
  if (ended !== 0) work.retiredStep = ended;
}

/** `name`: what the old one is called by then. Returns the last step; 0 where there is nothing to do. */
function end(builder: PlanBuilder, work: Work, name: string, after: readonly number[]): number {
  const old = leaving(work);
  if (old === null) return 0;
  work.retireDone = true;
  const service = work.instance.service.name;
  let last = 0;
  if (old.restartPolicy !== "no" && old.restartPolicy !== "") {
    const cause = "a retired container must not come back by itself";
    const options = { service, after: after.filter(Boolean), cause };
    last = builder.add("setRestartPolicy", { ref: old.id, name, policy: "no" }, options);
  }
  if (isUp(old)) {
    last = builder.add(
      "stopContainer",
      { ref: old.id, name, graceMs: old.stopGraceMs },
      {
        service,
        after: (last === 0 ? [...after] : [last, work.goalStep]).filter(Boolean),
        cause: `replaced by ${work.goal?.name ?? "its successor"}`,
      },
    );
  }
  return last;
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
