// A rollout that is under way: finished, watched or undone before anything new is looked at.
import type { DesiredProject, ObservedProject, Plan, Rollout } from "../core/model/index.ts";
import { endedWhileAway, renderPlan, retiredFrom, takingPart } from "../core/plan/index.ts";
import { actionOf, type Ended, RETRY_BACK_MS, settle } from "./advance.ts";
import { ANY_WORK } from "./attempts.ts";
import { planFor, policyFor, runSteps, type Target, targetOf } from "./converge.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Outcome } from "./executor.ts";
import { fail, goBack } from "./go-back.ts";
import type { Ground } from "./ground.ts";
import { prepare, snapshot } from "./prepare.ts";
import type { Request } from "./queue.ts";
import { transition } from "./record.ts";
import { monitorMsOf, watch } from "./watch.ts";

/** Deals with a rollout that is under way; null when there is none (any more) and a full look may follow. */
export async function underWay(
  project: string,
  desired: DesiredProject | null,
  observed: ObservedProject,
  request: Request,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Ended | null> {
  const { rollout } = deps.journal.memory(project);
  switch (rollout.kind) {
    case "idle":
    case "stalled":
      return null;
    case "progressing":
      return resume(project, rollout, observed, ground, deps);
    case "rollingBack":
      return back(project, ground, deps);
    case "monitoring":
      if (request.rollback === null) return watchOnce(project, rollout, desired, observed, ground, deps);
      return surrender(project, "asked for by a person", rollout.moved[0] ?? null, ground, deps);
  }
}

/**
 * Retired containers without a rollout in the journal: the data directory was lost in the middle of one, or a part of
 * it. What the engine shows is taken for the truth: the rollout is taken up as it stands, and its end gets a fresh monitor
 * window. Where something is left that cannot be read, it goes back instead.
 */
export async function recover(
  desired: DesiredProject,
  observed: ObservedProject,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<void> {
  const project = desired.name;
  const memory = deps.journal.memory(project);
  if (memory.rollout.kind !== "idle" || (memory.rollout.good !== null && memory.damaged === null)) return;
  const moved = takingPart(observed.containers);
  if (moved.length === 0) return;
  deps.log.warn({ project, moved }, "found a rollout that the journal does not know; taking it up");
  const prepared = await prepare(desired, observed, { refresh: false, force: false }, ground, deps);
  await deps.journal.saveRevision(await snapshot(prepared, memory, deps));
  const { revision } = prepared.target;
  await transition(project, { kind: "planned", revision, moved, jobs: [] }, deps);
  if (memory.damaged === null) return;
  // What is new may have been refused in what cannot be read: only the old is known to be good.
  const reason = "its journal is damaged";
  await fail(project, { reason, culprit: null, action: "rollback", touched: true }, deps);
}

/** The agent was stopped in the middle: goes on towards the revision that was decided on, without any registry. */
async function resume(
  project: string,
  rollout: Extract<Rollout, { kind: "progressing" }>,
  observed: ObservedProject,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Ended> {
  const revision = await deps.journal.loadRevision(project, rollout.to);
  if (revision === null) {
    deps.log.warn(
      { project, revision: rollout.to },
      "the revision of an interrupted rollout is lost; going back",
    );
    return surrender(project, "its revision was lost", null, ground, deps);
  }
  const target = targetOf(revision);
  const { plan, outcome } = await goOn(project, target, observed, ground, deps);
  return settle(target, plan, outcome, ground, deps);
}

/** Runs what is left to do towards what was decided on. */
async function goOn(
  project: string,
  target: Target,
  observed: ObservedProject,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<{ readonly plan: Plan; readonly outcome: Outcome }> {
  const memory = deps.journal.memory(project);
  const policy = policyFor(memory, ground, { force: false, decided: true }, deps);
  const plan = await planFor(target, observed, policy, deps);
  const rendered = renderPlan(plan);
  const entry = { type: "plan", trigger: "resume", revision: target.revision, rendered } as const;
  await deps.journal.append(project, entry, "durable");
  return { plan, outcome: await runSteps(plan, target, rendered, ground, deps) };
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
  const revision = await deps.journal.loadRevision(project, rollout.to);
  if (revision !== null && endedByEngine(rollout, observed, deps))
    return startAgain(project, targetOf(revision), observed, ground, deps);
  const services = revision?.project ?? desired;
  const action = (service: string) => (services === null ? failureAction : actionOf(services, service, deps));
  const seen = watch(rollout, observed, {
    openMs: deps.windows.openMs(project, `${rollout.to} ${rollout.until}`, deps.clock.monotonic()),
    monitorMs: services === null ? monitorMs : monitorMsOf(services, rollout.moved, monitorMs),
    healthTimeoutMs,
    actionOf: action,
  });
  if (seen.kind !== "wait") deps.windows.close(project);
  switch (seen.kind) {
    case "wait":
      return { again: seen.ms, ran: false };
    case "failed": {
      const { service, reason } = seen;
      const failure = { reason, culprit: service, action: action(service), touched: true };
      const state = await fail(project, failure, deps);
      if (state.kind === "rollingBack") return back(project, ground, deps);
      const pause = deps.attempts.failed(project, rollout.to, ANY_WORK, deps.clock.monotonic());
      return { again: failure.action === "pause" ? null : pause, ran: true };
    }
    case "proven":
      await transition(project, { kind: "proven" }, deps);
      deps.attempts.succeeded(project);
      deps.log.info({ project, revision: rollout.to }, "rollout proven");
      return null;
  }
}

/** Whether something that moved stands still because the engine went away: no failure of what was rolled out. */
function endedByEngine(
  { moved, jobs }: Extract<Rollout, { kind: "monitoring" }>,
  { containers }: ObservedProject,
  deps: ReconcileDeps,
): boolean {
  return containers.some(
    (c) =>
      moved.includes(c.service) &&
      retiredFrom(c) === null &&
      c.state === "exited" &&
      !(jobs.includes(c.service) && c.exitCode === 0) &&
      endedWhileAway(c, { away: deps.ground.away() }),
  );
}

/** In the middle of its monitor window: the window goes on, and judges what comes of the start. */
async function startAgain(
  project: string,
  target: Target,
  observed: ObservedProject,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Ended> {
  const { plan, outcome } = await goOn(project, target, observed, ground, deps);
  const ended = await settle(target, plan, outcome, ground, deps);
  return outcome.kind === "done" ? { again: 0, ran: true } : ended;
}

/** Gives a rollout up for a reason that is no container's fault. */
async function surrender(
  project: string,
  reason: string,
  culprit: string | null,
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Ended> {
  const state = await fail(project, { reason, culprit, action: "rollback", touched: true }, deps);
  return state.kind === "rollingBack" ? back(project, ground, deps) : { again: 0, ran: true };
}

async function back(project: string, ground: Ground, deps: ReconcileDeps): Promise<Ended> {
  const done = await goBack(project, ground, deps);
  return { again: done ? 0 : RETRY_BACK_MS, ran: true };
}
