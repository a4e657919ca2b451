// Registers QEMU for ARM with the kernel where that is possible, and takes back only what it did itself.
import { execFile } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = "/proc/sys/fs/binfmt_misc";
const WANTED = ["qemu-arm", "qemu-aarch64"];

export interface Emulation {
  /** Registrations that are enabled now, of the ones the tests use. */
  readonly available: readonly string[];
  restore(): Promise<void>;
}

export async function enableEmulation(): Promise<Emulation> {
  const undo: (() => Promise<unknown>)[] = [];
  if (!(await readable(`${ROOT}/status`))) {
    const mounted = await succeeds("mount", ["-t", "binfmt_misc", "binfmt_misc", ROOT]);
    if (mounted) undo.unshift(() => succeeds("umount", [ROOT]));
  }
  const available: string[] = [];
  for (const name of WANTED) {
    if (!(await isEnabled(name))) {
      await succeeds("update-binfmts", ["--enable", name]);
      if (await isEnabled(name)) undo.unshift(() => succeeds("update-binfmts", ["--disable", name]));
    }
    if (await isEnabled(name)) available.push(name);
  }
  return {
    available,
    async restore() {
      for (const step of undo) await step();
    },
  };
}

async function isEnabled(name: string): Promise<boolean> {
  return (await readFile(`${ROOT}/${name}`, "utf8").catch(() => "")).startsWith("enabled");
}

async function readable(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function succeeds(binary: string, words: readonly string[]): Promise<boolean> {
  return run(binary, words, { timeout: 30_000 }).then(
    () => true,
    () => false,
  );
}
