// Reads what one project is made of: compose files, what these pull in, env_files. Bounded.
import type { ProjectInput, Reading } from "../../core/compose/index.ts";
import { BoardhandError, type ParseYaml, type ProjectEntry } from "../../core/model/index.ts";
import type { Files } from "../../ports/index.ts";
import { locate, type Shell, words } from "./locate.ts";

/** Characters of all env_files of one project. */
const MAX_ENV_TEXT = 16 * 1024 * 1024;

export interface ReadDeps {
  readonly files: Files;
  readonly parseYaml: ParseYaml;
  /** Left out for the agent, which looks only where its projects are. */
  readonly shell?: Shell;
}

export interface ReadProject {
  readonly input: ProjectInput;
  readonly warnings: readonly string[];
}

/** Throws BoardhandError E_FILE or E_COMPOSE. */
export async function readProject(entry: ProjectEntry, deps: ReadDeps): Promise<ReadProject> {
  const { paths, warnings, ...located } = await locate(entry, deps.files, deps.shell ?? null);
  const { environment } = located;
  const files: { path: string; documents: ReturnType<ParseYaml> }[] = [];
  for (const path of paths)
    files.push({ path, documents: deps.parseYaml(await deps.files.readText(path), path) });
  const profiles =
    entry.profiles.length > 0 ? entry.profiles : words(environment.get("COMPOSE_PROFILES"), ",");
  return { input: { files, parse: deps.parseYaml, name: entry.name, profiles, ...located }, warnings };
}

/** Reads what the work asks for, until it is done. Throws what it throws, and E_FILE for what cannot be read. */
export async function answer<T>(work: Reading<T>, files: Files): Promise<T> {
  let step = work.next();
  while (step.done !== true) step = work.next(await readIfThere(step.value, files));
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
    const text = await readIfThere(path, files);
    total += text?.length ?? 0;
    if (total > MAX_ENV_TEXT) {
      throw new BoardhandError(
        "E_COMPOSE",
        `${path}: the project's environment files are larger than 16 MiB together`,
        { data: { file: path, line: 1, column: 1, key: null } },
      );
    }
    texts.set(path, text);
  }
  return texts;
}

async function readIfThere(path: string, files: Files): Promise<string | null> {
  return (await files.exists(path)) ? files.readText(path) : null;
}
