// The project's own compose files and what docker compose 2.40.3 made of each (`make compose-hashes` records it anew).
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createSchemaCheck } from "../../../src/adapters/schema/index.ts";
import { parseYaml } from "../../../src/adapters/yaml/index.ts";
import { COMPOSE_SCHEMA_FILE } from "../../../src/assets.ts";
import { BoardhandError, type ProjectEntry } from "../../../src/core/model/index.ts";
import type { Files } from "../../../src/ports/index.ts";
import { createProjectLoader, type LoadedProject } from "../../../src/reconcile/load/index.ts";

/** What docker compose answered: the model and the hashes, or the last line of its refusal. */
export interface Answer {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly hashes?: Readonly<Record<string, string>>;
  readonly error?: string;
}

interface Recording {
  /** Where the cases lay when they were recorded; absolute paths are part of the answers. */
  readonly stage: string;
  readonly home: string;
  readonly cases: Readonly<Record<string, Answer>>;
}

interface Wish {
  readonly files?: readonly string[];
  readonly envFiles?: readonly string[];
  readonly profiles?: readonly string[];
  readonly projectDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const folder = fileURLToPath(new URL("./cases", import.meta.url));
const recording = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Recording;

export const answers = recording.cases;

/** Folders that have files in them, whether or not an answer was recorded. */
export function caseNames(): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Loads a case as the agent would, from where docker compose was given it. */
export async function loadCase(name: string): Promise<LoadedProject> {
  const loader = createProjectLoader({
    files: staged,
    parseYaml,
    projects: [entryOf(name)],
    checkSchema: createSchemaCheck(COMPOSE_SCHEMA_FILE),
  });
  const [source] = await loader.list();
  if (source === undefined) throw new Error(`${name} was not found`);
  return loader.load(source);
}

function entryOf(name: string): ProjectEntry {
  const directory = join(recording.stage, name);
  const file = join(folder, name, "case.json");
  const wish = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Wish) : {};
  const absolute = (path: string): string => join(directory, path);
  const files = (wish.files ?? []).map(absolute);
  return {
    name: null,
    directory:
      wish.projectDirectory === undefined
        ? dirname(files[0] ?? absolute("compose.yaml"))
        : absolute(wish.projectDirectory),
    files,
    envFiles: (wish.envFiles ?? []).map(absolute),
    environment: { HOME: recording.home, ...wish.environment },
    profiles: wish.profiles ?? [],
  };
}

/** Reads the cases' folders in the place of the stage. */
const staged: Files = {
  async readText(path) {
    const text = realPath(path);
    if (!existsSync(text)) throw new BoardhandError("E_FILE", `${path}: does not exist`);
    return readFileSync(text, "utf8");
  },
  exists: async (path) => existsSync(realPath(path)),
  directories: async () => [],
};

function realPath(path: string): string {
  return join(folder, relative(recording.stage, path));
}
