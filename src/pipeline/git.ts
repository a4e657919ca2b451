// What is being built where no CI says so: as git has it. A detached head at a tag is that tag; changed files mark the commit.
import type { PipelineDeps } from "./deps.ts";
import { type BuildContext, DIRTY } from "./model.ts";

const TIMEOUT_MS = 20_000;
const UNKNOWN: BuildContext = { provider: "git", event: "local", branch: null, tag: null, commit: null };

/** Outside a repository, or without git, nothing is known and nothing is pushed. */
export async function contextFromGit(
  { programs, signal }: Pick<PipelineDeps, "programs" | "signal">,
  directory: string,
): Promise<BuildContext> {
  const ask = async (...args: readonly string[]): Promise<string | null> => {
    const end = await programs.run({ command: "git", args, directory, timeoutMs: TIMEOUT_MS, signal });
    return end.status === 0 ? end.stdout.trim() : null;
  };
  try {
    const commit = await ask("rev-parse", "--verify", "HEAD");
    if (commit === null) return UNKNOWN;
    const changed = (await ask("status", "--porcelain", "--untracked-files=no")) ?? "";
    const marked = changed === "" ? commit : `${commit}${DIRTY}`;
    const branch = await ask("symbolic-ref", "--quiet", "--short", "HEAD");
    if (branch !== null) return { ...UNKNOWN, event: "push", branch, commit: marked };
    const tag = await ask("describe", "--tags", "--exact-match", "HEAD");
    return { ...UNKNOWN, event: tag === null ? "other" : "tag", tag, commit: marked };
  } catch {
    // No git on this machine.
    return UNKNOWN;
  }
}
