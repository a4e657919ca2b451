// Where Boardhand remembers: an append-only journal and the revisions it can go back to.
import type { JournalEntry, JournalEvent, ProjectMemory, RevisionSnapshot } from "../core/model/index.ts";

export interface Journal {
  /** The fold of everything written so far for this project. */
  memory(project: string): ProjectMemory;
  /** Projects that have entries, sorted. */
  projects(): readonly string[];
  /** Resolves when the entry is on disk (`durable`) or handed to the system (`lazy`: survives a kill, not a power cut). */
  append(project: string, event: JournalEvent, how: "durable" | "lazy"): Promise<JournalEntry>;
  /** Newest first. */
  history(project: string, limit: number): Promise<readonly JournalEntry[]>;
  saveRevision(snapshot: RevisionSnapshot): Promise<void>;
  loadRevision(project: string, id: string): Promise<RevisionSnapshot | null>;
  /** Ids of the revisions on disk, in no order that matters. */
  revisions(project: string): Promise<readonly string[]>;
  /** Small cached values (last registry answers); lost without harm. */
  readCache(name: string): Promise<unknown>;
  writeCache(name: string, value: unknown): Promise<void>;
  close(): Promise<void>;
}
