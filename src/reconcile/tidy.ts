// Removes images of earlier revisions once nothing is under way: after each rollout, and once after a start.

import type { RevisionSnapshot } from "../core/model/index.ts";
import { planObsolete, renderPlan } from "../core/plan/index.ts";
import { runSteps, type Target } from "./converge.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Ground } from "./ground.ts";

export async function tidyImages(target: Target, ground: Ground, deps: ReconcileDeps): Promise<void> {
  const project = target.desired.name;
  const { rollout, previousGood } = deps.journal.memory(project);
  const { keep, prune } = deps.config.images;
  const settled = rollout.kind === "idle" || (rollout.kind === "stalled" && rollout.rolledBack);
  if (!settled || rollout.good === null) return;
  deps.tidy.add(project);
  if (!prune) return;
  const revisions: RevisionSnapshot[] = [];
  for (const id of await deps.journal.revisions(project)) {
    const snapshot = await deps.journal.loadRevision(project, id);
    if (snapshot !== null) revisions.push(snapshot);
  }
  revisions.sort((a, b) => b.madeAt - a.madeAt || (a.id < b.id ? -1 : 1));
  const needed = [rollout.good, ...(keep > 0 && previousGood !== null ? [previousGood] : [])];
  const { images } = await deps.engine.observe(project);
  const plan = planObsolete({ project, revisions, needed, keep, images });
  if (plan.steps.length === 0) return;
  const rendered = renderPlan(plan);
  const { revision } = target;
  await deps.journal.append(project, { type: "plan", trigger: "tidy", revision, rendered }, "durable");
  await runSteps(plan, target, rendered, ground, deps);
}
