// What a look finds out before anything is changed: the images decided on, the plan, and the revision it would make.
import type {
  DesiredProject,
  ObservedProject,
  Plan,
  ProjectMemory,
  RevisionSnapshot,
} from "../core/model/index.ts";
import { renderPlan } from "../core/plan/index.ts";
import { revisionId } from "../core/rollout/index.ts";
import { planFor, policyFor, type Target } from "./converge.ts";
import { type Decisions, decideImages } from "./decisions.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Ground } from "./ground.ts";
import { snapshotOf } from "./record.ts";

export interface Prepared {
  readonly target: Target;
  readonly observed: ObservedProject;
  readonly plan: Plan;
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
  const freeBytes = await deps.host.freeBytes(ground.facts.dataRoot);
  const target = { revision: revisionId(desired, images), desired, images };
  const memory = deps.journal.memory(desired.name);
  const policy = policyFor(memory, ground, { ...wishes, decided: false, freeBytes }, deps);
  const plan = await planFor(target, observed, policy, deps);
  return { target, observed, plan, rendered: renderPlan(plan), retryAfterMs };
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
  return snapshotOf(target.revision, target.desired, target.images, observed, plan, goodRevision, now);
}
