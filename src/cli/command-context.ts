// What a command is given: the configuration, the log, the terminal, and the signals that ask it to stop.
import { Writable } from "node:stream";
import { loadConfig } from "../adapters/config/index.ts";
import { createLog } from "../adapters/log/index.ts";
import { yamlParser } from "../adapters/yaml/index.ts";
import { isValidCron } from "../triggers/schedule.ts";
import type { RealCommand } from "./arguments.ts";
import type { CliContext } from "./context.ts";
import { coloursFor } from "./output.ts";
import { terminalProgress } from "./progress.ts";

/** Throws E_CONFIG. */
export async function contextFor(command: RealCommand, out: (text: string) => void): Promise<CliContext> {
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
  // Commands print their result themselves; only what has no terminal tells its story in the log.
  const level =
    ["run", "updater"].includes(command.kind) || config.log.level !== "info" ? config.log.level : "warn";
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
