// One project's journal file: appends in order, one write and at most one fsync for all that wait, compaction when it grows.
// What was acknowledged is never lost to a later failure: a failed write is cut off again before the next one.
import {
  EMPTY_MEMORY,
  type JournalEntry,
  type JournalEvent,
  type ProjectMemory,
} from "../../core/model/index.ts";
import type { Log } from "../../ports/index.ts";
import { stateError } from "./failure.ts";
import { errnoOf, replaceFile, type StateFile, type StateFileSystem, writeAll } from "./file-system.ts";
import { encodeLine, FORMAT } from "./line.ts";
import { type FoldMemory, replay } from "./replay.ts";

const COMPACT_BYTES = 1024 * 1024;
/** What a compaction keeps for `history`: this many entries, and no more than half of what made it start. */
const KEPT_ENTRIES = 500;
const KEPT_BYTES = COMPACT_BYTES / 2;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

export interface ProjectLogOptions {
  readonly fs: StateFileSystem;
  readonly path: string;
  readonly project: string;
  readonly fold: FoldMemory;
  /** Whether this memory's rollout must go on, whatever the disk says. */
  readonly isUnderWay: (memory: ProjectMemory) => boolean;
  readonly now: () => number;
  readonly log: Log;
  readonly readOnly: boolean;
}

interface Waiting {
  readonly event: JournalEvent;
  readonly durable: boolean;
  readonly resolve: (entry: JournalEntry) => void;
  readonly reject: (error: unknown) => void;
}

export class ProjectLog {
  readonly #options: ProjectLogOptions;
  #file: StateFile | null = null;
  #memory: ProjectMemory = EMPTY_MEMORY;
  #entries: JournalEntry[] = [];
  #seq = 0;
  #size = 0;
  /** False when bytes after #size may be on disk: they are cut off before anything is written. */
  #clean = true;
  /** True when a failed compaction left open which file the path names: it is read again before anything is written. */
  #stale = false;
  /** Whether the directory's entry for this file is known to be on disk. */
  #named = false;
  #compactedSize = 0;
  /** True when what is remembered is not what the file says: it is written anew before anything is added. */
  #behind = false;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;

  private constructor(options: ProjectLogOptions) {
    this.#options = options;
  }

  /** Reads what is there; an absent file is an empty journal and is made by the first append. Throws E_STATE. */
  static async open(options: ProjectLogOptions): Promise<ProjectLog> {
    const log = new ProjectLog(options);
    let bytes: Buffer;
    try {
      bytes = await options.fs.read(options.path, MAX_FILE_BYTES);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return log;
      throw stateError("the journal cannot be read", options.path, error);
    }
    const found = replay(bytes, options.project, options.path, options.fold);
    const { path } = options;
    if (found.tornBytes > 0 && !found.endDamaged && !options.readOnly) {
      options.log.warn(
        { path, bytes: found.tornBytes },
        "the journal's last line was torn (a power cut?) and is dropped",
      );
    }
    if (found.corruptLines.length > 0) {
      options.log.warn({ path, lines: found.corruptLines.slice(0, 20) }, "corrupt journal lines are skipped");
    }
    if (found.memory.damaged !== null) options.log.error({ path }, found.memory.damaged);
    log.#memory = found.memory;
    log.#entries = found.entries.slice(-KEPT_ENTRIES);
    log.#seq = found.seq;
    log.#size = found.goodBytes;
    log.#clean = found.tornBytes === 0;
    log.#behind = found.endDamaged;
    return log;
  }

  /** A journal that begins with what is remembered: the one that held it is gone. Nothing is written yet. */
  static inherit(options: ProjectLogOptions, memory: ProjectMemory): ProjectLog {
    const log = new ProjectLog(options);
    log.#memory = memory;
    log.#seq = 1;
    log.#behind = true;
    return log;
  }

  get memory(): ProjectMemory {
    return this.#memory;
  }

  get isEmpty(): boolean {
    return this.#seq === 0;
  }

  /** Newest first. */
  history(limit: number): readonly JournalEntry[] {
    return limit <= 0 ? [] : this.#entries.slice(-limit).reverse();
  }

