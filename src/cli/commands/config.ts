// `config`: Boardhand's own configuration, or with -f a compose model as docker compose would resolve it. Changes nothing
// and asks no engine.
import { dirname, resolve } from "node:path";
import { createFiles } from "../../adapters/files/index.ts";
import { formatYaml, yamlParser } from "../../adapters/yaml/index.ts";
import { normaliseName } from "../../core/compose/index.ts";
import { BoardhandError, type DesiredProject, type ProjectEntry } from "../../core/model/index.ts";
import { createProjectLoader } from "../../reconcile/load/index.ts";
import type { ParsedCommand } from "../arguments.ts";
import type { CliContext, ExitCode } from "../context.ts";
import { formatJson, oneLine } from "../output.ts";
import { composeModel } from "./compose-model.ts";

export type ConfigRequest = Extract<ParsedCommand, { kind: "config" }>;

/** Throws E_USAGE for an unknown service or a bad name, E_COMPOSE and E_FILE for what is wrong with the files. */
export async function configCommand(request: ConfigRequest, ctx: CliContext): Promise<ExitCode> {
  if (request.files.length === 0) {
    ctx.out(
      ctx.json
        ? formatJson(ctx.config)
        : `configuration ok: ${ctx.configFile ?? "no file, everything at its default"}\n`,
    );
    return 0;
  }
  const { project, warnings } = await loadFiles(entryOf(request));
  for (const warning of warnings) ctx.progress.line(`warning: ${oneLine(warning)}`);
  if (request.hash !== null) {
    const hashes = hashesOf(project, request.hash);
    ctx.out(
      ctx.json
        ? formatJson(Object.fromEntries(hashes))
        : hashes.map(([service, hash]) => `${service} ${hash}\n`).join(""),
    );
  } else ctx.out(ctx.json ? formatJson(composeModel(project)) : formatYaml(composeModel(project)));
  return 0;
}

/** Here, and only here, the caller's own environment counts, over `.env`: as docker compose has it. */
function entryOf(request: ConfigRequest): ProjectEntry {
  const files = request.files.map((file) => resolve(file));
  const name = request.projectName;
  if (name !== null && normaliseName(name) !== name) {
    throw new BoardhandError("E_USAGE", `config: ${JSON.stringify(name)} is no project name`, {
      hint: "Use lower-case letters, digits, dashes and underscores, beginning with a letter or digit.",
    });
  }
  const environment = Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const directory = resolve(request.projectDirectory ?? dirname(files[0] ?? "."));
  return { name, directory, files, envFiles: [], environment, profiles: [] };
}

async function loadFiles(
  entry: ProjectEntry,
): Promise<{ readonly project: DesiredProject; readonly warnings: readonly string[] }> {
  const parseYaml = yamlParser("E_COMPOSE");
  const loader = createProjectLoader({ files: createFiles(), parseYaml, projects: [entry] });
  const [source] = await loader.list();
  if (source === undefined) throw new BoardhandError("E_COMPOSE", "the project was not found");
  const loaded = await loader.load(source);
  if (loaded.kind === "invalid") throw loaded.error;
  return loaded;
}

function hashesOf(project: DesiredProject, wanted: string): readonly (readonly [string, string])[] {
  const chosen = project.services.filter((service) => wanted === "*" || service.name === wanted);
  if (chosen.length === 0 && wanted !== "*") {
    const names = project.services.map((service) => service.name).join(", ");
    throw new BoardhandError("E_USAGE", `config: there is no service ${JSON.stringify(wanted)}`, {
      hint: `There are: ${names}.`,
    });
  }
  return chosen.map((service) => [service.name, service.composeHashes[0] ?? ""] as const);
}
