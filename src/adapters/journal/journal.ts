// The Journal port on files: journal/<project>.ndjson, revisions/<project>/<id>.json, cache/<name>.json under the state
// directory. One writer; readers may look beside it. Names are checked before they become paths.
import { join } from "node:path";
import { BoardhandError, EMPTY_MEMORY } from "../../core/model/index.ts";
import type { Clock, Journal, Log } from "../../ports/index.ts";
import { stateError } from "./failure.ts";
import { errnoOf, nodeFileSystem, replaceFile, type StateFileSystem } from "./file-system.ts";
import { acquireLock } from "./lock.ts";
import { ProjectLog } from "./project-log.ts";
import type { FoldMemory } from "./replay.ts";
import { RevisionStore } from "./revisions.ts";

const MAX_CACHE_BYTES = 4 * 1024 * 1024;

export interface JournalOptions {
  /** The state directory, absolute. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  /** core/status: what an entry means for what is remembered. */
  readonly fold: FoldMemory;
  /** Ids of the revisions that must stay on disk. */
  readonly remembered: (memory: ReturnType<Journal["memory"]>) => readonly string[];
  /** For commands beside a running agent: takes no lock, makes and changes nothing, refuses to write. */
  readonly readOnly?: boolean;
  readonly fileSystem?: StateFileSystem;
}

/** Opens or makes the state directory and reads all projects' journals. Throws E_STATE with what to do. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { directory, log } = options;
  const fs = options.fileSystem ?? nodeFileSystem;
  const readOnly = options.readOnly ?? false;
  const journals = join(directory, "journal");
  const revisionsDirectory = join(directory, "revisions");
  const release = readOnly ? null : await prepare(fs, directory);
  const logs = new Map<string, ProjectLog>();

  const openLog = async (project: string): Promise<ProjectLog> => {
    const path = join(journals, `${project}.ndjson`);
    return await ProjectLog.open({
      fs,
      path,
      project,
      fold: options.fold,
      now: () => options.clock.now(),
      log,
      readOnly,
    });
  };
  try {
    for (const project of await journalsIn(fs, journals)) logs.set(project, await openLog(project));
  } catch (error) {
    await release?.().catch(() => undefined);
    throw error;
  }
  const opening = new Map<string, Promise<ProjectLog>>();
  const logOf = async (project: string): Promise<ProjectLog> => {
    const known = logs.get(project);
    if (known !== undefined) return known;
    const pending = opening.get(project) ?? openLog(checkedProject(project));
    opening.set(project, pending);
    try {
      const opened = await pending;
      logs.set(project, opened);
      return opened;
    } finally {
      opening.delete(project);
    }
  };
  const revisions = new RevisionStore(fs, revisionsDirectory, log);
  const cachePath = (name: string): string => join(directory, "cache", `${checkedProject(name)}.json`);
  const refuseReadOnly = (): void => {
    if (!readOnly) return;
    throw new BoardhandError("E_STATE", `${directory}: was opened for reading only`, {
      hint: "Ask the running agent to make this change.",
    });
  };

  return {
    memory: (project) => logs.get(project)?.memory ?? EMPTY_MEMORY,
    projects: () => [...logs].flatMap(([name, one]) => (one.isEmpty ? [] : [name])).sort(),
    async append(project, event, how) {
      refuseReadOnly();
      return await (await logOf(project)).append(event, how);
    },
    history: async (project, limit) => logs.get(project)?.history(limit) ?? [],
    async saveRevision(snapshot) {
      refuseReadOnly();
      const project = checkedProject(snapshot.project.name);
      await revisions.save(snapshot, options.remembered(logs.get(project)?.memory ?? EMPTY_MEMORY));
    },
    loadRevision: async (project, id) => await revisions.load(checkedProject(project), id),
    revisions: async (project) => await revisions.list(checkedProject(project)),
    async readCache(name) {
      try {
        return JSON.parse((await fs.read(cachePath(name), MAX_CACHE_BYTES)).toString("utf8")) as unknown;
      } catch (error) {
        if (error instanceof BoardhandError) throw error;
        if (errnoOf(error) !== "ENOENT") log.debug({ name, error }, "a cache file is not usable");
        return null;
      }
    },
    async writeCache(name, value) {
      refuseReadOnly();
      const path = cachePath(name);
      try {
        await replaceFile(fs, path, Buffer.from(JSON.stringify(value)), "lazy");
      } catch (error) {
        throw stateError("the cache could not be written", path, error);
      }
    },
    async close() {
      try {
        await Promise.all([...logs.values()].map((one) => one.close()));
      } finally {
        await release?.();
      }
    },
  };
}

/** Makes the directories, takes the lock, and clears what an interrupted replacement left. */
async function prepare(fs: StateFileSystem, directory: string): Promise<() => Promise<void>> {
  try {
    for (const name of ["", "journal", "revisions", "cache"]) await fs.makeDirectory(join(directory, name));
    await fs.syncDirectory(directory);
  } catch (error) {
    throw stateError("the state directory cannot be made", directory, error);
  }
  const release = await acquireLock(fs, directory);
  try {
    const journals = join(directory, "journal");
    for (const name of await fs.list(journals)) {
      if (name.endsWith(".new")) await fs.remove(join(journals, name));
    }
    return release;
  } catch (error) {
    await release().catch(() => undefined);
    throw stateError("the state directory cannot be used", directory, error);
  }
}

async function journalsIn(fs: StateFileSystem, directory: string): Promise<readonly string[]> {
  try {
    const names = (await fs.list(directory)).filter((name) => name.endsWith(".ndjson"));
    return names.map((name) => name.slice(0, -".ndjson".length)).filter(isProjectName);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw stateError("the journals cannot be read", directory, error);
  }
}

function isProjectName(name: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,127}$/.test(name);
}

function checkedProject(name: string): string {
  if (isProjectName(name)) return name;
  throw new BoardhandError(
    "E_STATE",
    `${JSON.stringify(name.slice(0, 80))} cannot be a file name in the state directory`,
    {
      hint: "Project names have lower-case letters, digits, - and _ and begin with a letter or digit.",
    },
  );
}
