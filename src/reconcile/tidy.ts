// Removes images of earlier revisions once nothing is under way: after each rollout, and once after a start.
import type { ProjectMemory, RevisionSnapshot } from "../core/model/index.ts";
import { broughtBy, planObsolete, renderPlan } from "../core/plan/index.ts";
import type { Journal } from "../ports/index.ts";
import { runSteps, type Target } from "./converge.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Ground } from "./ground.ts";

/** Does nothing for a project that was tidied since its last rollout, or that has one under way. */
export async function tidyImages(target: Target, ground: Ground, deps: ReconcileDeps): Promise<void> {
  const project = target.desired.name;
  const { rollout, quarantine } = deps.journal.memory(project);
  const { keep, prune } = deps.config.images;
  if (deps.tidy.has(project) || (rollout.kind !== "idle" && rollout.kind !== "stalled")) return;
  // What is not settled is looked at again: an image more may have been pulled in vain.
  const settled = rollout.good !== null && (rollout.kind === "idle" || rollout.rolledBack);
  if (settled) deps.tidy.add(project);
  if (!prune) return;
  const revisions = await deps.journal.revisions(project);
  const { images } = await deps.engine.observe(project);
  const brought = broughtBy(revisions, images);
  if (brought.length === 0) return;
  const failed = new Set(quarantine.flatMap(({ platformDigest }) => platformDigest ?? []));
  const needed = await neededRevisions(keep, deps.journal);
  const used = await deps.engine.usedImages();
  const plan = planObsolete({ project, brought, needed, keep, failed, images, used });
  if (plan.steps.length === 0) return;
  const rendered = renderPlan(plan);
  const { revision } = target;
  await deps.journal.append(project, { type: "plan", trigger: "tidy", revision, rendered }, "durable");
  await runSteps(plan, target, rendered, ground, deps);
}

/** Of all projects: one may run, or go back to, what another has pulled. */
async function neededRevisions(keep: number, journal: Journal): Promise<readonly RevisionSnapshot[]> {
  const needed: RevisionSnapshot[] = [];
  for (const project of journal.projects())
    for (const id of neededIds(journal.memory(project), keep)) {
      const snapshot = await journal.loadRevision(project, id);
      if (snapshot !== null) needed.push(snapshot);
    }
  return needed;
}

function neededIds({ rollout, previousGood }: ProjectMemory, keep: number): readonly string[] {
  const ids = [rollout.good, keep > 0 ? previousGood : null];
  if (rollout.kind === "progressing" || rollout.kind === "monitoring") ids.push(rollout.to);
  if (rollout.kind === "rollingBack") ids.push(rollout.failed);
  // What failed with nothing undone is tried again, or runs as it failed.
  if (rollout.kind === "stalled" && !rollout.rolledBack) ids.push(rollout.failed);
  return [...new Set(ids.filter((id) => id !== null))];
}
