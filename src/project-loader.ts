// The loader of compose projects with its real parts: the disk, YAML, and the compose specification's schema.
import { createFiles } from "./adapters/files/index.ts";
import { createSchemaCheck } from "./adapters/schema/index.ts";
import { yamlParser } from "./adapters/yaml/index.ts";
import { COMPOSE_SCHEMA_FILE } from "./assets.ts";
import { createProjectLoader, type ProjectLoader, type ProjectLoaderDeps } from "./reconcile/load/index.ts";

/** What is particular to one use of it. */
type Particulars = Pick<ProjectLoaderDeps, "projects" | "shell" | "lenient">;

export function projectLoader(particulars: Particulars): ProjectLoader {
  return createProjectLoader({
    files: createFiles(),
    parseYaml: yamlParser("E_COMPOSE"),
    checkSchema: createSchemaCheck(COMPOSE_SCHEMA_FILE),
    ...particulars,
  });
}
