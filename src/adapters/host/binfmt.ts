// Which emulators the kernel has ready, from the binfmt_misc file system; anything unreadable there counts as none.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readSmall } from "./read-small.ts";

const CONTROL_FILES: readonly string[] = ["register", "status"];
const MAX_ENTRIES = 200;

/**
 * Names of enabled entries with the F flag, sorted. Without F the interpreter is looked up inside each container,
 * where it usually is not, so such an entry emulates nothing for us.
 */
export async function readEmulators(directory: string): Promise<readonly string[]> {
  const status = await readSmall(join(directory, "status"));
  if (status?.trim() !== "enabled") return [];
  const names = await readdir(directory).catch((): string[] => []);
  const entries = names
    .filter((name) => !CONTROL_FILES.includes(name))
    .sort()
    .slice(0, MAX_ENTRIES);
  const ready: string[] = [];
  for (const name of entries) {
    const text = await readSmall(join(directory, name));
    if (text !== null && isReady(text)) ready.push(name);
  }
  return ready;
}

function isReady(text: string): boolean {
  const lines = text.split("\n");
  const flags = lines.find((line) => line.startsWith("flags:"))?.slice("flags:".length) ?? "";
  return lines[0] === "enabled" && flags.includes("F");
}
