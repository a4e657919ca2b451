// Where a project's files, directory and variables are, in docker compose's order (compose.md 1.2, 1.3).
// Never looks at the process's own environment: what counts is handed in.
import { cleanPath, parseDotenv } from "../../core/compose/index.ts";
import { BoardhandError, type ProjectEntry } from "../../core/model/index.ts";
import type { Files } from "../../ports/index.ts";

/** In the order of compose.md 1.2: the first that exists counts. */
export const COMPOSE_FILES = [
  "compose.yaml",
  "compose.yml",
  "docker-compose.yml",
  "docker-compose.yaml",
] as const;
const OVERRIDE_FILES = [
  "compose.override.yml",
  "compose.override.yaml",
  "docker-compose.override.yml",
  "docker-compose.override.yaml",
] as const;
const MAX_FILES = 64;
const TRUE = /^(1|t|true)$/i;
const FALSE = /^(0|f|false)?$/i;

/** A person at a shell, who may stand anywhere; without one only the project's own directory is looked at. */
export interface Shell {
  /** Where names from the environment are taken from; files are looked for here and in every parent. Absolute. */
  readonly cwd: string;
  /** Whether the entry's directory was named, so that it stays the project's wherever the files are. */
  readonly directoryNamed: boolean;
}

export interface Located {
  /** Absolute project directory. */
  readonly directory: string;
  /** Absolute, in merge order. */
  readonly paths: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  /** Absolute; empty where `.env` was found by itself. */
  readonly environmentFiles: readonly string[];
  readonly warnings: readonly string[];
}

/** Throws E_COMPOSE where no file is found or a name means nothing, E_FILE for what cannot be read. */
export async function locate(entry: ProjectEntry, files: Files, shell: Shell | null): Promise<Located> {
  const start = cleanPath(entry.directory);
  const cwd = shell?.cwd ?? start;
  const configured = new Map([["PWD", cwd], ...Object.entries(entry.environment)]);
  const named = words(configured.get("COMPOSE_ENV_FILES"), ",").map((path) => absolute(path, cwd));
  const environmentFiles = entry.envFiles.length > 0 ? entry.envFiles : named;
  const first = await readEnvironment(configured, environmentFiles, start, files);
  const found = await findFiles(entry, first, { start, cwd, parents: shell !== null }, files);
  const fixed = entry.files.length > 0 || shell?.directoryNamed === true;
  const directory = fixed ? start : cleanPath(`${found.paths[0] ?? start}/..`);
  // A `.env` beside the files is read too, under what the first one said: it may have named these files.
  const environment =
    directory === start ? first : await readEnvironment(first, environmentFiles, directory, files);
  return { directory, environment, environmentFiles, ...found };
}

/** `known` wins over files; later files win over earlier ones; `.env` counts where no file is named. */
async function readEnvironment(
  known: ReadonlyMap<string, string>,
  named: readonly string[],
  directory: string,
  files: Files,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const paths = named.length > 0 ? named : await dotenvOf(known, directory, files);
  for (const path of paths) {
    const lookup = (name: string): string | undefined => known.get(name) ?? found.get(name);
    for (const [key, value] of parseDotenv(await files.readText(path), { file: path, lookup }))
      found.set(key, value);
  }
  return new Map([...found, ...known]);
}

/** A directory of this name is what the engine makes of a bind that is missing; docker compose passes over it. */
async function dotenvOf(
  known: ReadonlyMap<string, string>,
  directory: string,
  files: Files,
): Promise<readonly string[]> {
  const disabled = known.get("COMPOSE_DISABLE_ENV_FILE") ?? "";
  if (TRUE.test(disabled)) return [];
  if (!FALSE.test(disabled))
    throw refusal(directory, "COMPOSE_DISABLE_ENV_FILE is neither true nor false", "say true or false");
  const path = `${directory}/.env`;
  if (!(await files.exists(path))) return [];
  return (await files.directories(directory)).includes(".env") ? [] : [path];
}

interface Search {
  readonly start: string;
  readonly cwd: string;
  readonly parents: boolean;
}

async function findFiles(
  entry: ProjectEntry,
  environment: ReadonlyMap<string, string>,
  search: Search,
  files: Files,
): Promise<Pick<Located, "paths" | "warnings">> {
  const named = words(environment.get("COMPOSE_FILE"), environment.get("COMPOSE_PATH_SEPARATOR") || ":");
  const [given, base] = entry.files.length > 0 ? [entry.files, search.start] : [named, search.cwd];
  if (given.length > MAX_FILES) throw refusal(base, `more than ${MAX_FILES} compose files are named`);
  if (given.length === 0) return discover(search, files);
  return { paths: given.map((path) => absolute(path, base)), warnings: [] };
}

async function discover(search: Search, files: Files): Promise<Pick<Located, "paths" | "warnings">> {
  let directory = search.start;
  for (;;) {
    const found = await existing(COMPOSE_FILES, directory, files);
    if (found.length > 0) {
      const overrides = await existing(OVERRIDE_FILES, directory, files);
      return {
        paths: [...found.slice(0, 1), ...overrides.slice(0, 1)],
        warnings: [found, overrides].flatMap(([used, ...rest]) =>
          rest.map((path) => `${path}: ignored, because ${used} is there too`),
        ),
      };
    }
    const parent = cleanPath(`${directory}/..`);
    if (!search.parents || parent === directory)
      throw refusal(search.start, `there is no ${COMPOSE_FILES.join(", ")}`);
    directory = parent;
  }
}

async function existing(
  names: readonly string[],
  directory: string,
  files: Files,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of names) {
    const path = cleanPath(`${directory}/${name}`);
    if (await files.exists(path)) found.push(path);
  }
  return found;
}

function absolute(path: string, base: string): string {
  return path.startsWith("/") ? path : cleanPath(`${base}/${path}`);
}

function refusal(place: string, what: string, hint?: string): BoardhandError {
  return new BoardhandError("E_COMPOSE", `${place}: ${what}`, {
    ...(hint === undefined ? {} : { hint }),
    data: { file: place, line: 1, column: 1, key: null },
  });
}

/** Parts that say something, without the white space around them. */
export function words(text: string | undefined, separator: string): readonly string[] {
  return (text ?? "")
    .split(separator)
    .map((word) => word.trim())
    .filter((word) => word !== "");
}
