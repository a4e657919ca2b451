// The line format: one JSON object a line, its checksum last. A line that does not verify is no line.
import { createHash } from "node:crypto";
import type { JournalEntry, ProjectMemory } from "../../core/model/index.ts";

/** Raised when an older version could misread what is written; entries of a format beyond 1 carry it too. */
export const FORMAT = 1;

/** The state a compaction begins with: the fold of all entries up to `seq`. */
export interface SnapshotLine {
  readonly format: number;
  readonly seq: number;
  readonly at: number;
  readonly project: string;
  readonly memory: ProjectMemory;
}

export type Line = { readonly format: number } & (
  | { readonly kind: "entry"; readonly entry: JournalEntry }
  | { readonly kind: "snapshot"; readonly snapshot: SnapshotLine }
);

const SUM_LENGTH = `,"sum":"12345678"}`.length;

function sum(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** With the line's end. */
export function encodeLine(value: JournalEntry | SnapshotLine): string {
  const text = JSON.stringify(value);
  return `${text.slice(0, -1)},"sum":"${sum(text)}"}\n`;
}

/** Null when the text is not exactly what encodeLine made. */
export function decodeLine(text: string): Line | null {
  const body = `${text.slice(0, -SUM_LENGTH)}}`;
  if (!text.endsWith(`,"sum":"${sum(body)}"}`)) return null;
  try {
    const value: unknown = JSON.parse(body);
    if (!isRecord(value) || !Number.isSafeInteger(value.seq) || typeof value.at !== "number") return null;
    if (typeof value.project !== "string") return null;
    const format = typeof value.format === "number" ? value.format : 1;
    if (isRecord(value.memory)) {
      return { format, kind: "snapshot", snapshot: value as unknown as SnapshotLine };
    }
    if (isRecord(value.event) && typeof value.event.type === "string") {
      return { format, kind: "entry", entry: value as unknown as JournalEntry };
    }
    return null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
