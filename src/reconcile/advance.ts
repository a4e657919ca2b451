// One full look at a project with no rollout under way: load, resolve, observe, plan, run.
import type {
  DesiredProject,
  FailureAction,
  ObservedProject,
  ProjectMemory,
  RevisionSnapshot,
} from "../core/model/index.ts";
import { renderPlan } from "../core/plan/index.ts";
import { revisionId } from "../core/rollout/index.ts";
import { planFor, policyFor, reasonOf, run, type Target } from "./converge.ts";
import { decideImages } from "./decisions.ts";
import type { ProjectView, ReconcileDeps } from "./deps.ts";
import type { Outcome } from "./executor.ts";
import { fail, goBack } from "./go-back.ts";
import type { Ground } from "./ground.ts";
import type { Request } from "./queue.ts";
import { snapshotOf, transition } from "./record.ts";
import { tidyImages } from "./tidy.ts";
import { monitorMsOf } from "./watch.ts";

export interface Prepared {
  readonly target: Target;
  readonly observed: ObservedProject;
  readonly plan: ReturnType<typeof planFor>;
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
  const { images, retryAfterMs } = await decideImages(desired, ground, wishes, deps);
  const freeBytes = await deps.host.freeBytes(ground.facts.dataRoot);
  const target = { revision: revisionId(desired, images), desired, images };
  const memory = deps.journal.memory(desired.name);
  const policy = policyFor(memory, ground, { force: wishes.force, decided: false, freeBytes }, deps);
  const plan = planFor(target, observed, policy);
  return { target, observed, plan, rendered: renderPlan(plan), retryAfterMs };
}

/** What a look ended in: ms until the next one is wanted (null: none), and whether the rollout failed. */
export interface Ended {
  readonly again: number | null;
  readonly failed: boolean;
}

/** Plans and runs; `publish` shows the look to the page before anything is changed. */
export async function advance(
  desired: DesiredProject,
  observed: ObservedProject,
  request: Request,
  ground: Ground,
  deps: ReconcileDeps,
  publish: (seen: Partial<ProjectView>) => void,
): Promise<Ended> {
  const { refresh, force, cause } = request.trigger;
  const prepared = await prepare(desired, observed, { refresh, force }, ground, deps);
  const { target, plan } = prepared;
  publish({ images: target.images, plan });
  const memory = deps.journal.memory(desired.name);
  if (isPaused(memory, target, desired, deps) && !force)
    return { again: prepared.retryAfterMs, failed: false };
  await saveTarget(prepared, memory, deps);
  if (plan.steps.length === 0) {
    await adoptGood(prepared, memory, deps);
    await tidyImages(target, ground, deps);
    return { again: prepared.retryAfterMs, failed: false };
  }
  const wait = force ? 0 : deps.attempts.waitMs(desired.name, target.revision, deps.clock.monotonic());
  if (wait > 0) return { again: wait, failed: false };
  deps.tidy.delete(desired.name);
  const outcome = await run(plan, target, cause, ground, deps);
  const ended = await settle(target, outcome, ground, deps);
  return { ...ended, again: ended.again ?? prepared.retryAfterMs };
}

/** After a plan ran: the monitor window begins, or what failed goes back. */
export async function settle(
  target: Target,
  outcome: Outcome,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Ended> {
  const project = target.desired.name;
  switch (outcome.kind) {
    case "interrupted":
      return { again: null, failed: false };
    case "failed": {
      const { step, error, touched } = outcome;
      const action = actionOf(target.desired, step.service, deps);
      const failure = { reason: reasonOf(step.service, error), culprit: step.service, action, touched };
      const pause = deps.attempts.failed(project, target.revision, deps.clock.monotonic());
      const state = await fail(project, failure, deps);
      if (state.kind !== "rollingBack") {
        deps.log.error({ project, code: error.code, message: error.message }, "stalled");
        return { again: action === "pause" ? null : pause, failed: true };
      }
      const done = await goBack(project, ground, deps);
      // What was not to blame is tried again; what was is in quarantine.
      return { again: done ? (touched ? 0 : pause) : RETRY_BACK_MS, failed: true };
    }
    case "done": {
      const { rollout } = deps.journal.memory(project);
      if (rollout.kind !== "progressing") return { again: null, failed: false };
      const monitorMs = monitorMsOf(target.desired, rollout.moved, deps.config.rollout.monitorMs);
      await transition(project, { kind: "planDone", until: deps.clock.now() + monitorMs }, deps);
      return { again: 0, failed: false };
    }
  }
}

/** Pause before the way back is tried again. */
export const RETRY_BACK_MS = 2000;

/** The service's own failure action, or the configured one. */
export function actionOf(
  desired: DesiredProject,
  service: string | null,
  deps: ReconcileDeps,
): FailureAction {
  const wish = desired.services.find((s) => s.name === service)?.rollout.failureAction ?? null;
  return wish ?? deps.config.rollout.failureAction;
}

/** `failure_action: pause`: the failed revision stays as it is until a person acts or another revision comes. */
function isPaused(
  memory: ProjectMemory,
  target: Target,
  desired: DesiredProject,
  deps: ReconcileDeps,
): boolean {
  const { rollout } = memory;
  if (rollout.kind !== "stalled" || rollout.rolledBack || rollout.failed !== target.revision) return false;
  return desired.services.some((service) => actionOf(desired, service.name, deps) === "pause");
}

/** The revision is on disk before the rollout that needs it begins. */
async function saveTarget(prepared: Prepared, memory: ProjectMemory, deps: ReconcileDeps): Promise<void> {
  if (prepared.plan.moved.length === 0 && !(await lacksGood(prepared, memory, deps))) return;
  await deps.journal.saveRevision(await snapshot(prepared, memory, deps));
}

async function snapshot(
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

/** A project that already is as it should be, seen for the first time, is the first good revision. */
async function adoptGood(prepared: Prepared, memory: ProjectMemory, deps: ReconcileDeps): Promise<void> {
  if (prepared.plan.held.length > 0 || !(await lacksGood(prepared, memory, deps))) return;
  const state = { kind: "idle", good: prepared.target.revision } as const;
  await deps.journal.append(prepared.target.desired.name, { type: "rollout", state }, "durable");
}

/** No revision has proved itself yet, or the data directory that held it was lost. */
async function lacksGood(prepared: Prepared, memory: ProjectMemory, deps: ReconcileDeps): Promise<boolean> {
  const { rollout } = memory;
  if (rollout.kind !== "idle") return false;
  return (
    rollout.good === null ||
    (await deps.journal.loadRevision(prepared.target.desired.name, rollout.good)) === null
  );
}