  append(event: JournalEvent, how: "durable" | "lazy"): Promise<JournalEntry> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, durable: how === "durable", resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async close(): Promise<void> {
    await this.#flushing;
    const file = this.#file;
    this.#file = null;
    try {
      await file?.sync();
    } catch (error) {
      throw stateError("the journal could not be written out", this.#options.path, error);
    } finally {
      await file?.close();
    }
  }

  /** Never rejects: each append hears of its own failure. */
  async #flush(): Promise<void> {
    // Appends of the same turn go into the same write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const at = this.#options.now();
      const entries = batch.map((one, index) => ({
        seq: this.#seq + 1 + index,
        at,
        project: this.#options.project,
        event: one.event,
      }));
      try {
        await this.#write(
          Buffer.from(entries.map(encodeLine).join("")),
          batch.some((one) => one.durable),
        );
      } catch (error) {
        const failure = stateError("the journal could not be written", this.#options.path, error);
        if (!this.#options.isUnderWay(this.#memory)) {
          for (const one of batch) one.reject(failure);
          continue;
        }
        this.#options.log.error({ err: failure }, "a rollout goes on without its journal");
        this.#behind = true;
      }
      for (const [index, entry] of entries.entries()) {
        this.#memory = this.#options.fold(this.#memory, entry);
        this.#entries.push(entry);
        this.#seq = entry.seq;
        batch[index]?.resolve(entry);
      }
      if (this.#entries.length > 2 * KEPT_ENTRIES) this.#entries = this.#entries.slice(-KEPT_ENTRIES);
      if (this.#size > Math.max(COMPACT_BYTES, 2 * this.#compactedSize)) await this.#compact();
    }
    this.#flushing = null;
  }

  async #write(bytes: Buffer, durable: boolean): Promise<void> {
    const { fs, path } = this.#options;
    if (this.#behind) await this.#replace();
    if (this.#stale) await this.#reread();
    this.#file ??= await openForWriting(fs, path);
    try {
      if (!this.#clean) await this.#file.truncate(this.#size);
      this.#clean = false;
      await writeAll(this.#file, bytes, this.#size);
      if (durable) await this.#file.sync();
      if (durable && !this.#named) await fs.syncDirectory(path.slice(0, path.lastIndexOf("/")));
    } catch (error) {
      // After a failed fsync the kernel may claim that all is well: only a new descriptor is believed again.
      const file = this.#file;
      this.#file = null;
      await file.truncate(this.#size).catch(() => undefined);
      await file.close().catch(() => undefined);
      throw error;
    }
    this.#size += bytes.length;
    this.#clean = true;
    this.#named ||= durable;
  }

  /** Not compacting is no failure: the journal is only longer than it need be, and the next append tries again. */
  async #compact(): Promise<void> {
    const { path, log } = this.#options;
    try {
      await this.#replace();
    } catch (error) {
      const { message } = stateError("compaction failed", path, error);
      log.warn({ path, error: message }, "the journal stays long for now");
    }
  }

  /** Writes what is remembered, and the last entries, in place of the file; a damaged one stays beside it. */
  async #replace(): Promise<void> {
    const { fs, path, project, now } = this.#options;
    const snapshot = encodeLine({ format: FORMAT, seq: this.#seq, at: now(), project, memory: this.#memory });
    const kept: string[] = [];
    let size = 0;
    for (const entry of this.#entries.slice(-KEPT_ENTRIES).reverse()) {
      const line = encodeLine(entry);
      size += Buffer.byteLength(line);
      if (size > KEPT_BYTES) break;
      kept.push(line);
    }
    const bytes = Buffer.from(snapshot + kept.reverse().join(""));
    // Until it is known which of the two files the path names.
    this.#stale = true;
    try {
      if (this.#memory.damaged !== null) await fs.link(path, `${path}.damaged`).catch(() => undefined);
      await replaceFile(fs, path, bytes, "durable");
    } finally {
      await this.#file?.close().catch(() => undefined);
      this.#file = null;
    }
    this.#size = bytes.length;
    this.#compactedSize = bytes.length;
    this.#clean = true;
    this.#stale = false;
    this.#behind = false;
    this.#named = true;
  }

  /** Takes the size from what the path now holds: the old and the compacted content have the same fold. */
  async #reread(): Promise<void> {
    const { fs, path, project, fold } = this.#options;
    const found = replay(await fs.read(path, MAX_FILE_BYTES), project, path, fold);
    this.#size = found.goodBytes;
    this.#clean = found.tornBytes === 0;
    this.#stale = false;
  }
}

async function openForWriting(fs: StateFileSystem, path: string): Promise<StateFile> {
  try {
    return await fs.open(path, "r+", 0o600);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    return await fs.open(path, "wx+", 0o600);
  }
}
