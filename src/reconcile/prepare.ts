// What a look finds out before anything is changed: the images decided on, the plan, and the revision it would make.
import type {
  DesiredProject,
  ObservedProject,
  ProjectMemory,
  RevisionSnapshot,
} from "../core/model/index.ts";
import { broughtBy, broughtWith, renderPlan } from "../core/plan/index.ts";
import { revisionId } from "../core/rollout/index.ts";
import { policyFor, type Target } from "./converge.ts";
import { type Decisions, decideImages } from "./decisions.ts";
import type { ReconcileDeps } from "./deps.ts";
import { type Fitting, planWithin } from "./fitting.ts";
import type { Ground } from "./ground.ts";
import { snapshotOf } from "./record.ts";

export interface Prepared extends Fitting {
  readonly target: Target;
  readonly observed: ObservedProject;
  readonly rendered: string;
  readonly retryAfterMs: number | null;
}

/** Everything of a look that changes nothing: what `plan` prints and `apply` would do. */
export async function prepare(
  desired: DesiredProject,
  observed: ObservedProject,
  wishes: { readonly refresh: boolean; readonly force: boolean },
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Prepared> {
  const decisions = await decideImages(desired, ground, wishes, deps);
  return prepareOn(decisions, desired, observed, { force: wishes.force }, ground, deps);
}

/** The same on images that were decided on before in this look. */
export async function prepareOn(
  { images, retryAfterMs }: Decisions,
  desired: DesiredProject,
  observed: ObservedProject,
  wishes: { readonly force: boolean; readonly notCreated?: ReadonlyMap<string, string> },
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Prepared> {
  const target = { revision: revisionId(desired, images), desired, images };
  const memory = deps.journal.memory(desired.name);
  const policy = policyFor(memory, ground, { ...wishes, decided: false }, deps);
  const fitting = await planWithin(target, observed, policy, ground, deps);
  const prepared = { target, observed, ...fitting, rendered: renderPlan(fitting.plan), retryAfterMs };
  if (fitting.plan.held.length === 0) return prepared;
  const real = await snapshot(prepared, memory, deps);
  return { ...prepared, target: { ...target, revision: realId(real) } };
}

/**
 * Named after what will run, not after what is offered: the revision that moves what is held now must be another one, or it
 * would be its own good revision, with nothing to quarantine when it fails.
 */
function realId({ project, images }: RevisionSnapshot): string {
  return revisionId(project, new Map(Object.entries(images)));
}

/** What the plan will really make run. */
export async function snapshot(
  prepared: Prepared,
  memory: ProjectMemory,
  deps: ReconcileDeps,
): Promise<RevisionSnapshot> {
  const { target, observed, plan } = prepared;
  const { good } = memory.rollout;
  const goodRevision = good === null ? null : await deps.journal.loadRevision(target.desired.name, good);
  const now = deps.clock.now();
  const made = snapshotOf(target.revision, target.desired, target.images, observed, plan, goodRevision, now);
  const before = await deps.journal.revisions(target.desired.name);
  return { ...made, brought: broughtWith(broughtBy(before, observed.images), plan) };
}
