// Plans towards a revision and runs the plan: the one road by which containers change.
import type {
  BoardhandError,
  ContainerDetails,
  DesiredProject,
  ImageDecision,
  ObservedProject,
  Plan,
  ProjectMemory,
  RevisionSnapshot,
  ServiceFile,
  Step,
} from "../core/model/index.ts";
import {
  comparedByField,
  plan as makePlan,
  type PlanInput,
  type PlanPolicy,
  renderPlan,
  withoutOwnService,
} from "../core/plan/index.ts";
import type { PullProgress } from "../ports/index.ts";
import type { ReconcileDeps } from "./deps.ts";
import { execute, type Outcome } from "./executor.ts";
import type { Ground } from "./ground.ts";
import { transition } from "./record.ts";

/** Engines from API 1.44 on take several networks in the create call. */
const MULTI_NETWORK_API = 44;

export interface Target {
  readonly revision: string;
  readonly desired: DesiredProject;
  readonly images: ReadonlyMap<string, ImageDecision>;
}

export function targetOf(snapshot: RevisionSnapshot): Target {
  return {
    revision: snapshot.id,
    desired: snapshot.project,
    images: new Map(Object.entries(snapshot.images)),
  };
}

export interface PolicyWishes {
  readonly force: boolean;
  /** Going on with, or back to, a revision that was already decided on: quarantine and suspension do not apply. */
  readonly decided: boolean;
  /** Services that could not be made in this look, and why. */
  readonly notCreated?: ReadonlyMap<string, string>;
}

/** The policy that counts now, from configuration and memory. */
export function policyFor(
  memory: ProjectMemory,
  ground: Ground,
  wishes: PolicyWishes,
  deps: ReconcileDeps,
): PlanPolicy {
  const { rollout, drift, orphans, images } = deps.config;
  return {
    rollout: memory.rollout,
    suspended: memory.suspended && !wishes.decided,
    damaged: wishes.decided ? null : memory.damaged,
    force: wishes.force,
    drift,
    orphans,
    order: rollout.order,
    failureAction: rollout.failureAction,
    monitorMs: rollout.monitorMs,
    healthTimeoutMs: rollout.healthTimeoutMs,
    quarantine: wishes.decided ? [] : memory.quarantine,
    seen: memory.seen,
    away: deps.ground.away(),
    apiVersion: ground.facts.apiVersion,
    multiNetworkCreate: Number(ground.facts.apiVersion.split(".")[1]) >= MULTI_NETWORK_API,
    notCreated: wishes.notCreated ?? new Map(),
    freeBytes: null,
    minFreeBytes: images.minFreeSpaceBytes,
    store: ground.facts.store,
    ranOut: deps.space.ranOut,
  };
}

/** The plan towards what was decided on before: whether it fits on the disk was asked then. */
export async function planFor(
  target: Target,
  observed: ObservedProject,
  policy: PlanPolicy,
  deps: Pick<ReconcileDeps, "engine" | "own">,
): Promise<Plan> {
  return makePlan(await inputFor(target, observed, policy, deps));
}

/** What is planned from, after a closer look at containers whose docker compose hash is in no known dialect. */
export async function inputFor(
  { desired, images }: Target,
  observed: ObservedProject,
  policy: PlanPolicy,
  { engine, own }: Pick<ReconcileDeps, "engine" | "own">,
): Promise<PlanInput> {
  const wanted = withoutOwnService(desired, await own());
  const ids = comparedByField(wanted, observed);
  const details = ids.length === 0 ? new Map<string, ContainerDetails>() : await engine.details(ids);
  return { desired: wanted, images, observed, details, policy };
}

/** Journals and runs a plan that is not empty. The rollout's state says `progressing` before the first step. */
export async function run(
  plan: Plan,
  target: Target,
  trigger: string,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Outcome> {
  const project = target.desired.name;
  const rendered = renderPlan(plan);
  const { revision } = target;
  await deps.journal.append(project, { type: "plan", trigger, revision, rendered }, "durable");
  if (plan.moved.length > 0) {
    await transition(project, { kind: "planned", revision, moved: plan.moved, jobs: plan.jobs }, deps);
  }
  return runSteps(plan, target, rendered, ground, deps);
}

/** Runs the steps of an already journalled plan; `toTheEnd` where a stop of the agent must not cut it off. */
export async function runSteps(
  plan: Plan,
  target: Target,
  rendered: string,
  ground: Ground,
  deps: ReconcileDeps,
  toTheEnd = false,
): Promise<Outcome> {
  const { progress, journal } = deps;
  progress({ kind: "planned", project: plan.project, plan, rendered });
  const context = {
    engine: deps.engine,
    credentials: deps.credentials,
    clock: deps.clock,
    log: deps.log,
    facts: ground.facts,
    desired: target.desired,
    revision: target.revision,
    textOf: (kind: ServiceFile["kind"], source: string) => deps.texts.of(plan.project, kind, source),
    created: new Map<number, string>(),
    signal: deps.signal,
    onPull: (step: Step, pulled: PullProgress) =>
      progress({ kind: "pull", project: plan.project, step, progress: pulled }),
  };
  return execute(plan, context, { journal, progress, toTheEnd });
}

/** The reason of a failure in the words of the journal and the page. */
export function reasonOf(service: string | null, error: BoardhandError): string {
  return service === null || error.message.includes(service) ? error.message : `${service}: ${error.message}`;
}
