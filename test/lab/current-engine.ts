// A current engine for the lab: Debian sid's beside the machine's own (test/lab/engine.mjs).
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { LabEngineOptions } from "./engine.ts";

const run = promisify(execFile);

/** Fetches it where it is not here yet, and says on stderr which one it is. */
export async function currentEngine(): Promise<LabEngineOptions> {
  const { stdout, stderr } = await run(process.execPath, [join(import.meta.dirname, "engine.mjs")]);
  process.stderr.write(stderr);
  const binary = stdout.trim();
  const version = (await run(binary, ["--version"])).stdout.trim();
  process.stderr.write(`The engine of this run: ${version}\n`);
  return {
    binary,
    arguments: ["--ip6tables=false"],
    // docker-proxy is of the engine's own version.
    environment: { PATH: `${dirname(binary)}:${process.env.PATH ?? ""}:/usr/sbin:/sbin` },
  };
}
