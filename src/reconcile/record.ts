// Writes down what happened to a project: transitions, quarantines, what was last seen running.
import { runsImage } from "../core/image/index.ts";
import type {
  DesiredProject,
  ImageDecision,
  ObservedContainer,
  ObservedProject,
  Plan,
  RevisionSnapshot,
  Rollout,
  RolloutEvent,
} from "../core/model/index.ts";
import { retiredFrom } from "../core/plan/index.ts";
import { type MovedService, quarantineEntries } from "../core/policy/index.ts";
import { nextRollout } from "../core/rollout/index.ts";
import type { Journal, ProgressSink } from "../ports/index.ts";

interface RecordDeps {
  readonly journal: Journal;
  readonly progress: ProgressSink;
}

/** Moves the rollout by one event; the new state is on disk before anything acts on it. */
export async function transition(project: string, event: RolloutEvent, deps: RecordDeps): Promise<Rollout> {
  const before = deps.journal.memory(project).rollout;
  const after = nextRollout(before, event);
  if (after === before) return before;
  await deps.journal.append(project, { type: "rollout", state: after }, "durable");
  deps.progress({ kind: "rollout", project, rollout: after });
  return after;
}

/** Remembers which services run under which compose revision; writes only when that changed. */
export async function rememberSeen(
  desired: DesiredProject,
  observed: ObservedProject,
  journal: Journal,
): Promise<void> {
  const seen = journal.memory(desired.name).seen;
  const running = desired.services
    .filter((service) => observed.containers.some((c) => c.service === service.name && isRunning(c)))
    .map((service) => service.name);
  const fresh = running.filter((name) => seen[name] !== desired.composeRevision);
  if (fresh.length === 0) return;
  const services = { ...seen, ...Object.fromEntries(fresh.map((name) => [name, desired.composeRevision])) };
  await journal.append(desired.name, { type: "seen", services }, "lazy");
}

function isRunning(container: ObservedContainer): boolean {
  return container.state === "running" && retiredFrom(container) === null;
}

/** Adds the failed rollout's services to the quarantine. */
export async function quarantine(
  project: string,
  moved: readonly MovedService[],
  culprit: string | null,
  reason: string,
  now: number,
  journal: Journal,
): Promise<void> {
  const entries = quarantineEntries(moved, culprit, reason, now);
  if (entries.length > 0) await journal.append(project, { type: "quarantine", entries }, "durable");
}

/** What changed for each moved service between the good revision and the one that failed. */
export function movedServices(
  moved: readonly string[],
  failed: RevisionSnapshot,
  good: RevisionSnapshot | null,
): readonly MovedService[] {
  return moved.map((service) => {
    const before = good?.project.services.find((s) => s.name === service);
    const after = failed.project.services.find((s) => s.name === service);
    const [was, is] = [good?.images[service], failed.images[service]];
    const digest = is?.kind === "pinned" ? is.image.platformDigest : null;
    const same = was?.kind === "pinned" && was.image.platformDigest === digest;
    const redefined = before === undefined || before.definitionHash !== after?.definitionHash;
    return {
      service,
      platformDigest: same ? null : digest,
      definitionHash: redefined ? (after?.definitionHash ?? null) : null,
    };
  });
}

/**
 * The revision as it will really run: a service that is held or kept stays on the image its container has, whatever
 * its tag offers now.
 */
export function snapshotOf(
  id: string,
  desired: DesiredProject,
  images: ReadonlyMap<string, ImageDecision>,
  observed: ObservedProject,
  plan: Plan,
  good: RevisionSnapshot | null,
  now: number,
): RevisionSnapshot {
  const real: Record<string, ImageDecision> = {};
  const services = desired.services.map((service) => {
    const decision = images.get(service.name);
    const current = observed.containers.find((c) => c.service === service.name && retiredFrom(c) === null);
    const kept = current !== undefined && staysOn(current, plan);
    const fits = decision?.kind === "pinned" && (current === undefined || runsImage(current, decision.image));
    if (decision !== undefined && (!kept || fits)) real[service.name] = decision;
    else if (current !== undefined) {
      const image = { reference: current.imageReference, imageId: current.imageId };
      real[service.name] = good?.images[service.name] ?? { kind: "local", image };
    }
    const before = good?.project.services.find((s) => s.name === service.name);
    return kept && before !== undefined && before.definitionHash === current.definitionHash
      ? before
      : service;
  });
  return { id, project: { ...desired, services }, images: real, madeAt: now };
}

/** Whether the plan leaves this container in place: untouched, or only started again. */
function staysOn(container: ObservedContainer, plan: Plan): boolean {
  if (!plan.moved.includes(container.service)) return true;
  const made = plan.steps.some((s) => s.kind === "createContainer" && s.service === container.service);
  return !made && plan.steps.some((s) => s.kind === "startContainer" && s.ref === container.id);
}
