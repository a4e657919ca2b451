// Finds the compose projects on disk and loads each on its own: what is wrong with one is that one's answer, never an exception.
import {
  compileProject,
  nameOf,
  normaliseName,
  type PrintedSections,
  type ProjectInput,
  prepareProject,
} from "../../core/compose/index.ts";
import {
  type AgentConfig,
  asBoardhandError,
  BoardhandError,
  type CheckSchema,
  type DesiredProject,
  type FileText,
  type ParseYaml,
  type ProjectEntry,
} from "../../core/model/index.ts";
import type { Files } from "../../ports/index.ts";
import { COMPOSE_FILES, type Shell } from "./locate.ts";
import { answer, readEnvFiles, readProject } from "./read.ts";

export type { Shell } from "./locate.ts";

export interface ProjectLoaderDeps {
  readonly files: Files;
  readonly parseYaml: ParseYaml;
  readonly projects: AgentConfig["projects"];
  /** Given where a person asks at a shell (`config`); the agent looks only where its projects are. */
  readonly shell?: Shell;
  /** Left out: no document is held against a schema. */
  readonly checkSchema?: CheckSchema;
  /** Keys that the schema does not know are warnings instead of errors. */
  readonly lenient?: boolean;
}

/** A project that is there, before anything but its name is known. */
export interface ProjectSource {
  /** The name it will have; where that cannot be read, the best guess. */
  readonly name: string;
  readonly entry: ProjectEntry;
  /** Directories of other projects with this name, sorted; empty when the name is free. */
  readonly conflicts: readonly string[];
}

export type LoadedProject =
  | {
      readonly kind: "loaded";
      readonly project: DesiredProject;
      /** Of secrets and configs; kept out of the project because that is written to disk. */
      readonly texts: readonly FileText[];
      /** What is printed and no container is made of. */
      readonly sections: PrintedSections;
      readonly warnings: readonly string[];
    }
  | { readonly kind: "invalid"; readonly name: string; readonly error: BoardhandError };

export interface ProjectLoader {
  /** Sorted by name, then directory. Throws E_FILE only when the projects directory itself cannot be read. */
  list(): Promise<readonly ProjectSource[]>;
  /** Never throws for what is wrong with the project. */
  load(source: ProjectSource): Promise<LoadedProject>;
}

/** Reads the disk anew at each call; keeps nothing between calls. */
export function createProjectLoader(deps: ProjectLoaderDeps): ProjectLoader {
  return { list: () => listProjects(deps), load: (source) => loadProject(source, deps) };
}

async function listProjects(deps: ProjectLoaderDeps): Promise<readonly ProjectSource[]> {
  const entries =
    typeof deps.projects === "string" ? await findEntries(deps.projects, deps.files) : deps.projects;
  const named: { name: string; entry: ProjectEntry }[] = [];
  for (const entry of entries) named.push({ name: await bestName(entry, deps), entry });
  return named
    .map(({ name, entry }, index) => {
      const others = named.filter((other, at) => at !== index && other.name === name);
      return { name, entry, conflicts: others.map((other) => other.entry.directory).sort() };
    })
    .sort((a, b) => compare(a.name, b.name) || compare(a.entry.directory, b.entry.directory));
}

/** Sub-directories that have a compose file; hidden ones are not looked at. */
async function findEntries(root: string, files: Files): Promise<readonly ProjectEntry[]> {
  const entries: ProjectEntry[] = [];
  for (const name of await files.directories(root)) {
    const directory = `${root.replace(/\/+$/, "")}/${name}`;
    if (name.startsWith(".") || !(await hasComposeFile(directory, files))) continue;
    entries.push({ name: null, directory, files: [], envFiles: [], environment: {}, profiles: [] });
  }
  return entries;
}

/** A directory that cannot be looked into is kept as a project, so that it is reported and not taken for removed. */
async function hasComposeFile(directory: string, files: Files): Promise<boolean> {
  for (const name of COMPOSE_FILES) {
    try {
      if (await files.exists(`${directory}/${name}`)) return true;
    } catch {
      return true;
    }
  }
  return false;
}

async function bestName(entry: ProjectEntry, deps: ProjectLoaderDeps): Promise<string> {
  try {
    return nameOf((await readProject(entry, deps)).input);
  } catch {
    // Only the name is wanted here; `load` meets the same error and reports it.
    const base = entry.directory.replace(/\/+$/, "").split("/").at(-1) ?? "";
    return normaliseName(entry.name ?? "") || normaliseName(base) || "unnamed";
  }
}

async function loadProject(source: ProjectSource, deps: ProjectLoaderDeps): Promise<LoadedProject> {
  const { name, entry } = source;
  try {
    if (source.conflicts.length > 0) throw nameTaken(source);
    const { input, warnings } = await readProject(entry, deps);
    const prepared = await answer(prepareProject({ ...input, ...schemaOf(deps) }), deps.files);
    if (prepared.name !== name) throw nameChanged(source, prepared.name);
    const paths = prepared.envFiles.map((file) => file.path);
    const compiled = compileProject(prepared, await readEnvFiles(paths, deps.files));
    const { project, texts, sections } = compiled;
    const none = project.services.length === 0 && project.disabledServices.length === 0;
    if (none && deps.shell === undefined) throw noServices(entry.directory);
    return { kind: "loaded", project, texts, sections, warnings: [...warnings, ...compiled.warnings] };
  } catch (error) {
    return { kind: "invalid", name, error: asBoardhandError(error, "E_COMPOSE") };
  }
}

function schemaOf({ checkSchema, lenient }: ProjectLoaderDeps): Pick<ProjectInput, "schema"> {
  return checkSchema === undefined ? {} : { schema: { check: checkSchema, lenient: lenient ?? false } };
}

function nameTaken({ name, entry, conflicts }: ProjectSource): BoardhandError {
  return new BoardhandError(
    "E_COMPOSE",
    `${entry.directory}: the project name "${name}" is that of ${conflicts.join(", ")} too`,
    {
      hint: "give one of them another name: at the top of its compose file",
      data: { file: entry.directory, line: 1, column: 1, key: "name" },
    },
  );
}

/** A person may look at such a file; an agent that took it at its word would take everything out. */
function noServices(directory: string): BoardhandError {
  return new BoardhandError("E_COMPOSE", `${directory}: no services are defined`, {
    hint: "remove the files to take the project out",
    data: { file: directory, line: 1, column: 1, key: "services" },
  });
}

/** The files changed between listing and loading; whether the new name is free is only known at the next listing. */
function nameChanged({ name, entry }: ProjectSource, now: string): BoardhandError {
  return new BoardhandError(
    "E_COMPOSE",
    `${entry.directory}: the project's name changed from "${name}" to "${now}"`,
    {
      retry: "backoff",
      hint: "nothing to do: it is read again at the next check",
      data: { file: entry.directory, line: 1, column: 1, key: "name" },
    },
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
