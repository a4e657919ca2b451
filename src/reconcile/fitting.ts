// Room for pulls: a plan is held against what is free only when it pulls, beside what other projects are about to pull.
import type { ObservedProject, Plan } from "../core/model/index.ts";
import { plan as makePlan, type PlanInput, type PlanPolicy, spaceFor } from "../core/plan/index.ts";
import { inputFor, type Target } from "./converge.ts";
import type { ReconcileDeps } from "./deps.ts";
import { freeForImages } from "./free-space.ts";
import type { Ground } from "./ground.ts";

export interface Fitting {
  readonly plan: Plan;
  /** Bytes that its pulls need. */
  readonly needed: number;
  /** Null when nothing is pulled, or when it cannot be told. */
  readonly freeBytes: number | null;
}

/** The plan without the pulls that do not fit. What is here of their layers is asked only when it decides. */
export async function planWithin(
  target: Target,
  observed: ObservedProject,
  policy: PlanPolicy,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Fitting> {
  const { store } = ground.facts;
  const project = observed.project;
  const given = await inputFor(target, observed, policy, deps);
  const first = makePlan(given);
  if (!first.steps.some((step) => step.kind === "pullImage"))
    return { plan: first, needed: 0, freeBytes: null };
  const free = await freeForImages(ground.facts, deps);
  if (free === null) return { plan: first, needed: spaceFor(first, store, []), freeBytes: null };
  const within = (layersHere: NonNullable<PlanInput["layersHere"]>): Fitting => {
    const freeBytes = Math.max(0, free.bytes - deps.space.bookedBeside(project));
    const plan = makePlan({ ...given, layersHere, policy: { ...policy, freeBytes } });
    return { plan, needed: spaceFor(plan, store, layersHere), freeBytes };
  };
  const careful = within([]);
  if (!careful.plan.held.some(({ reason }) => reason === "NotEnoughSpace")) return careful;
  return within(await deps.engine.imageLayers(observed.images.map(({ id }) => id)));
}
