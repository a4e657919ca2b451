// Reads a journal file back. A torn end (no line end: never acknowledged) is dropped, a corrupt line is skipped and told.
import {
  BoardhandError,
  EMPTY_MEMORY,
  type JournalEntry,
  type ProjectMemory,
} from "../../core/model/index.ts";
import { decodeLine, FORMAT } from "./line.ts";

export type FoldMemory = (memory: ProjectMemory, entry: JournalEntry) => ProjectMemory;

export interface Replay {
  readonly memory: ProjectMemory;
  readonly seq: number;
  /** Oldest first. */
  readonly entries: readonly JournalEntry[];
  /** Bytes up to and with the last line end: where the next entry belongs. */
  readonly goodBytes: number;
  readonly tornBytes: number;
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
    if (line === null || projectOf(line) !== project) corruptLines.push(index + 1);
    else if (line.kind === "snapshot") {
      if (line.snapshot.format > FORMAT) throw newer(path, line.snapshot.format);
      memory = { ...EMPTY_MEMORY, ...line.snapshot.memory };
      seq = Math.max(seq, line.snapshot.seq);
    } else {
      entries.push(line.entry);
      // Entries that a compaction carried over stand after the snapshot which already contains them.
      if (line.entry.seq <= seq) continue;
      memory = fold(memory, line.entry);
      seq = line.entry.seq;
    }
  }
  return { memory, seq, entries, goodBytes, tornBytes: bytes.length - goodBytes, corruptLines };
}

function projectOf(line: NonNullable<ReturnType<typeof decodeLine>>): string {
  return line.kind === "entry" ? line.entry.project : line.snapshot.project;
}

function newer(path: string, format: number): BoardhandError {
  return new BoardhandError("E_STATE", `${path}: was written by a newer Boardhand (format ${format})`, {
    hint: "Run that version again, or move the file away; then history and quarantine of this project begin anew.",
    data: { path, format },
  });
}
