// The release before this one, as a program: built once from its own sources by its own script, and kept.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

/** What boards have that do not have this version yet. To be moved on with each release. */
const PREVIOUS = "84368263d4d32b77cbf6f7a367bd859f8169321a";

const BUILT = join(ROOT, ".cache/previous", PREVIOUS);
const BUNDLE = join(BUILT, "dist/boardhand.mjs");

/** False in a clone that does not go back so far, which says what to do. */
export async function hasPreviousRelease(): Promise<boolean> {
  if (existsSync(BUNDLE)) return true;
  try {
    await run("git", ["cat-file", "-e", `${PREVIOUS}^{commit}`], { cwd: ROOT });
    return true;
  } catch {
    const why = "this clone has no commit of the previous release, so that its tests are left out";
    process.stderr.write(`${why}: git fetch --unshallow, or git fetch origin ${PREVIOUS}\n`);
    return false;
  }
}

/** The path of its bundle. */
export async function previousRelease(): Promise<string> {
  if (existsSync(BUNDLE)) return BUNDLE;
  await mkdir(join(ROOT, ".cache/previous"), { recursive: true });
  const work = await mkdtemp(join(ROOT, ".cache/previous/work-"));
  const archive = join(work, "sources.tar");
  await run("git", ["archive", "--output", archive, PREVIOUS], { cwd: ROOT });
  await run("tar", ["-xf", archive, "-C", work]);
  await symlink(join(ROOT, "node_modules"), join(work, "node_modules"));
  await run(process.execPath, ["deploy/dev/bundle.mjs"], { cwd: work });
  // Whoever else built it meanwhile has the same.
  await rename(work, BUILT).catch(() => rm(work, { recursive: true, force: true }));
  return BUNDLE;
}

export interface Answer {
  readonly code: number;
  readonly output: string;
}

/** Any end of it is an answer. */
export async function runPrevious(...words: readonly string[]): Promise<Answer> {
  const bundle = await previousRelease();
  const env = { PATH: process.env.PATH ?? "", HOME: "/nonexistent" };
  try {
    const { stdout, stderr } = await run(process.execPath, [bundle, ...words], { env, timeout: 60_000 });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    return { code: typeof code === "number" ? code : -1, output: `${stdout ?? ""}${stderr ?? ""}` };
  }
}
