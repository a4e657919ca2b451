// `config`: Boardhand's own configuration, or a compose model as docker compose would resolve it. Changes nothing and asks
// no engine. Here, and only here, the caller's own environment counts, over `.env`: as docker compose has it.
import { formatYaml } from "../../adapters/yaml/index.ts";
import { composeModel, doubleDollars, printedHash, printJson, yamlModel } from "../../core/compose/index.ts";
import { BoardhandError, type DesiredProject } from "../../core/model/index.ts";
import { projectLoader } from "../../project-loader.ts";
import type { LoadedProject } from "../../reconcile/load/index.ts";
import type { ParsedCommand } from "../arguments.ts";
import type { CliContext, ExitCode } from "../context.ts";
import { formatJson, oneLine } from "../output.ts";
import { composeEntry } from "./compose-entry.ts";

export type ConfigRequest = Extract<ParsedCommand, { kind: "config" }>;

/** Throws E_USAGE for an unknown service or a bad name, E_COMPOSE and E_FILE for what is wrong with the files. */
export async function configCommand(request: ConfigRequest, ctx: CliContext): Promise<ExitCode> {
  if (!isAboutCompose(request)) {
    ctx.out(
      ctx.json
        ? formatJson(ctx.config)
        : `configuration ok: ${ctx.configFile ?? "no file, everything at its default"}\n`,
    );
    return 0;
  }
  const { project, sections, warnings } = await loadProject(request, ctx.config.compose.lenient);
  for (const warning of warnings) ctx.progress.line(`warning: ${oneLine(warning)}`);
  if (request.hash !== null) {
    const hashes = hashesOf(project, request.hash);
    ctx.out(
      ctx.json
        ? formatJson(Object.fromEntries(hashes))
        : hashes.map(([service, hash]) => `${service} ${hash}\n`).join(""),
    );
    return 0;
  }
  const model = composeModel(project, sections);
  ctx.out(ctx.json ? printJson(model) : doubleDollars(formatYaml(yamlModel(model))));
  return 0;
}

/** Any of the options that docker compose has too; `--config` and `--json` alone are about Boardhand. */
function isAboutCompose(request: ConfigRequest): boolean {
  const { files, envFiles, profiles, projectName, projectDirectory, hash } = request;
  const isNamed = [projectName, projectDirectory, hash].some((value) => value !== null);
  return isNamed || files.length + envFiles.length + profiles.length > 0;
}

async function loadProject(
  request: ConfigRequest,
  lenient: boolean,
): Promise<Extract<LoadedProject, { kind: "loaded" }>> {
  const { entry, shell } = composeEntry(request, process.cwd(), process.env);
  const loader = projectLoader({ projects: [entry], shell, lenient });
  const [source] = await loader.list();
  if (source === undefined) throw new BoardhandError("E_COMPOSE", "the project was not found");
  const loaded = await loader.load(source);
  if (loaded.kind === "invalid") throw loaded.error;
  return loaded;
}

/** Sorted by service, whatever the order they were asked for in. */
function hashesOf(project: DesiredProject, wanted: string): readonly (readonly [string, string])[] {
  const names = new Set(wanted === "*" ? project.services.map(({ name }) => name) : wanted.split(","));
  const chosen = project.services.filter((service) => names.has(service.name));
  const missing = [...names].find((name) => !chosen.some((service) => service.name === name));
  if (missing !== undefined) {
    const there = project.services.map((service) => service.name).join(", ");
    throw new BoardhandError("E_USAGE", `config: there is no service ${JSON.stringify(missing)}`, {
      hint: `There are: ${there}.`,
    });
  }
  return chosen.map((service) => [service.name, printedHash(service.spec)] as const);
}
