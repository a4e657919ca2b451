// `boardhand rollback`: back to the revision before the good one, by digest, and quarantines the one left. Where a
// failed rollout was paused, the good one is what it goes back to.
import {
  BoardhandError,
  type DesiredProject,
  type ObservedProject,
  type RevisionSnapshot,
} from "../core/model/index.ts";
import { type Ended, settle } from "./advance.ts";
import { planFor, policyFor, run, type Target } from "./converge.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Ground } from "./ground.ts";
import { movedServices, quarantine } from "./record.ts";

/** Plans towards the previous good revision, or for `services` only towards their part of it. */
export async function backByHand(
  desired: DesiredProject,
  observed: ObservedProject,
  services: readonly string[],
  ground: Ground,
  deps: ReconcileDeps,
): Promise<Ended> {
  const project = desired.name;
  const memory = deps.journal.memory(project);
  const { rollout } = memory;
  const paused = rollout.kind === "stalled" && !rollout.rolledBack;
  const previous = await revision(project, paused ? rollout.good : memory.previousGood, deps);
  const left = await revision(project, paused ? rollout.failed : rollout.good, deps);
  if (previous === null || left === null) {
    throw new BoardhandError(
      "E_NOTHING_TO_ROLL_BACK",
      `${project} has no earlier good revision to go back to`,
      {
        hint: "a revision is kept once it has proved itself and was replaced by another one",
      },
    );
  }
  const target = merged(left, previous, services);
  const names = target.desired.services.map((s) => s.name);
  const going = {
    id: target.revision,
    project: target.desired,
    images: Object.fromEntries(target.images),
    madeAt: 0,
  };
  const changed = movedServices(names, left, going).filter(
    (m) => m.platformDigest !== null || m.definitionHash !== null,
  );
  for (const moved of changed) {
    await quarantine(
      project,
      [moved],
      moved.service,
      "rolled back by a person",
      deps.clock.now(),
      deps.journal,
    );
  }
  await deps.journal.saveRevision({ ...going, madeAt: deps.clock.now() });
  const policy = policyFor(memory, ground, { force: true, decided: true }, deps);
  const plan = await planFor(target, observed, policy, deps);
  if (plan.steps.length === 0) return { again: null, ran: false };
  const outcome = await run(plan, target, "rollback by hand", ground, deps);
  return settle(target, plan, outcome, ground, deps);
}

async function revision(
  project: string,
  id: string | null,
  deps: ReconcileDeps,
): Promise<RevisionSnapshot | null> {
  return id === null ? null : deps.journal.loadRevision(project, id);
}

/** The left revision with the named services (none named: all) as they were in the previous one. */
function merged(left: RevisionSnapshot, previous: RevisionSnapshot, services: readonly string[]): Target {
  if (services.length === 0) {
    return {
      revision: previous.id,
      desired: previous.project,
      images: new Map(Object.entries(previous.images)),
    };
  }
  const images = { ...left.images };
  const merged = left.project.services.map((service) => {
    const before = previous.project.services.find((s) => s.name === service.name);
    if (before === undefined || !services.includes(service.name)) return service;
    const image = previous.images[service.name];
    if (image !== undefined) images[service.name] = image;
    return before;
  });
  const suffix = [...services].sort().join("-");
  return {
    revision: `${previous.id}-${suffix}`.slice(0, 60),
    desired: { ...left.project, services: merged },
    images: new Map(Object.entries(images)),
  };
}
