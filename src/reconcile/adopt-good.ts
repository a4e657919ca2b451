// When what runs becomes the good revision without a rollout of ours.
import type { ProjectMemory, Rollout } from "../core/model/index.ts";
import { isSound, retiredFrom } from "../core/plan/index.ts";
import type { ReconcileDeps } from "./deps.ts";
import { type Prepared, snapshot } from "./prepare.ts";
import { monitorMsOf } from "./watch.ts";

/**
 * A project that already is as it should be is its good revision: when it is seen for the first time, when the data
 * directory that held the revision was lost, and when what failed with nothing to go back to got well by itself.
 */
export async function adoptGood(
  prepared: Prepared,
  memory: ProjectMemory,
  deps: ReconcileDeps,
): Promise<void> {
  const { rollout } = memory;
  const project = prepared.target.desired.name;
  if (prepared.plan.held.length > 0) return;
  if (rollout.kind === "idle") {
    if (rollout.good !== null && (await deps.journal.loadRevision(project, rollout.good)) !== null) return;
  } else if (!gotWell(prepared, rollout, deps)) return;
  await deps.journal.saveRevision(await snapshot(prepared, memory, deps));
  const state = { kind: "idle", good: prepared.target.revision } as const;
  await deps.journal.append(project, { type: "rollout", state }, "durable");
  deps.attempts.succeeded(project);
  deps.progress({ kind: "rollout", project, rollout: state });
}

/** What failed runs now, all of it, and has for a whole monitor window. */
function gotWell(prepared: Prepared, rollout: Rollout, deps: ReconcileDeps): boolean {
  const { target, observed } = prepared;
  if (rollout.kind !== "stalled" || rollout.rolledBack || rollout.failed !== target.revision) return false;
  const names = target.desired.services.map((service) => service.name);
  const window = monitorMsOf(target.desired, names, deps.config.rollout.monitorMs);
  const now = deps.clock.now();
  // One that was started in what is now the future was started before the clock was set back.
  const isSteady = (startedAt: number): boolean => startedAt <= now - window || startedAt > now + window;
  return observed.containers
    .filter((c) => names.includes(c.service) && retiredFrom(c) === null)
    .every((c) => isSound(c) && c.health !== "starting" && isSteady(c.startedAt ?? 0));
}
