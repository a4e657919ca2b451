// A look at one project: what its rollout's state says comes first, then whatever is new. Level-triggered: the same
// code runs after a tick, a restart and a power cut, and starts from what the engine shows.
import {
  BoardhandError,
  type DesiredProject,
  type ObservedProject,
  type ProjectMemory,
  type Rollout,
} from "../core/model/index.ts";
import { renderPlan, retiredFrom } from "../core/plan/index.ts";
import { actionOf, advance, type Ended, RETRY_BACK_MS, settle } from "./advance.ts";
import { planFor, policyFor, runSteps, targetOf } from "./converge.ts";
import { emptyView, type ProjectView, type ReconcileDeps } from "./deps.ts";
import { fail, goBack } from "./go-back.ts";
import type { Ground } from "./ground.ts";
import type { ProjectSource } from "./load/index.ts";
import type { Request } from "./queue.ts";
import { rememberSeen, transition } from "./record.ts";
import { backByHand } from "./roll-back.ts";
import { watch } from "./watch.ts";

export interface Reconciler {
  /** Looks once; resolves with the ms until another look is wanted, or null. Never throws but for bugs. */
  look(source: ProjectSource, request: Request): Promise<number | null>;
  views(): readonly ProjectView[];
  view(project: string): ProjectView | null;
}

/** Pause before a look that found the engine gone is made again; asking for the ground itself waits until it is back. */
const ENGINE_RETRY_MS = 500;

