// What is remembered of a project: the fold of its journal entries. Bounded, total, and deaf to entries it does not know.
import type { JournalEntry, ProjectMemory, QuarantineEntry, Rollout } from "../model/index.ts";

/** The oldest entries go first beyond this; a project with more failed images has other worries. */
export const MAX_QUARANTINE = 200;

/** The memory after one more entry; the same object when the entry changes nothing that is remembered. */
export function foldMemory(memory: ProjectMemory, entry: JournalEntry): ProjectMemory {
  const { event } = entry;
  switch (event.type) {
    case "plan":
      return { ...memory, lastPlan: { at: entry.at, trigger: event.trigger, rendered: event.rendered } };
    case "rollout":
      return withRollout(memory, event.state);
    case "quarantine":
      return { ...memory, quarantine: withQuarantine(memory.quarantine, event.entries) };
    case "released": {
      const released = new Set(event.services);
      const stays = (quarantined: QuarantineEntry): boolean =>
        !released.has(quarantined.service) && !released.has(quarantined.culprit.service);
      return { ...memory, quarantine: memory.quarantine.filter(stays) };
    }
    case "suspended":
      return { ...memory, suspended: event.value };
    case "damaged":
      return { ...memory, damaged: event.what };
    case "seen":
      return { ...memory, seen: event.services };
    default:
      return memory;
  }
}

/** A revision that proved itself pushes the one before it to `previousGood`. */
function withRollout(memory: ProjectMemory, rollout: Rollout): ProjectMemory {
  const before = memory.rollout.good;
  const moved =
    rollout.kind === "idle" && before !== null && rollout.good !== null && rollout.good !== before;
  return { ...memory, rollout, previousGood: moved ? before : memory.previousGood };
}

/** The same refusal again replaces the earlier one. */
function withQuarantine(
  known: readonly QuarantineEntry[],
  added: readonly QuarantineEntry[],
): readonly QuarantineEntry[] {
  const same = (a: QuarantineEntry, b: QuarantineEntry): boolean =>
    a.service === b.service && a.platformDigest === b.platformDigest && a.definitionHash === b.definitionHash;
  const kept = known.filter((entry) => !added.some((newer) => same(entry, newer)));
  return [...kept, ...added].slice(-MAX_QUARANTINE);
}

/** Whether a rollout is under way: what failed may be down until its end, so no full disk may keep it from going on. */
export function isUnderWay({ rollout }: ProjectMemory): boolean {
  return rollout.kind !== "idle" && rollout.kind !== "stalled";
}

/** Ids of the revisions that this memory may still need on disk. */
export function rememberedRevisions(memory: ProjectMemory): readonly string[] {
  const { rollout } = memory;
  const named = [
    rollout.good,
    memory.previousGood,
    rollout.kind === "progressing" || rollout.kind === "monitoring" ? rollout.to : null,
    rollout.kind === "rollingBack" || rollout.kind === "stalled" ? rollout.failed : null,
  ];
  return [...new Set(named.filter((id) => id !== null))];
}
