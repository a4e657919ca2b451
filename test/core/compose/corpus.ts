// A collection of real compose files with docker compose's hashes, where there is one: `CORPUS=`, else beside the checkout.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createSchemaCheck } from "../../../src/adapters/schema/index.ts";
import { parseYaml } from "../../../src/adapters/yaml/index.ts";
import { COMPOSE_SCHEMA_FILE } from "../../../src/assets.ts";
import { type CompiledProject, compileProject, prepareProject } from "../../../src/core/compose/index.ts";
import { finish } from "./helper.ts";

export interface CorpusCase {
  readonly path: string;
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly hashes: Readonly<Record<string, string>>;
  /** Services whose hash docker compose prints before it has resolved them, and then labels with another. */
  readonly labelDiffers?: readonly string[];
}

export interface ComposeText {
  /** Absolute, where docker compose was given it. */
  readonly path: string;
  readonly text: string;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Absolute; there may be nothing. */
export const corpusDirectory = resolve(root, process.env.CORPUS || "../shared/corpus");
const expectedFile = join(corpusDirectory, "expected.json");

/** Empty where there is no collection. */
export const corpusCases: readonly CorpusCase[] = existsSync(expectedFile)
  ? (JSON.parse(readFileSync(expectedFile, "utf8")) as { cases: readonly CorpusCase[] }).cases
  : [];

export function textsOf({ path, files }: CorpusCase): readonly ComposeText[] {
  return files.map((name) => ({
    path: `/srv/corpus/${path}/${name}`,
    text: readFileSync(join(corpusDirectory, path, name), "utf8"),
  }));
}

const check = createSchemaCheck(COMPOSE_SCHEMA_FILE);

/**
 * Loads texts as the files of one project, every profile on, with environment files that are empty. `others`: texts of
 * files that are extended or included, by absolute path.
 */
export function loadTexts(
  texts: readonly ComposeText[],
  directory: string,
  env: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>> = {},
): CompiledProject {
  const prepared = finish(
    prepareProject({
      parse: parseYaml,
      files: texts.map(({ path, text }) => ({ path, documents: parseYaml(text, path) })),
      directory,
      name: "corpus",
      environment: new Map(Object.entries(env)),
      profiles: ["*"],
      environmentFiles: [],
      schema: { check, lenient: false },
    }),
    others,
  );
  // The collections leave their environment files out; docker compose was given empty ones.
  return compileProject(prepared, new Map(prepared.envFiles.map((file) => [file.path, ""])));
}
