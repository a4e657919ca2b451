#!/usr/bin/env node
// argv to command, and its end to an exit code. Each command loads only what it needs: a board asks after its agent's
// health every minute, and starting is most of that.
import { exitCodeFor, parseCommand, type RealCommand } from "./cli/arguments.ts";
import type { ExitCode } from "./cli/context.ts";
import { helpText } from "./cli/help.ts";
import { coloursFor, formatError } from "./cli/output.ts";
import { VERSION } from "./version.ts";

async function main(argv: readonly string[]): Promise<number> {
  const out = (text: string): void => void process.stdout.write(text);
  try {
    const command = parseCommand(argv);
    if (command.kind === "help") out(helpText(command.command));
    else if (command.kind === "version") out(`${VERSION}\n`);
    else return await dispatch(command, out);
    return 0;
  } catch (error) {
    const colours = coloursFor(process.stderr, process.env);
    process.stderr.write(formatError(error, { json: argv.includes("--json"), colours }));
    return exitCodeFor(error);
  }
}

const apply = () => import("./cli/commands/apply.ts");
const look = () => import("./cli/commands/look.ts");
const status = () => import("./cli/commands/status.ts");

async function dispatch(command: RealCommand, out: (text: string) => void): Promise<ExitCode> {
  const { contextFor } = await import("./cli/command-context.ts");
  const ctx = await contextFor(command, out);
  switch (command.kind) {
    case "run":
      return (await import("./cli/commands/run.ts")).runCommand(ctx);
    case "updater":
      return (await import("./cli/commands/updater.ts")).updaterCommand(ctx);
    case "check":
      return (await look()).checkCommand(command.projects, ctx);
    case "plan":
      return (await look()).planCommand(command.projects, ctx);
    case "apply":
      return (await apply()).applyCommand(command.projects, ctx);
    case "status":
      return command.health ? (await status()).healthCommand(ctx) : (await status()).statusCommand(ctx);
    case "rollback":
      return (await apply()).rollbackCommand(command.project, command.services, ctx);
    case "suspend":
    case "resume":
      return (await import("./cli/commands/hand.ts")).handCommand(command.kind, command.project, ctx);
    case "config":
      return (await import("./cli/commands/config.ts")).configCommand(command, ctx);
    case "build":
      return (await import("./cli/commands/build.ts")).buildCommand(command, ctx);
    case "buildInit":
      return (await import("./cli/commands/build-init.ts")).buildInitCommand(command, ctx);
    case "doctor":
      return command.newToken === null
        ? (await import("./cli/commands/doctor.ts")).doctorCommand(ctx)
        : (await import("./cli/commands/doctor/new-token.ts")).newTokenCommand(command.newToken, ctx);
  }
}

process.exitCode = await main(process.argv.slice(2));
