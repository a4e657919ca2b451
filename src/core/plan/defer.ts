// The order of work after a first deployment failed: what failed is tried again last, so that it does not keep the
// others waiting for ever.
import type { PlanInput } from "./input.ts";
import type { Work } from "./work.ts";

/** The same works, those that failed before and what depends on them last; `works` is in dependency order. */
export function failedLast(works: readonly Work[], input: PlanInput): readonly Work[] {
  const later = deferred(works, input);
  const isLater = (work: Work) => later.has(work.instance.service.name);
  return [...works.filter((work) => !isLater(work)), ...works.filter(isLater)];
}

/** The services that failed before, and what depends on them. */
export function deferred(works: readonly Work[], input: PlanInput): ReadonlySet<string> {
  const { rollout } = input.policy;
  const later = new Set<string>();
  if (rollout.kind !== "stalled" || rollout.rolledBack) return later;
  for (const work of works) {
    const { name, dependsOn, sharesWith } = work.instance.service;
    const waitsFor = [...dependsOn.map((dependency) => dependency.service), ...sharesWith];
    if (failedBefore(work) || waitsFor.some((service) => later.has(service))) later.add(name);
  }
  return later;
}

/** It ended, or the engine could not start it; one that was merely never reached has no error. */
function failedBefore({ verdict }: Work): boolean {
  if (verdict.kind !== "finish" || verdict.old !== null) return false;
  return verdict.goal.state === "exited" || verdict.goal.error !== "";
}
