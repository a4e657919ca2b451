// Runs the real docker compose against an engine, as somebody at a terminal in the project's directory would.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface ComposeOptions {
  readonly binary: string;
  /** `unix://…` */
  readonly engineHost: string;
  /** The project's directory. */
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Kills it with SIGKILL. */
  readonly signal?: AbortSignal;
}

/** Where docker compose 2.40 (`sid`) or 2.26 (`trixie`) is; downloads it first where that has not been done. */
export async function composeBinary(suite: "sid" | "trixie" = "sid"): Promise<string> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, "compose.mjs"), suite]);
  return stdout.trim();
}

/** Rejects with what it said when it fails. Nothing of this process's environment reaches it. */
export async function compose(
  options: ComposeOptions,
  ...words: string[]
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { directory, engineHost, signal } = options;
  // Docker's own configuration of this machine (proxies, contexts) would end up in containers.
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: directory,
    DOCKER_HOST: engineHost,
    ...options.environment,
  };
  return run(options.binary, ["--progress", "quiet", ...words], {
    cwd: directory,
    env,
    maxBuffer: 64 * 1024 * 1024,
    ...(signal === undefined ? {} : { signal, killSignal: "SIGKILL" }),
  });
}
