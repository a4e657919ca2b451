// The journals of all projects: one file each, opened when it is first written to. One that cannot be read holds its own
// project back and no other; it is kept as it is, and tried again.
import { join } from "node:path";
import {
  AGENT_PROJECT,
  asBoardhandError,
  BoardhandError,
  EMPTY_MEMORY,
  type JournalEntry,
  type JournalEvent,
  type ProjectMemory,
} from "../../core/model/index.ts";
import { stateError } from "./failure.ts";
import { errnoOf, type StateFileSystem } from "./file-system.ts";
import { ProjectLog, type ProjectLogOptions } from "./project-log.ts";

export type ProjectLogsOptions = Omit<ProjectLogOptions, "path" | "project"> & {
  /** `journal` under the state directory. */
  readonly directory: string;
};

export class ProjectLogs {
  readonly #options: ProjectLogsOptions;
  readonly #logs = new Map<string, ProjectLog>();
  readonly #opening = new Map<string, Promise<ProjectLog>>();
  readonly #refused = new Map<string, BoardhandError>();

  constructor(options: ProjectLogsOptions) {
    this.#options = options;
  }

  /** Throws E_STATE when the directory cannot be listed. */
  async openAll(): Promise<void> {
    for (const project of await journalsIn(this.#options.fs, this.#options.directory)) {
      await this.ensure(project).catch((error: unknown) => {
        this.#options.log.error({ project, err: error }, "a journal cannot be read; its project is held");
      });
    }
  }

  /** What another journal remembered, for the projects that this one knows nothing of. */
  inherit(memories: ReadonlyMap<string, ProjectMemory>): void {
    for (const [project, memory] of memories) {
      if (this.#logs.has(project) || this.#refused.has(project)) continue;
      this.#logs.set(project, ProjectLog.inherit(this.#optionsOf(project), memory));
    }
  }

  /** Opens what could not be opened before. Throws E_STATE while it cannot. */
  async ensure(project: string): Promise<void> {
    if (this.#logs.has(project)) return;
    try {
      await this.#get(project);
      this.#refused.delete(project);
    } catch (error) {
      this.#refused.set(project, asBoardhandError(error, "E_STATE"));
      throw error;
    }
  }

  async append(project: string, event: JournalEvent, how: "durable" | "lazy"): Promise<JournalEntry> {
    return await (await this.#get(project)).append(event, how);
  }

  history(project: string, limit: number): readonly JournalEntry[] {
    return this.#logs.get(project)?.history(limit) ?? [];
  }

  memory(project: string): ProjectMemory {
    const refused = this.#refused.get(project);
    if (refused !== undefined) return { ...EMPTY_MEMORY, damaged: refused.message };
    return this.#logs.get(project)?.memory ?? EMPTY_MEMORY;
  }

  names(): readonly string[] {
    const written = [...this.#logs].filter(([, one]) => !one.isEmpty).map(([name]) => name);
    return [...new Set([...written, ...this.#refused.keys()])].sort();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((one) => one.close()));
  }

  async #get(project: string): Promise<ProjectLog> {
    const known = this.#logs.get(project);
    if (known !== undefined) return known;
    const pending = this.#opening.get(project) ?? ProjectLog.open(this.#optionsOf(checkedProject(project)));
    this.#opening.set(project, pending);
    try {
      const opened = await pending;
      this.#logs.set(project, opened);
      return opened;
    } finally {
      this.#opening.delete(project);
    }
  }

  #optionsOf(project: string): ProjectLogOptions {
    const { directory, ...shared } = this.#options;
    return { ...shared, project, path: join(directory, `${project}.ndjson`) };
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

/** What docker compose calls projects, and the name under which the agent's own updates are kept. */
function isProjectName(name: string): boolean {
  return name === AGENT_PROJECT || /^[a-z0-9][a-z0-9_-]{0,127}$/.test(name);
}

/** The name, when it can be part of a path. Throws E_STATE. */
export function checkedProject(name: string): string {
  if (isProjectName(name)) return name;
  throw new BoardhandError(
    "E_STATE",
    `${JSON.stringify(name.slice(0, 80))} cannot be a file name in the state directory`,
    {
      hint: "Project names have lower-case letters, digits, - and _ and begin with a letter or digit.",
    },
  );
}
