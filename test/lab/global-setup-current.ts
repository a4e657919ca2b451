// The same run on a current engine: Debian sid's beside the machine's own (test/lab/engine.mjs).
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { bringUp } from "./global-setup.ts";

const run = promisify(execFile);

/** Called by vitest before the tests; returns what to do after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stdout, stderr } = await run(process.execPath, [join(import.meta.dirname, "engine.mjs")]);
  process.stderr.write(stderr);
  const binary = stdout.trim();
  const version = (await run(binary, ["--version"])).stdout.trim();
  process.stderr.write(`The engine of this run: ${version}\n`);
  return bringUp(project, {
    binary,
    arguments: ["--ip6tables=false"],
    // docker-proxy is of the engine's own version.
    environment: { PATH: `${dirname(binary)}:${process.env.PATH ?? ""}:/usr/sbin:/sbin` },
  });
}
