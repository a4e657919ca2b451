// The Journal port on files: journal/<project>.ndjson, revisions/<project>/<id>.json, cache/<name>.json under the state
// directory. One writer; readers may look beside it. Names are checked before they become paths.
import { join } from "node:path";
import { BoardhandError, type ProjectMemory } from "../../core/model/index.ts";
import type { Clock, Journal, Log } from "../../ports/index.ts";
import { readCache, writeCache } from "./cache.ts";
import { stateError } from "./failure.ts";
import { nodeFileSystem, type StateFileSystem } from "./file-system.ts";
import { acquireLock, type Lock } from "./lock.ts";
import { checkedProject, ProjectLogs } from "./project-logs.ts";
import type { FoldMemory } from "./replay.ts";
import { RevisionStore } from "./revisions.ts";

export interface JournalOptions {
  /** The state directory, absolute. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  /** core/status: what an entry means for what is remembered. */
  readonly fold: FoldMemory;
  /** core/status: whether a rollout is under way, which no full disk stops. */
  readonly isUnderWay: (memory: ProjectMemory) => boolean;
  /** Ids of the revisions that must stay on disk. */
  readonly remembered: (memory: ProjectMemory) => readonly string[];
  /** For commands beside a running agent: takes no lock, makes and changes nothing, refuses to write. */
  readonly readOnly?: boolean;
  readonly fileSystem?: StateFileSystem;
  /** What this process remembered before it lost the directory, by project. */
  readonly inherited?: ReadonlyMap<string, ProjectMemory>;
}

/** A journal on an open directory. */
export interface OpenJournal extends Journal {
  /** False when the directory is gone, or another one stands in its place. */
  isThere(): Promise<boolean>;
  /** Closes the files of a directory that was lost; a lock in its place is another journal's. */
  abandon(): Promise<void>;
}

/** Opens or makes the state directory and reads all projects' journals. Throws E_STATE with what to do. */
export async function openJournal(options: JournalOptions): Promise<OpenJournal> {
  const { directory, log, clock, fold, isUnderWay } = options;
  const fs = options.fileSystem ?? nodeFileSystem;
  const readOnly = options.readOnly ?? false;
  const lock = readOnly ? null : await prepare(fs, directory, options.inherited !== undefined);
  const place = join(directory, "journal");
  const now = () => clock.now();
  const logs = new ProjectLogs({ fs, directory: place, fold, isUnderWay, now, log, readOnly });
  try {
    await logs.openAll();
    if (options.inherited !== undefined) logs.inherit(options.inherited);
  } catch (error) {
    await lock?.release().catch(() => undefined);
    throw error;
  }
  return journalOn(options, logs, fs, lock);
}

function journalOn(
  { directory, log, remembered }: JournalOptions,
  logs: ProjectLogs,
  fs: StateFileSystem,
  lock: Lock | null,
): OpenJournal {
  const revisions = new RevisionStore(fs, join(directory, "revisions"), log);
  const cachePath = (name: string): string => join(directory, "cache", `${checkedProject(name)}.json`);
  const mayWrite = (): void => {
    if (lock === null) throw openedForReading(directory);
  };
  return {
    isThere: async () => lock === null || (await lock.isHeld()),
    memory: (project) => logs.memory(project),
    ensure: (project) => logs.ensure(project),
    trouble: () => null,
    projects: () => logs.names(),
    async append(project, event, how) {
      mayWrite();
      return await logs.append(project, event, how);
    },
    history: async (project, limit) => logs.history(project, limit),
    async saveRevision(snapshot) {
      mayWrite();
      const project = checkedProject(snapshot.project.name);
      await revisions.save(snapshot, remembered(logs.memory(project)));
    },
    loadRevision: async (project, id) => await revisions.load(checkedProject(project), id),
    revisions: async (project) => await revisions.all(checkedProject(project)),
    readCache: async (name) => readCache(fs, cachePath(name), log),
    async writeCache(name, value) {
      mayWrite();
      await writeCache(fs, cachePath(name), value);
    },
    async abandon() {
      try {
        await logs.close();
      } finally {
        await lock?.leave();
      }
    },
    async close() {
      try {
        await logs.close();
      } finally {
        await lock?.release();
      }
    },
  };
}

function openedForReading(directory: string): BoardhandError {
  return new BoardhandError("E_STATE", `${directory}: was opened for reading only`, {
    hint: "Ask the running agent to make this change.",
  });
}

/** Makes the directories, takes the lock, and clears what an interrupted replacement left. */
async function prepare(fs: StateFileSystem, directory: string, again: boolean): Promise<Lock> {
  try {
    for (const name of ["", "journal", "revisions", "cache"]) await fs.makeDirectory(join(directory, name));
    await fs.syncDirectory(directory);
  } catch (error) {
    throw stateError("the state directory cannot be made", directory, error);
  }
  const lock = await acquireLock(fs, directory, again);
  try {
    const journals = join(directory, "journal");
    for (const name of await fs.list(journals)) {
      if (name.endsWith(".new")) await fs.remove(join(journals, name));
    }
    return lock;
  } catch (error) {
    await lock.release().catch(() => undefined);
    throw stateError("the state directory cannot be used", directory, error);
  }
}
