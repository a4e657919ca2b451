// Reads text files and lists directories, bounded; refuses what is not a regular file, too large, or not UTF-8.
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { BoardhandError } from "../../core/model/index.ts";
import type { Files } from "../../ports/index.ts";

const MAX_BYTES = 4 * 1024 * 1024;
const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);

/** Files of this machine. Errors are E_FILE with the path; `data.absent` is true where there is no such file. */
export function createFiles(): Files {
  return { readText, exists, directories };
}

async function readText(path: string): Promise<string> {
  const bytes = await guarded(path, async () => {
    // A pipe or a device would block or never end.
    if (!(await stat(path)).isFile()) throw fileError(path, "is not a regular file");
    const handle = await open(path, "r");
    try {
      return await readBounded(handle, path);
    } finally {
      await handle.close();
    }
  });
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fileError(path, "is not UTF-8 text", cause);
  }
}

/** Reads to the end rather than trusting a size: the file may grow, and some files have none. */
async function readBounded(handle: Awaited<ReturnType<typeof open>>, path: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(64 * 1024));
    if (bytesRead === 0) return Buffer.concat(chunks);
    total += bytesRead;
    if (total > MAX_BYTES) throw fileError(path, `is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}

/** False only where nothing is; what cannot be looked at throws, so that it is not taken for removed. */
async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (ABSENT.has(codeOf(error))) return false;
    throw fileError(path, `cannot be looked at: ${messageOf(error)}`, error);
  }
}

async function directories(path: string): Promise<readonly string[]> {
  return guarded(path, async () => {
    const names: string[] = [];
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(join(path, entry.name))))) {
        names.push(entry.name);
      }
    }
    return names.sort();
  });
}

/** A dangling link is no directory. */
async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BoardhandError) throw error;
    throw fileError(path, `cannot be read: ${messageOf(error)}`, error);
  }
}

function fileError(path: string, what: string, cause?: unknown): BoardhandError {
  return new BoardhandError("E_FILE", `${path} ${what}`, {
    cause,
    hint: "check that the file is there and that the agent may read it",
    data: { file: path, absent: ABSENT.has(codeOf(cause)) },
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
