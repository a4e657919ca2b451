// One full look at a project with no rollout under way: resolve, plan, run, and plan again without what cannot be made.
import type {
  BoardhandError,
  DesiredProject,
  DesiredService,
  FailureAction,
  ObservedProject,
  Plan,
  ProjectMemory,
  StepKind,
} from "../core/model/index.ts";
import { isOfBoard } from "../core/policy/index.ts";
import { adoptGood } from "./adopt-good.ts";
import { ANY_WORK, workOf } from "./attempts.ts";
import { reasonOf, run, type Target } from "./converge.ts";
import { type Decisions, decideImages } from "./decisions.ts";
import type { ProjectView, ReconcileDeps } from "./deps.ts";
import type { Outcome } from "./executor.ts";
import { fail, goBack } from "./go-back.ts";
import type { Ground } from "./ground.ts";
import { type Prepared, prepareOn, snapshot } from "./prepare.ts";
import type { Request } from "./queue.ts";
import { transition } from "./record.ts";
import { tidyImages } from "./tidy.ts";
import { monitorMsOf } from "./watch.ts";

/** What a look ended in. */
export interface Ended {
  /** ms until the next look is wanted; null: none is. */
  readonly again: number | null;
  /** Whether anything was run, so that what was observed before is no longer true. */
  readonly ran: boolean;
}

type Publish = (seen: Partial<ProjectView>) => void;

interface Tried extends Ended {
  /** Services that could not be made, nothing running having been touched, and why; null: no reason to go on. */
  readonly notCreated: ReadonlyMap<string, string> | null;
}

/**
 * Plans and runs; `publish` shows the look to the page before anything is changed. What cannot be made does not strand
 * the others: they are planned again without it, each time with one service less.
 */
export async function advance(
  desired: DesiredProject,
  observed: ObservedProject,
  request: Request,
  ground: Ground,
  deps: ReconcileDeps,
  publish: Publish,
): Promise<Ended> {
  // Asked once: what is planned again without a service is planned on the same images.
  const decisions = await decideImages(desired, ground, request.trigger, deps);
  let tried = await tryOnce(desired, observed, decisions, request, new Map(), ground, deps, publish);
  const ended = [tried];
  while (tried.notCreated !== null) {
    const now = await deps.engine.observe(desired.name);
    tried = await tryOnce(desired, now, decisions, request, tried.notCreated, ground, deps, publish);
    ended.push(tried);
  }
  const pauses = ended.flatMap(({ again }) => (again === null ? [] : [again]));
  return { again: pauses.length === 0 ? null : Math.min(...pauses), ran: ended.some(({ ran }) => ran) };
}

async function tryOnce(
  desired: DesiredProject,
  observed: ObservedProject,
  decisions: Decisions,
  request: Request,
  notCreated: ReadonlyMap<string, string>,
  ground: Ground,
  deps: ReconcileDeps,
  publish: Publish,
): Promise<Tried> {
  const { force, cause } = request.trigger;
  const prepared = await prepareOn(decisions, desired, observed, { force, notCreated }, ground, deps);
  const { target, plan } = prepared;
  const idle: Tried = { again: prepared.retryAfterMs, ran: false, notCreated: null };
  // Nothing is left to do without what failed: what was said about the failure stands.
  if (notCreated.size > 0 && plan.moved.length === 0) return idle;
  publish({ images: target.images, plan });
  const memory = deps.journal.memory(desired.name);
  if (isPaused(memory, target, desired, deps) && !force) return idle;
  if (plan.steps.length === 0) {
    // Which images are still needed is among what cannot be read.
    if (memory.damaged !== null) return idle;
    if (!deps.tidy.has(desired.name)) await adoptGood(prepared, memory, deps);
    await tidyImages(target, ground, deps);
    return idle;
  }
  const now = deps.clock.monotonic();
  const wait = force ? 0 : deps.attempts.waitMs(desired.name, target.revision, workOf(plan.steps), now);
  if (wait > 0) {
    // What fails again and again must not leave an image each time.
    await tidyImages(target, ground, deps);
    return { ...idle, again: wait };
  }
  deps.tidy.delete(desired.name);
  if (plan.moved.length > 0) await deps.journal.saveRevision(await snapshot(prepared, memory, deps));
  const outcome = await runWithin(prepared, cause, ground, deps);
  const ended = await settle(target, plan, outcome, ground, deps);
  // At once, and not with the next tick: where each tick brings an update, there would never be one for it.
  const inVain = outcome.kind === "failed" && !outcome.touched;
  if (inVain || (outcome.kind === "done" && plan.moved.length === 0)) await tidyImages(target, ground, deps);
  const failed = failedToMake(desired, outcome, notCreated);
  const over = deps.journal.memory(desired.name).rollout.kind === "stalled";
  return { ...ended, again: ended.again ?? prepared.retryAfterMs, notCreated: over ? failed : null };
}

