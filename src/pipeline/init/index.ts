// `boardhand build init`: turns a repository with one Dockerfile into one that the pipeline can build. Overwrites nothing.
import type { Workspace } from "../../ports/index.ts";
import { type CiName, definitionFiles } from "./definitions.ts";
import { pathsOf, planInit } from "./plan.ts";

export { CI_NAMES, type CiName } from "./definitions.ts";

export interface InitDeps {
  /** The repository's root. */
  readonly repository: Workspace;
  /** deploy/pipeline of Boardhand's own installation. */
  readonly definitions: Workspace;
}

export interface InitOptions {
  /** Repository without a tag: `user/app`. */
  readonly image: string;
  readonly main: string;
  readonly ci: readonly CiName[];
}

export interface InitResult {
  /** Paths, in the order in which they were written. */
  readonly written: readonly string[];
  readonly kept: readonly string[];
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Writes Dockerfiles for ARM, config/pipeline.yml and the chosen definitions: all of them or, when anything is wrong or
 * in the way, none. Throws BoardhandError E_USAGE (with every reason), E_BUILD for a Dockerfile that cannot be taken
 * apart, E_FILE.
 */
export async function runInit(deps: InitDeps, options: InitOptions): Promise<InitResult> {
  const { repository } = deps;
  const ci = [...new Set(options.ci)];
  const definitions = await definitionFiles(deps.definitions, ci, options.main);
  const there = new Set<string>();
  for (const path of pathsOf(definitions)) if (await repository.exists(path)) there.add(path);
  const { files, ...told } = planInit({
    ...{ ...options, ci, definitions },
    dockerfile: there.has("Dockerfile") ? await repository.readText("Dockerfile") : null,
    exists: (path) => there.has(path),
  });
  await repository.create(files);
  return { written: files.map(({ path }) => path), ...told };
}
