// The Binfmt port over the kernel's binfmt_misc file system. Reads only; what is cut short or says a thing twice is no entry.
import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Binfmt, BinfmtEntry } from "../../ports/index.ts";
import { parseEntry } from "./parse.ts";

const CONTROL_FILES: readonly string[] = ["register", "status"];
const MAX_ENTRIES = 200;
/** The kernel writes at most a page. */
const MAX_BYTES = 16 * 1024;

/** A `directory` that is not there, or is empty, counts as not mounted. */
export function createBinfmt(directory = "/proc/sys/fs/binfmt_misc"): Binfmt {
  return {
    async read() {
      const status = await readBounded(join(directory, "status"));
      if (status === null) return { mounted: false, enabled: false, entries: [] };
      return { mounted: true, enabled: status.trim() === "enabled", entries: await readEntries(directory) };
    },
  };
}

async function readEntries(directory: string): Promise<readonly BinfmtEntry[]> {
  const names = await readdir(directory).catch((): string[] => []);
  const wanted = names
    .filter((name) => !CONTROL_FILES.includes(name))
    .sort()
    .slice(0, MAX_ENTRIES);
  const entries: BinfmtEntry[] = [];
  for (const name of wanted) {
    const text = await readBounded(join(directory, name));
    const entry = text === null ? null : parseEntry(name, text);
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

/** Null for what cannot be read or is too long; files of /proc say size 0, so it is read to its end. */
async function readBounded(path: string): Promise<string | null> {
  try {
    // Not blocking: in a directory that is not the kernel's there may be a pipe.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const buffer = Buffer.alloc(MAX_BYTES);
      let length = 0;
      while (length < MAX_BYTES) {
        const { bytesRead } = await file.read(buffer, length, MAX_BYTES - length, null);
        if (bytesRead === 0) return buffer.toString("utf8", 0, length);
        length += bytesRead;
      }
      return null;
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
