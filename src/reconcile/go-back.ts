// What happens when a rollout failed: quarantine what moved, and put back what was replaced.
import type {
  DesiredService,
  FailureAction,
  ObservedProject,
  Plan,
  RevisionSnapshot,
  Rollout,
  RolloutOrder,
} from "../core/model/index.ts";
import { dependencyOrder, planRollback, renderPlan, startsFirst, swapBegun } from "../core/plan/index.ts";
import type { MovedService } from "../core/policy/index.ts";
import { runSteps, targetOf } from "./converge.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Ground } from "./ground.ts";
import { movedServices, quarantine, transition } from "./record.ts";

export interface Failure {
  readonly reason: string;
  /** The service whose step or watch failed; null when it was nobody's in particular. */
  readonly culprit: string | null;
  readonly action: FailureAction;
  /** Whether a running container had been touched; if not, the image is not to blame. */
  readonly touched: boolean;
  /** Whether the engine alone is to blame: it would not do what has nothing to do with any image. */
  readonly ofEngine?: boolean;
  /** Whether the board lacks what the service asks for: no image is to blame, but a file that asks for it anew is. */
  readonly ofBoard?: boolean;
}

type Moving = Extract<Rollout, { kind: "progressing" | "monitoring" | "rollingBack" }>;

/** Moves the rollout to `rollingBack` or `stalled` and quarantines what failed. Returns the new state. */
export async function fail(project: string, failure: Failure, deps: ReconcileDeps): Promise<Rollout> {
  const { rollout } = deps.journal.memory(project);
  if (rollout.kind !== "progressing" && rollout.kind !== "monitoring") return rollout;
  const { good, failed } = await revisionsOf(project, rollout, deps);
  const observed = await deps.engine.observe(project);
  const back = rollbackPlan(observed, rollout, good, failed, failure.reason, deps);
  const canGoBack = back.steps.length > 0;
  // A rollout that was taken up again had touched them before, in a life that is over.
  const touched = failure.touched || swapBegun(observed.containers);
  // What is paused stays as it is: a refusal would hold back the services that `apply` is to go on with.
  const toBlame = touched && failure.ofEngine !== true;
  const moved = failed === null ? [] : movedServices(rollout.moved, failed, good);
  if (toBlame && canGoBack && failure.action !== "pause" && !isExcused(failure, moved)) {
    await quarantine(project, moved, failure.culprit, failure.reason, deps.clock.now(), deps.journal);
  }
  deps.log.warn({ project, reason: failure.reason, action: failure.action }, "rollout failed");
  const { reason, action } = failure;
  return transition(project, { kind: "failed", reason, action, canGoBack }, deps);
}

/** A file that is as it was when all was well asks for nothing that the board did not have. */
function isExcused({ ofBoard, culprit }: Failure, moved: readonly MovedService[]): boolean {
  const fell = moved.find(({ service }) => service === culprit);
  return ofBoard === true && fell !== undefined && fell.definitionHash === null;
}

/** Runs the way back; true when it is done, false when it has to be tried again. */
export async function goBack(project: string, ground: Ground, deps: ReconcileDeps): Promise<boolean> {
  const { rollout } = deps.journal.memory(project);
  if (rollout.kind !== "rollingBack") return true;
  const { good, failed } = await revisionsOf(project, rollout, deps);
  const observed = await deps.engine.observe(project);
  const back = rollbackPlan(observed, rollout, good, failed, rollout.reason, deps);
  const target = good ?? failed;
  if (back.steps.length > 0 && target !== null) {
    const rendered = renderPlan(back);
    const revision = target.id;
    await deps.journal.append(project, { type: "plan", trigger: "rollback", revision, rendered }, "durable");
    const outcome = await runSteps(back, targetOf(target), rendered, ground, deps, true);
    if (outcome.kind === "interrupted") return false;
    if (outcome.kind === "failed") {
      deps.log.error({ project, step: outcome.step.kind, message: outcome.error.message }, "rollback failed");
      return false;
    }
  }
  deps.log.info({ project, reason: rollout.reason }, "rolled back");
  await transition(project, { kind: "rolledBack" }, deps);
  return true;
}

async function revisionsOf(project: string, rollout: Moving, deps: ReconcileDeps) {
  const failedId = rollout.kind === "rollingBack" ? rollout.failed : rollout.to;
  return {
    good: rollout.good === null ? null : await deps.journal.loadRevision(project, rollout.good),
    failed: await deps.journal.loadRevision(project, failedId),
  };
}

function rollbackPlan(
  observed: ObservedProject,
  rollout: Moving,
  good: RevisionSnapshot | null,
  failed: RevisionSnapshot | null,
  reason: string,
  deps: ReconcileDeps,
): Plan {
  const services = (failed ?? good)?.project.services ?? [];
  const before = new Map((good?.project.services ?? []).map((service) => [service.name, service]));
  return planRollback({
    observed,
    order: dependencyOrder(services).map((service) => service.name),
    fresh: good === null ? [] : rollout.moved.filter((name) => !before.has(name)),
    moved: rollout.moved,
    jobs: rollout.jobs,
    good: new Map([...before].map(([name, service]) => [name, goodOf(service.definitionHash, good, name)])),
    restart: new Map([...services, ...before.values()].map((service) => [service.name, service.restart])),
    startFirst: besideEachOther(services, before, deps.config.rollout.order),
    restarts: restartedAfter([...before.values()]),
    services: before,
    healthTimeoutMs: deps.config.rollout.healthTimeoutMs,
    reason,
  });
}

/** Services that are start-first now, and had nothing before that only one container can have. */
function besideEachOther(
  services: readonly DesiredService[],
  before: ReadonlyMap<string, DesiredService>,
  order: RolloutOrder,
): ReadonlySet<string> {
  const beside = services.filter((service) => {
    const old = before.get(service.name);
    return startsFirst(service, order) && (old === undefined || old.exclusive.length === 0);
  });
  return new Set(beside.map(({ name }) => name));
}

/** Service → dependents with `restart: true`. */
function restartedAfter(services: readonly DesiredService[]): ReadonlyMap<string, readonly string[]> {
  const restarts = new Map<string, string[]>();
  for (const { name, dependsOn } of services) {
    for (const { service, restart } of dependsOn) {
      if (restart) restarts.set(service, [...(restarts.get(service) ?? []), name]);
    }
  }
  return restarts;
}

function goodOf(definitionHash: string, good: RevisionSnapshot | null, service: string) {
  const image = good?.images[service];
  return { definitionHash, platformDigest: image?.kind === "pinned" ? image.image.platformDigest : null };
}
