// Reads a journal file back. A torn end (never acknowledged) is dropped. What is lost beside that, a line that does not
// verify or a number that is missing, is told and remembered: it may have forbidden something.
import {
  BoardhandError,
  EMPTY_MEMORY,
  type JournalEntry,
  type ProjectMemory,
} from "../../core/model/index.ts";
import { decodeLine, FORMAT, type Line } from "./line.ts";

export type FoldMemory = (memory: ProjectMemory, entry: JournalEntry) => ProjectMemory;

export interface Replay {
  /** `damaged` when anything was lost since a person last said that what is left counts. */
  readonly memory: ProjectMemory;
  readonly seq: number;
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Bytes up to and with the last line end: where the next entry belongs. */
  readonly goodBytes: number;
  readonly tornBytes: number;
  /** Whether what follows the last line end is more than a torn write: the next write must say so. */
  readonly endDamaged: boolean;
  /** 1-based numbers of the lines that were skipped. */
  readonly corruptLines: readonly number[];
}

/** Throws E_STATE only for a file that a newer version wrote. */
export function replay(bytes: Buffer, project: string, path: string, fold: FoldMemory): Replay {
  const goodBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.toString("utf8", 0, goodBytes).split("\n").slice(0, -1);
  const entries: JournalEntry[] = [];
  const corruptLines: number[] = [];
  let memory = EMPTY_MEMORY;
  let seq = 0;
  for (const [index, text] of lines.entries()) {
    const line = decodeLine(text);
    if (line !== null && line.format > FORMAT) throw newer(path, line.format);
    if (line === null || projectOf(line) !== project) {
      corruptLines.push(index + 1);
      memory = { ...memory, damaged: lost(path, project, `line ${index + 1} cannot be read`) };
    } else if (line.kind === "snapshot") {
      memory = { ...EMPTY_MEMORY, ...line.snapshot.memory };
      seq = Math.max(seq, line.snapshot.seq);
    } else {
      entries.push(line.entry);
      // Entries that a compaction carried over stand after the snapshot which already contains them.
      if (line.entry.seq <= seq) continue;
      if (line.entry.seq > seq + 1 && memory.damaged === null)
        memory = { ...memory, damaged: lost(path, project, `entries before line ${index + 1} are missing`) };
      memory = fold(memory, line.entry);
      seq = line.entry.seq;
    }
  }
  const endDamaged = !isTornWrite(bytes.subarray(goodBytes), seq, lines.length > 0);
  if (endDamaged) memory = { ...memory, damaged: lost(path, project, "its end cannot be read") };
  const tornBytes = bytes.length - goodBytes;
  return { memory, seq, entries, goodBytes, tornBytes, endDamaged, corruptLines };
}

/**
 * Whether a power cut explains what follows the last line end: the beginning of the next entry, or blocks that were
 * promised to the file and never written (zeros). Whoever wrote it was never told that it is on disk.
 */
function isTornWrite(end: Buffer, seq: number, hasLines: boolean): boolean {
  const text = end.toString("utf8").replace(/\0+$/, "");
  if (text === "") return end.length === 0 || hasLines;
  // A whole line whose end is something else.
  if (decodeLine(text.slice(0, -1)) !== null || (end.length > text.length && decodeLine(text) !== null)) {
    return false;
  }
  const next = `{"seq":${seq + 1},`;
  return text.startsWith(next) || next.startsWith(text);
}

function projectOf(line: Line): string {
  return line.kind === "entry" ? line.entry.project : line.snapshot.project;
}

function lost(path: string, project: string, what: string): string {
  return (
    `${path}: ${what}; what was refused or suspended there is not known, so nothing new is begun. ` +
    `\`boardhand resume ${project}\` goes on with what is left`
  );
}

function newer(path: string, format: number): BoardhandError {
  return new BoardhandError("E_STATE", `${path}: was written by a newer Boardhand (format ${format})`, {
    hint: "Run that version again, or move the file away; then history and quarantine of this project begin anew.",
    data: { path, format },
  });
}