/** Runs the plan with its room booked; a pull that runs out of it all the same is remembered. */
async function runWithin(
  { plan, target, needed, freeBytes }: Prepared,
  cause: string,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Outcome> {
  const { name } = target.desired;
  deps.space.book(name, needed);
  try {
    const outcome = await run(plan, target, cause, ground, deps);
    if (outcome.kind === "failed" && outcome.step.kind === "pullImage" && outcome.error.data.full === true)
      deps.space.noteRanOut(outcome.step.image.platformDigest, freeBytes ?? 0);
    return outcome;
  } finally {
    deps.space.release(name);
  }
}

/** The services that the failed step was for, beside those that failed before; null when it was none of them. */
function failedToMake(
  desired: DesiredProject,
  outcome: Outcome,
  before: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> | null {
  if (outcome.kind !== "failed" || outcome.touched) return null;
  const { step, error } = outcome;
  const uses = ({ name, networks, volumes }: DesiredService): boolean =>
    step.kind === "createNetwork"
      ? networks.includes(step.network)
      : step.kind === "createVolume"
        ? volumes.includes(step.volume)
        : name === step.service;
  const failed = desired.services.filter(uses).map(({ name }) => [name, error.message] as const);
  const all = new Map([...before, ...failed]);
  return all.size > before.size ? all : null;
}

/** After a plan ran: the monitor window begins, or what failed goes back. */
export async function settle(
  target: Target,
  plan: Plan,
  outcome: Outcome,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Ended> {
  const project = target.desired.name;
  switch (outcome.kind) {
    case "interrupted":
      return { again: null, ran: true };
    case "failed": {
      const { step, error, touched } = outcome;
      const action = actionOf(target.desired, step.service, deps);
      const ofEngine = isOfEngine(step.kind, error);
      const reason = reasonOf(step.service, error);
      const ofBoard = step.kind === "startContainer" && isOfBoard(String(error.data.reason ?? ""));
      const failure = { reason, culprit: step.service, action, touched, ofEngine, ofBoard };
      const state = await fail(project, failure, deps);
      // What was touched and stays as it failed must not be tried again by another way, such as a mere start.
      const work = touched && state.kind !== "rollingBack" ? ANY_WORK : workOf(plan.steps);
      const pause = deps.attempts.failed(project, target.revision, work, deps.clock.monotonic());
      if (state.kind !== "rollingBack") {
        deps.log.error({ project, code: error.code, message: error.message }, "stalled");
        return { again: action === "pause" ? null : pause, ran: true };
      }
      const done = await goBack(project, ground, deps);
      // What was not to blame is tried again; what was is in quarantine.
      return { again: done ? (touched && !ofEngine ? 0 : pause) : RETRY_BACK_MS, ran: true };
    }
    case "done": {
      const { rollout } = deps.journal.memory(project);
      if (rollout.kind !== "progressing") return { again: null, ran: true };
      const monitorMs = monitorMsOf(target.desired, rollout.moved, deps.config.rollout.monitorMs);
      await transition(project, { kind: "planDone", until: deps.clock.now() + monitorMs }, deps);
      return { again: 0, ran: true };
    }
  }
}

/** Whether a step of a swap failed without saying anything about the new image; a start that is refused may be its fault. */
function isOfEngine(kind: StepKind, error: BoardhandError): boolean {
  switch (kind) {
    case "renameContainer":
    case "setRestartPolicy":
    case "stopContainer":
    case "removeContainer":
      return true;
    case "awaitHealthy":
    case "awaitCompleted":
      return error.code === "E_ENGINE_REFUSED";
    default:
      return false;
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