export function createReconciler(deps: ReconcileDeps): Reconciler {
  const views = new Map<string, ProjectView>();
  const publish = (name: string, seen: Partial<ProjectView>): void => {
    views.set(name, { ...(views.get(name) ?? emptyView(name)), ...seen });
    deps.progress({ kind: "changed", project: name });
  };

  const look = async (source: ProjectSource, request: Request): Promise<number | null> => {
    const { name } = source;
    try {
      const ground = await deps.ground.get();
      const ended = await lookOnce(source, request, ground, deps, (seen) => publish(name, seen));
      publish(name, { trouble: null, lastLookAt: deps.clock.now() });
      return ended.again;
    } catch (error) {
      if (deps.signal.aborted) return null;
      if (!(error instanceof BoardhandError)) throw error;
      deps.log.warn({ project: name, code: error.code }, error.message);
      publish(name, { trouble: error.message, lastLookAt: deps.clock.now() });
      if (error.code !== "E_ENGINE_UNAVAILABLE") return null;
      deps.ground.lost();
      return ENGINE_RETRY_MS;
    }
  };

  return {
    look,
    views: () => [...views.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    view: (project) => views.get(project) ?? null,
  };
}

type Publish = (seen: Partial<ProjectView>) => void;

async function lookOnce(
  source: ProjectSource,
  request: Request,
  ground: Ground,
  deps: ReconcileDeps,
  publish: Publish,
): Promise<Ended> {
  const loaded = await deps.load(source);
  const observed = await deps.engine.observe(source.name);
  if (loaded.kind === "invalid") publish({ invalid: loaded.error, desired: null, observed, plan: null });
  else publish({ invalid: null, desired: loaded.project, warnings: loaded.warnings, observed });

  const desired = loaded.kind === "loaded" ? loaded.project : null;
  const rollout = await recover(source.name, desired, observed, deps);
  const ended = await underWay(source.name, rollout, desired, observed, request, ground, deps);
  if (ended !== null) return refreshed(ended, source.name, deps, publish);
  if (desired === null) return { again: null, failed: false };

  const now = await deps.engine.observe(source.name);
  await rememberSeen(desired, now, deps.journal);
  if (request.rollback !== null) {
    const back = await backByHand(desired, now, request.rollback, ground, deps);
    return refreshed(back, source.name, deps, publish);
  }
  const done = await advance(desired, now, request, ground, deps, publish);
  return refreshed(done, source.name, deps, publish);
}

/** The page shows what is there after the look, not before it. */
async function refreshed(
  ended: Ended,
  project: string,
  deps: ReconcileDeps,
  publish: Publish,
): Promise<Ended> {
  publish({ observed: await deps.engine.observe(project) });
  return ended;
}

/**
 * Retired containers without a rollout in the journal: the data directory was lost in the middle of one. What the
 * engine shows is taken for the truth, and the new containers get a fresh monitor window.
 */
async function recover(
  project: string,
  desired: DesiredProject | null,
  observed: ObservedProject,
  deps: ReconcileDeps,
): Promise<Rollout> {
  const { rollout } = deps.journal.memory(project);
  if (rollout.kind !== "idle" || rollout.good !== null || desired === null) return rollout;
  const moved = [
    ...new Set(observed.containers.filter((c) => retiredFrom(c) !== null).map((c) => c.service)),
  ].sort();
  if (moved.length === 0) return rollout;
  deps.log.warn({ project, moved }, "found a rollout that the journal does not know; watching it");
  const until = deps.clock.now() + deps.config.rollout.monitorMs;
  const state: Rollout = { kind: "monitoring", good: null, to: "unknown", moved, jobs: [], until };
  await deps.journal.append(project, { type: "rollout", state }, "durable");
  return state;
}

/** Deals with a rollout that is under way; null when there is none (any more) and a full look may follow. */
async function underWay(
  project: string,
  rollout: Rollout,
  desired: DesiredProject | null,
  observed: ObservedProject,
  request: Request,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Ended | null> {
  switch (rollout.kind) {
    case "idle":
    case "stalled":
      return null;
    case "progressing":
      return resume(project, rollout, observed, ground, deps);
    case "rollingBack": {
      const done = await goBack(project, ground, deps);
      return { again: done ? 0 : RETRY_BACK_MS, failed: true };
    }
    case "monitoring": {
      if (request.rollback !== null)
        return surrender(project, rollout.moved, "asked for by a person", ground, deps);
      return watchOnce(project, rollout, desired, observed, ground, deps);
    }
  }
}

/** The agent was stopped in the middle: goes on towards the revision that was decided on, without any registry. */
async function resume(
  project: string,
  rollout: Extract<Rollout, { kind: "progressing" }>,
  observed: ObservedProject,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Ended | null> {
  const snapshot = await deps.journal.loadRevision(project, rollout.to);
  if (snapshot === null) {
    deps.log.warn(
      { project, revision: rollout.to },
      "the revision of an interrupted rollout is lost; going back",
    );
    return surrender(project, [], "its revision was lost", ground, deps);
  }
  const target = targetOf(snapshot);
  const memory: ProjectMemory = deps.journal.memory(project);
  const policy = policyFor(memory, ground, { force: false, decided: true, freeBytes: null }, deps);
  const plan = planFor(target, observed, policy);
  const rendered = renderPlan(plan);
  const { revision } = target;
  await deps.journal.append(project, { type: "plan", trigger: "resume", revision, rendered }, "durable");
  const outcome = await runSteps(plan, target, rendered, ground, deps);
  return settle(target, outcome, ground, deps);
}

async function watchOnce(
  project: string,
  rollout: Extract<Rollout, { kind: "monitoring" }>,
  desired: DesiredProject | null,
  observed: ObservedProject,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Ended | null> {
  const { monitorMs, healthTimeoutMs, failureAction } = deps.config.rollout;
  const snapshot = await deps.journal.loadRevision(project, rollout.to);
  const services = snapshot?.project ?? desired;
  const seen = watch(rollout, observed, {
    now: deps.clock.now(),
    monitorMs: Math.max(monitorMs, ...(services?.services.map((s) => s.rollout.monitorMs ?? 0) ?? [])),
    healthTimeoutMs,
    actionOf: (service) => (services === null ? failureAction : actionOf(services, service, deps)),
  });
  switch (seen.kind) {
    case "wait":
      return { again: seen.ms, failed: false };
    case "failed": {
      const action = services === null ? failureAction : actionOf(services, seen.service, deps);
      const failure = { reason: seen.reason, culprit: seen.service, action, touched: true };
      const state = await fail(project, failure, deps);
      if (state.kind !== "rollingBack") return { again: null, failed: true };
      const done = await goBack(project, ground, deps);
      return { again: done ? 0 : RETRY_BACK_MS, failed: true };
    }
    case "proven":
      await transition(project, { kind: "proven" }, deps);
      deps.attempts.succeeded(project);
      deps.log.info({ project, revision: rollout.to }, "rollout proven");
      return null;
  }
}

async function surrender(
  project: string,
  moved: readonly string[],
  reason: string,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Ended> {
  const culprit = moved[0] ?? null;
  const state = await fail(project, { reason, culprit, action: "rollback", touched: true }, deps);
  if (state.kind !== "rollingBack") return { again: 0, failed: true };
  const done = await goBack(project, ground, deps);
  return { again: done ? 0 : RETRY_BACK_MS, failed: true };
}
