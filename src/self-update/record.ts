// What is written down of the agent's own updates, in the words of every rollout and under a name that no project has.
import {
  AGENT_PROJECT,
  type Digest,
  type JournalEvent,
  type RevisionSnapshot,
  type Rollout,
  type StepKind,
} from "../core/model/index.ts";
import { broughtBy, broughtWith } from "../core/plan/index.ts";
import { quarantineEntries } from "../core/policy/index.ts";
import { nextRollout } from "../core/rollout/index.ts";
import type { SelfDeps, SelfTarget } from "./deps.ts";
import type { Offer } from "./offer.ts";

type Offered = Pick<Offer, "target" | "observed" | "plan">;
type RecordDeps = Pick<SelfDeps, "journal" | "progress" | "clock">;

export function memoryOf({ journal }: Pick<SelfDeps, "journal">) {
  return journal.memory(AGENT_PROJECT);
}

export async function note(event: JournalEvent, deps: RecordDeps): Promise<void> {
  await deps.journal.append(AGENT_PROJECT, event, "durable");
  deps.progress({ kind: "changed", project: AGENT_PROJECT });
}

/** On disk before the call that it announces. */
export async function announce(kind: StepKind, what: string, deps: RecordDeps): Promise<void> {
  await note({ type: "intent", steps: [{ n: 1, kind, service: null, what }] }, deps);
}

/** What is going to be tried, with all that a failure is told by. */
export async function remember(offered: Offered, { journal, clock }: RecordDeps): Promise<void> {
  const { target, observed, plan } = offered;
  const before = await journal.revisions(AGENT_PROJECT);
  const brought = broughtWith(broughtBy(before, observed.images), plan);
  await journal.saveRevision({ ...snapshotOf(target, clock.now()), brought });
}

/** The revision that is being handed over to. */
export async function handedOver(target: SelfTarget, service: string, deps: RecordDeps): Promise<void> {
  const { rollout } = memoryOf(deps);
  const event = { kind: "planned", revision: target.revision, moved: [service], jobs: [] } as const;
  await note({ type: "rollout", state: nextRollout(rollout, event) }, deps);
}

/** What runs is the good revision. */
export async function settled(good: string, deps: RecordDeps): Promise<void> {
  await note({ type: "rollout", state: { kind: "idle", good } }, deps);
}

/** What runs has proved itself and was not handed over to: it was made by a person. */
export async function adopted(offered: Offered, deps: RecordDeps): Promise<void> {
  const { target } = offered;
  const { rollout } = memoryOf(deps);
  if (rollout.kind === "idle" && rollout.good === target.revision) return;
  await remember(offered, deps);
  await settled(target.revision, deps);
}

/** It never came to a hand-over: nothing is to blame, and it may be tried again. */
export async function cleared(deps: RecordDeps): Promise<void> {
  const { good } = memoryOf(deps).rollout;
  await note({ type: "rollout", state: { kind: "idle", good } }, deps);
}

export interface Failed {
  readonly service: string;
  /** The revision that failed; null where nobody knows any more. */
  readonly revision: string | null;
  /** What was handed over to: a platform digest or an image id. */
  readonly digest: string;
  readonly reason: string;
}

/** What failed is not tried again until its tag moves, or a person clears it. */
export async function refuse({ service, revision, digest, reason }: Failed, deps: RecordDeps): Promise<void> {
  const { good } = memoryOf(deps).rollout;
  const moved = { service, ...(await whatMoved(service, revision, digest, deps)) };
  const entries = quarantineEntries([moved], service, reason, deps.clock.now());
  if (entries.length > 0) await note({ type: "quarantine", entries }, deps);
  const failed = revision ?? digest;
  const state: Rollout = { kind: "stalled", good, failed, reason, rolledBack: true };
  await note({ type: "rollout", state }, deps);
}

/** The image, or where that is the one that runs, the definition. */
async function whatMoved(service: string, revision: string | null, digest: string, { journal }: RecordDeps) {
  const { good } = journal.memory(AGENT_PROJECT).rollout;
  const load = async (id: string | null): Promise<RevisionSnapshot | null> =>
    id === null ? null : journal.loadRevision(AGENT_PROJECT, id);
  const [before, after] = [await load(good), await load(revision)];
  const definition = (snapshot: RevisionSnapshot | null): string | null =>
    snapshot?.project.services.find(({ name }) => name === service)?.definitionHash ?? null;
  const was = before?.images[service];
  const sameImage = was?.kind === "pinned" && was.image.platformDigest === digest;
  const redefined = definition(before) !== definition(after);
  return {
    platformDigest: sameImage && redefined ? null : (digest as Digest),
    definitionHash: sameImage && redefined ? definition(after) : null,
  };
}

function snapshotOf({ revision, desired, images }: SelfTarget, madeAt: number): RevisionSnapshot {
  const project = { ...desired, name: AGENT_PROJECT };
  return { id: revision, project, images: Object.fromEntries(images), madeAt };
}
