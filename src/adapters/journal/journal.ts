// The Journal port on files: journal/<project>.ndjson, revisions/<project>/<id>.json, cache/<name>.json under the state
// directory. One writer; readers may look beside it. Names are checked before they become paths.
import { join } from "node:path";
import { BoardhandError, EMPTY_MEMORY, type ProjectMemory } from "../../core/model/index.ts";
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
  const release = readOnly ? null : await prepare(fs, directory);
  const projects = new ProjectLogs(options, fs);
  try {
    await projects.openAll();
  } catch (error) {
    await release?.().catch(() => undefined);
    throw error;
  }
  const revisions = new RevisionStore(fs, join(directory, "revisions"), log);
  const mayWrite = (): void => {
    if (readOnly) throw openedForReading(directory);
  };

  return {
    memory: (project) => projects.memory(project),
    projects: () => projects.names(),
    async append(project, event, how) {
      mayWrite();
      return await (await projects.get(project)).append(event, how);
    },
    history: async (project, limit) => projects.known(project)?.history(limit) ?? [],
    async saveRevision(snapshot) {
      mayWrite();
      const project = checkedProject(snapshot.project.name);
      await revisions.save(snapshot, options.remembered(projects.memory(project)));
    },
    loadRevision: async (project, id) => await revisions.load(checkedProject(project), id),
    revisions: async (project) => await revisions.list(checkedProject(project)),
    readCache: async (name) => readCache(fs, cachePath(directory, name), log),
    async writeCache(name, value) {
      mayWrite();
      const path = cachePath(directory, name);
      try {
        await replaceFile(fs, path, Buffer.from(JSON.stringify(value)), "lazy");
      } catch (error) {
        throw stateError("the cache could not be written", path, error);
      }
    },
    async close() {
      try {
        await projects.close();
      } finally {
        await release?.();
      }
    },
  };
}

/** One open file a project, opened when it is first written to. */
class ProjectLogs {
  readonly #options: JournalOptions;
  readonly #fs: StateFileSystem;
  readonly #directory: string;
  readonly #logs = new Map<string, ProjectLog>();
  readonly #opening = new Map<string, Promise<ProjectLog>>();

  constructor(options: JournalOptions, fs: StateFileSystem) {
    this.#options = options;
    this.#fs = fs;
    this.#directory = join(options.directory, "journal");
  }

  async openAll(): Promise<void> {
    for (const project of await journalsIn(this.#fs, this.#directory)) {
      this.#logs.set(project, await this.#open(project));
    }
  }

  known(project: string): ProjectLog | undefined {
    return this.#logs.get(project);
  }

  memory(project: string): ProjectMemory {
    return this.#logs.get(project)?.memory ?? EMPTY_MEMORY;
  }

  names(): readonly string[] {
    return [...this.#logs].flatMap(([name, one]) => (one.isEmpty ? [] : [name])).sort();
  }

  async get(project: string): Promise<ProjectLog> {
    const known = this.#logs.get(project);
    if (known !== undefined) return known;
    const pending = this.#opening.get(project) ?? this.#open(checkedProject(project));
    this.#opening.set(project, pending);
    try {
      const opened = await pending;
      this.#logs.set(project, opened);
      return opened;
    } finally {
      this.#opening.delete(project);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((one) => one.close()));
  }

  async #open(project: string): Promise<ProjectLog> {
    const { clock, fold, log, readOnly = false } = this.#options;
    const path = join(this.#directory, `${project}.ndjson`);
    return await ProjectLog.open({
      fs: this.#fs,
      path,
      project,
      fold,
      now: () => clock.now(),
      log,
      readOnly,
    });
  }
}

function cachePath(directory: string, name: string): string {
  return join(directory, "cache", `${checkedProject(name)}.json`);
}

/** Null where there is no usable one: a cache is lost without harm. */
async function readCache(fs: StateFileSystem, path: string, log: Log): Promise<unknown> {
  try {
    return JSON.parse((await fs.read(path, MAX_CACHE_BYTES)).toString("utf8")) as unknown;
  } catch (error) {
    if (error instanceof BoardhandError) throw error;
    if (errnoOf(error) !== "ENOENT") log.debug({ path, error }, "a cache file is not usable");
    return null;
  }
}

function openedForReading(directory: string): BoardhandError {
  return new BoardhandError("E_STATE", `${directory}: was opened for reading only`, {
    hint: "Ask the running agent to make this change.",
  });
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
