// Where Boardhand remembers: an append-only journal and the revisions it can go back to.
import type { JournalEntry, JournalEvent, ProjectMemory, RevisionSnapshot } from "../core/model/index.ts";

export interface Journal {
  /** The fold of everything written so far for this project; `damaged` says what of it could not be read. */
  memory(project: string): ProjectMemory;
  /**
   * To be asked before each look: tries again to open what could not be used, notices a state directory that was lost.
   * Throws E_STATE while nothing can be written for this project; nothing may be begun then.
   */
  ensure(project: string): Promise<void>;
  /** Why nothing can be written for any project, as far as was seen; null when it can. */
  trouble(): string | null;
  /** Projects that have entries, sorted. */
  projects(): readonly string[];
  /**
   * Resolves when the entry is on disk (`durable`) or handed to the system (`lazy`: survives a kill, not a power cut).
   * While a rollout is under way a disk that refuses does not stop it: the entry counts, and is written when it can be.
   */
  append(project: string, event: JournalEvent, how: "durable" | "lazy"): Promise<JournalEntry>;
  /** Newest first. */
  history(project: string, limit: number): Promise<readonly JournalEntry[]>;
  saveRevision(snapshot: RevisionSnapshot): Promise<void>;
  loadRevision(project: string, id: string): Promise<RevisionSnapshot | null>;
  /** All that are on disk and intact, the one saved last first. */
  revisions(project: string): Promise<readonly RevisionSnapshot[]>;
  /** Small cached values (last registry answers); lost without harm. */
  readCache(name: string): Promise<unknown>;
  writeCache(name: string, value: unknown): Promise<void>;
  close(): Promise<void>;
}
