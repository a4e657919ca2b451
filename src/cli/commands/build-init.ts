// `boardhand build init`: says what was written into the repository, what was kept, and what a person still has to decide.
import { fileURLToPath } from "node:url";
import { createWorkspace } from "../../adapters/workspace/index.ts";
import { CI_DEFINITIONS } from "../../assets.ts";
import { type CiName, runInit } from "../../pipeline/index.ts";
import type { CliContext, ExitCode } from "../context.ts";
import { formatJson, oneLine } from "../output.ts";

export interface BuildInitOptions {
  readonly image: string;
  readonly main: string;
  readonly ci: readonly CiName[];
}

/** Works in the current directory, which is the repository's root. */
export async function buildInitCommand(options: BuildInitOptions, ctx: CliContext): Promise<ExitCode> {
  const deps = {
    repository: createWorkspace(process.cwd()),
    definitions: createWorkspace(fileURLToPath(CI_DEFINITIONS)),
  };
  const { image, main, ci } = options;
  const result = await runInit(deps, { image, main, ci });
  if (ctx.json) ctx.out(formatJson(result));
  else {
    const { written, kept, notes, warnings } = result;
    const { green, dim, yellow } = ctx.colours;
    const lines = [
      ...written.map((path) => `${green("wrote")}    ${oneLine(path)}`),
      ...kept.map((path) => `${dim("kept")}     ${oneLine(path)}`),
      ...notes.map((text) => `${dim("note")}     ${oneLine(text)}`),
      ...warnings.map((text) => `${yellow("warning")}  ${oneLine(text)}`),
    ];
    ctx.out(`${lines.join("\n")}\n`);
  }
  return 0;
}
