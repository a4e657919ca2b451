// QEMU for ARM, registered with the kernel for a run of tests (binfmt.mjs does it).
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, "binfmt.mjs");

export interface Emulation {
  /** Registrations that are enabled now, of the ones the tests use. */
  readonly available: readonly string[];
  restore(): Promise<void>;
}

export async function enableEmulation(): Promise<Emulation> {
  const { stdout } = await run(process.execPath, [PROGRAM, "on"]);
  const { available, changes } = JSON.parse(stdout) as { available: string[]; changes: string[][] };
  return {
    available,
    async restore() {
      await run(process.execPath, [PROGRAM, "off", JSON.stringify(changes)]);
    },
  };
}
