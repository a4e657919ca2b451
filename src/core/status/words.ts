// Sentences for people: what a rollout does, what a quarantine keeps away, when something was.
import { type Digest, type QuarantineEntry, type Rollout, shortDigest } from "../model/index.ts";
import type { QuarantineStatus, RolloutStatus, Timestamp } from "./types.ts";

/** ISO 8601 of a time in ms since the epoch; null where there is none or no calendar has it. */
export function timestamp(ms: number | null): Timestamp | null {
  if (ms === null) return null;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** Equal inputs give the same order on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `a`, `a and b`, `a, b and c`. */
export function wordList(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.slice(-1).join("")}`;
}

/** The rollout of a project as state and sentence. */
export function rolloutStatus(rollout: Rollout): RolloutStatus {
  switch (rollout.kind) {
    case "idle":
      return { state: "idle", message: "", to: null, moved: [], until: null };
    case "progressing":
      return {
        state: "progressing",
        message: `replacing ${named(rollout.moved)}`,
        to: rollout.to,
        moved: rollout.moved,
        until: null,
      };
    case "monitoring":
      return {
        state: "monitoring",
        message: `watching ${named(rollout.moved)}: the old containers wait until the new ones have proved themselves`,
        to: rollout.to,
        moved: rollout.moved,
        until: timestamp(rollout.until),
      };
    case "rollingBack":
      return {
        state: "rollingBack",
        message: `putting back ${named(rollout.moved)}: ${rollout.reason}`,
        to: rollout.good,
        moved: rollout.moved,
        until: null,
      };
    case "stalled":
      return {
        state: "stalled",
        message: rollout.rolledBack
          ? `rolled back: ${rollout.reason}`
          : `failed and left as it is for you to look at: ${rollout.reason}`,
        to: null,
        moved: [],
        until: null,
      };
  }
}

/** What is not tried again and what ends that. */
export function quarantineStatus(entry: QuarantineEntry): QuarantineStatus {
  return {
    service: entry.service,
    platformDigest: entry.platformDigest,
    definitionHash: entry.definitionHash,
    since: timestamp(entry.since),
    message: `${entry.service} does not get ${refused(entry.platformDigest, entry.definitionHash)} again: ${entry.reason} (${ending(entry)})`,
  };
}

function refused(digest: Digest | null, definition: string | null): string {
  const image = digest === null ? null : `image ${shortDigest(digest)}`;
  const text = definition === null ? null : `definition ${shortDigest(definition)}`;
  return wordList([image, text].filter((part) => part !== null));
}

function ending(entry: QuarantineEntry): string {
  const what =
    entry.culprit.platformDigest !== null ? "its tag moves" : "its definition in the compose file changes";
  return entry.culprit.service === entry.service
    ? `until ${what}`
    : `moved together with ${entry.culprit.service}; until that one is changed`;
}

function named(services: readonly string[]): string {
  return services.length === 0 ? "nothing" : wordList([...services].sort(compareText));
}
