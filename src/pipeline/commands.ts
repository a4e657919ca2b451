// Shell commands of pipeline.yml, one after the other; the first that fails ends it.
import type { ErrorCode } from "../core/model/index.ts";
import type { ProgramEnd } from "../ports/index.ts";
import type { PipelineDeps } from "./deps.ts";
import { WITHOUT_LOGIN } from "./login/index.ts";
import type { StageFailure, StageName } from "./model.ts";

const TAIL_LINES = 30;

/** Runs them in the repository's root. Null when all of them ended with 0; throws E_PROGRAM without a shell. */
export async function runCommands(
  deps: PipelineDeps,
  stage: StageName,
  commands: readonly string[],
  code: ErrorCode,
): Promise<StageFailure | null> {
  const { config, programs, signal, report } = deps;
  for (const command of commands) {
    report({ kind: "line", stage, arch: null, text: `$ ${command}` });
    const end = await programs.run({
      command: "sh",
      args: ["-c", command],
      directory: config.root,
      environment: WITHOUT_LOGIN,
      timeoutMs: config.timeoutMs,
      signal,
      onLine: (text) => report({ kind: "line", stage, arch: null, text }),
    });
    if (end.status === 0) continue;
    const output = tailOf(`${end.stdout}\n${end.stderr}`);
    const message = `\`${command}\` ${howItEnded(end, config.timeoutMs)}${output}`;
    return { code, message, hint: "See the end of its output." };
  }
  return null;
}

/** `ended with 3`. */
export function howItEnded({ status, timedOut }: ProgramEnd, timeoutMs: number): string {
  if (timedOut) return `did not end within ${timeoutMs / 1000} s`;
  return status === null ? "was stopped" : `ended with ${status}`;
}

/** The last lines of an output, on lines of their own; empty when there are none. */
export function tailOf(output: string): string {
  const lines = output.split(/\r?\n|\r/).filter((line) => line.trim() !== "");
  return lines.length === 0 ? "" : `:\n${lines.slice(-TAIL_LINES).join("\n")}`;
}
