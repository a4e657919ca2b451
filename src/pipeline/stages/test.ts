// The repository's own tests, before any image is built.
import { runCommands } from "../commands.ts";
import type { PipelineDeps } from "../deps.ts";
import type { StageOutcome } from "../model.ts";
import { ending } from "../outcome.ts";

/** E_TEST with the end of the output when a command fails; throws E_PROGRAM without a shell. */
export async function runTest(deps: PipelineDeps): Promise<StageOutcome> {
  const { test } = deps.config;
  const end = ending(deps.clock, "test", null);
  if (test.length === 0) return end.skipped("the file names no tests");
  const failure = await runCommands(deps, "test", test, "E_TEST");
  return failure === null ? end.done(test.join("; "), {}) : end.failed(failure);
}
