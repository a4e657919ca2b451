#!/usr/bin/env node
// argv to command, signals, exit codes.
import { Writable } from "node:stream";
import { loadConfig } from "./adapters/config/index.ts";
import { createLog } from "./adapters/log/index.ts";
import { yamlParser } from "./adapters/yaml/index.ts";
import { exitCodeFor, type ParsedCommand, parseCommand } from "./cli/arguments.ts";
import { applyCommand, rollbackCommand } from "./cli/commands/apply.ts";
import { buildCommand } from "./cli/commands/build.ts";
import { buildInitCommand } from "./cli/commands/build-init.ts";
import { configCommand } from "./cli/commands/config.ts";
import { newTokenCommand } from "./cli/commands/doctor/new-token.ts";
import { doctorCommand } from "./cli/commands/doctor.ts";
import { handCommand } from "./cli/commands/hand.ts";
import { checkCommand, planCommand } from "./cli/commands/look.ts";
import { runCommand } from "./cli/commands/run.ts";
import { healthCommand, statusCommand } from "./cli/commands/status.ts";
import type { CliContext, ExitCode } from "./cli/context.ts";
import { helpText } from "./cli/help.ts";
import { coloursFor, formatError } from "./cli/output.ts";
import { terminalProgress } from "./cli/progress.ts";
import { isValidCron } from "./triggers/schedule.ts";
import { VERSION } from "./version.ts";

type RealCommand = Exclude<ParsedCommand, { kind: "help" } | { kind: "version" }>;

async function main(argv: readonly string[]): Promise<number> {
  const out = (text: string): void => void process.stdout.write(text);
  try {
    const command = parseCommand(argv);
    if (command.kind === "help") out(helpText(command.command));
    else if (command.kind === "version") out(`${VERSION}\n`);
    else return await dispatch(command, await contextFor(command, out));
    return 0;
  } catch (error) {
    const colours = coloursFor(process.stderr, process.env);
    process.stderr.write(formatError(error, { json: argv.includes("--json"), colours }));
    return exitCodeFor(error);
  }
}

async function contextFor(command: RealCommand, out: (text: string) => void): Promise<CliContext> {
  const { config, file } = await loadConfig({
    argument: command.configFile,
    environment: process.env,
    parseYaml: yamlParser("E_CONFIG"),
    isValidCron,
    cwd: process.cwd(),
  });
  const pretty = process.stderr.isTTY === true;
  const colours = coloursFor(process.stdout, process.env);
  const colour = coloursFor(process.stderr, process.env).bold("") !== "";
  // Commands print their result themselves; only the daemon tells its story in the log.
  const level = command.kind === "run" || config.log.level !== "info" ? config.log.level : "warn";
  const progress = terminalProgress(process.stderr, pretty);
  return {
    config,
    configFile: file,
    json: command.json,
    // On a terminal, log lines go above the bars and not through them.
    log: createLog({ level, pretty, colour, ...(pretty ? { stream: lineStream(progress.line) } : {}) }),
    progress,
    colours,
    out,
    isTerminal: pretty,
    signal: stopSignal(),
  };
}

function dispatch(command: RealCommand, ctx: CliContext): Promise<ExitCode> {
  switch (command.kind) {
    case "run":
      return runCommand(ctx);
    case "check":
      return checkCommand(command.projects, ctx);
    case "plan":
      return planCommand(command.projects, ctx);
    case "apply":
      return applyCommand(command.projects, ctx);
    case "status":
      return command.health ? healthCommand(ctx) : statusCommand(ctx);
    case "rollback":
      return rollbackCommand(command.project, command.services, ctx);
    case "suspend":
    case "resume":
      return handCommand(command.kind, command.project, ctx);
    case "config":
      return configCommand(command, ctx);
    case "build":
      return buildCommand(command, ctx);
    case "buildInit":
      return buildInitCommand(command, ctx);
    case "doctor":
      return command.newToken === null ? doctorCommand(ctx) : newTokenCommand(command.newToken, ctx);
  }
}

function lineStream(line: (text: string) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      line(chunk.toString("utf8").trimEnd());
      done();
    },
  });
}

/** The first SIGINT or SIGTERM asks everything to end well; a second one ends the process. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      controller.abort(new Error(`stopped by ${name}`));
      process.once(name, () => process.exit(1));
    });
  }
  return controller.signal;
}

process.exitCode = await main(process.argv.slice(2));
