// What a person can do to a project beside looking at it: stop automatic changes, and start them again.
import type { Journal, ProgressSink } from "../ports/index.ts";
import { transition } from "./record.ts";

interface HandDeps {
  readonly journal: Journal;
  readonly progress: ProgressSink;
}

/** A rollout that is under way is finished or undone; after it nothing changes until `resume`. */
export async function suspend(project: string, deps: HandDeps): Promise<void> {
  if (deps.journal.memory(project).suspended) return;
  await deps.journal.append(project, { type: "suspended", value: true }, "durable");
  deps.progress({ kind: "changed", project });
}

/** No compose revision is this one: what was stopped or removed under the present file is wanted again. */
const ANY_FILE = "";

/**
 * Ends a suspension, doubts about a damaged journal, a stall, every quarantine and what was stopped or removed by hand: a person says that it may be
 * tried again. On disk, so that it counts even when no agent is running at that moment.
 */
export async function resume(project: string, deps: HandDeps): Promise<void> {
  await deps.journal.ensure(project);
  const { suspended, damaged, quarantine, rollout, seen } = deps.journal.memory(project);
  if (damaged !== null) await deps.journal.append(project, { type: "damaged", what: null }, "durable");
  if (suspended) await deps.journal.append(project, { type: "suspended", value: false }, "durable");
  const services = [...new Set(quarantine.map((entry) => entry.service))].sort();
  if (services.length > 0) {
    await deps.journal.append(project, { type: "released", services, why: "resumed by a person" }, "durable");
  }
  const names = Object.keys(seen);
  if (names.length > 0) {
    const anew = Object.fromEntries(names.map((name) => [name, ANY_FILE]));
    await deps.journal.append(project, { type: "seen", services: anew }, "durable");
  }
  if (rollout.kind === "stalled") await transition(project, { kind: "cleared" }, deps);
  deps.progress({ kind: "changed", project });
}
