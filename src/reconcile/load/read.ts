// Reads what one project is made of: environment, compose files, env_files. Never looks at the daemon's own environment.
import { cleanPath, type ProjectInput, parseDotenv, type Reading } from "../../core/compose/index.ts";
import { BoardhandError, type ParseYaml, type ProjectEntry } from "../../core/model/index.ts";
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
/** Characters of all env_files of one project. */
const MAX_ENV_TEXT = 16 * 1024 * 1024;

export interface ReadDeps {
  readonly files: Files;
  readonly parseYaml: ParseYaml;
}

export interface ReadProject {
  readonly input: ProjectInput;
  readonly warnings: readonly string[];
}

/** Throws BoardhandError E_FILE or E_COMPOSE. */
export async function readProject(entry: ProjectEntry, deps: ReadDeps): Promise<ReadProject> {
  const directory = cleanPath(entry.directory);
  const environment = await readEnvironment(entry, directory, deps.files);
  const { paths, warnings } = await findFiles(entry, directory, environment, deps.files);
  const files: { path: string; documents: ReturnType<ParseYaml> }[] = [];
  for (const path of paths)
    files.push({ path, documents: deps.parseYaml(await deps.files.readText(path), path) });
  const profiles =
    entry.profiles.length > 0 ? entry.profiles : words(environment.get("COMPOSE_PROFILES"), ",");
  return {
    input: {
      files,
      parse: deps.parseYaml,
      directory,
      name: entry.name,
      environment,
      profiles,
      environmentFiles: entry.envFiles,
    },
    warnings,
  };
}

/** Configured values win over files; later files win over earlier ones; `.env` counts where no file is named. */
async function readEnvironment(
  entry: ProjectEntry,
  directory: string,
  files: Files,
): Promise<ReadonlyMap<string, string>> {
  const configured = new Map(Object.entries(entry.environment));
  const found = new Map<string, string>();
  const dotenv = `${directory}/.env`;
  const paths = entry.envFiles.length > 0 ? entry.envFiles : (await files.exists(dotenv)) ? [dotenv] : [];
  for (const path of paths) {
    const lookup = (name: string): string | undefined => configured.get(name) ?? found.get(name);
    for (const [key, value] of parseDotenv(await files.readText(path), { file: path, lookup }))
      found.set(key, value);
  }
  return new Map([...found, ...configured]);
}

async function findFiles(
  entry: ProjectEntry,
  directory: string,
  environment: ReadonlyMap<string, string>,
  files: Files,
): Promise<{ readonly paths: readonly string[]; readonly warnings: readonly string[] }> {
  const named = words(environment.get("COMPOSE_FILE"), environment.get("COMPOSE_PATH_SEPARATOR") || ":");
  const given = entry.files.length > 0 ? entry.files : named;
  if (given.length > MAX_FILES) throw noFiles(directory, `more than ${MAX_FILES} compose files are named`);
  if (given.length > 0) {
    const paths = given.map((path) => (path.startsWith("/") ? path : cleanPath(`${directory}/${path}`)));
    return { paths, warnings: [] };
  }
  const found = await existing(COMPOSE_FILES, directory, files);
  const [first] = found;
  if (first === undefined) throw noFiles(directory, `there is no ${COMPOSE_FILES.join(", ")}`);
  const [override] = await existing(OVERRIDE_FILES, directory, files);
  const ignored = found.slice(1).map((path) => `${path}: ignored, because ${first} is there too`);
  return { paths: override === undefined ? [first] : [first, override], warnings: ignored };
}

async function existing(
  names: readonly string[],
  directory: string,
  files: Files,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of names)
    if (await files.exists(`${directory}/${name}`)) found.push(`${directory}/${name}`);
  return found;
}

function noFiles(directory: string, what: string): BoardhandError {
  return new BoardhandError("E_COMPOSE", `${directory}: ${what}`, {
    data: { file: directory, line: 1, column: 1, key: null },
  });
}

/** Reads what the work asks for, until it is done. Throws what it throws, and E_FILE for what cannot be read. */
export async function answer<T>(work: Reading<T>, files: Files): Promise<T> {
  let step = work.next();
  while (step.done !== true) {
    step = work.next((await files.exists(step.value)) ? await files.readText(step.value) : null);
  }
  return step.value;
}

/** Text of each file by path, null where there is none. Throws E_FILE for what cannot be read. */
export async function readEnvFiles(
  paths: readonly string[],
  files: Files,
): Promise<ReadonlyMap<string, string | null>> {
  const texts = new Map<string, string | null>();
  let total = 0;
  for (const path of new Set(paths)) {
    const text = (await files.exists(path)) ? await files.readText(path) : null;
    total += text?.length ?? 0;
    if (total > MAX_ENV_TEXT)
      throw noFiles(path, "the project's environment files are larger than 16 MiB together");
    texts.set(path, text);
  }
  return texts;
}

function words(text: string | undefined, separator: string): readonly string[] {
  return (text ?? "")
    .split(separator)
    .map((word) => word.trim())
    .filter((word) => word !== "");
}
