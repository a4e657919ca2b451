// One directory of text files on disk. Never overwrites, never follows a link out of it, and leaves no half of what it was to write.
import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, realpath, rm, rmdir } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, sep } from "node:path";
import { BoardhandError } from "../../core/model/index.ts";
import type { Workspace, WorkspaceFile } from "../../ports/index.ts";

const MAX_BYTES = 1024 * 1024;
const MAX_FILES = 1000;
const MAX_DEPTH = 16;
const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);

/** `root` itself may be a link; everything below it has to stay below what it leads to. */
export function createWorkspace(root: string): Workspace {
  return {
    list: (folder) => list(root, folder),
    exists: async (path) => (await look(join(root, checked(path)))) !== null,
    readText: (path) => readText(root, path),
    create: (files) => create(root, files),
  };
}

/** Refuses what would lead elsewhere by its text alone. */
function checked(path: string): string {
  const plain = normalize(path);
  if (path === "" || isAbsolute(plain) || plain.split(sep).includes("..") || path.includes("\0")) {
    throw fileError(path, "is outside the directory");
  }
  return plain;
}

async function look(path: string): Promise<Awaited<ReturnType<typeof lstat>> | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (ABSENT.has(codeOf(error))) return null;
    throw fileError(path, `cannot be looked at (${codeOf(error)})`, error);
  }
}

async function list(root: string, folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  await collect(root, checked(folder), 0, found);
  return found.sort();
}

async function collect(root: string, folder: string, depth: number, found: string[]): Promise<void> {
  if (depth > MAX_DEPTH) throw fileError(folder, `is more than ${MAX_DEPTH} folders deep`);
  for (const entry of await entriesOf(join(root, folder))) {
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) await collect(root, path, depth + 1, found);
    else if (entry.isFile()) found.push(path);
    if (found.length > MAX_FILES) throw fileError(folder, `has more than ${MAX_FILES} files`);
  }
}

async function entriesOf(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (ABSENT.has(codeOf(error))) return [];
    throw fileError(path, `cannot be listed (${codeOf(error)})`, error);
  }
}

async function readText(root: string, path: string): Promise<string> {
  const full = join(root, checked(path));
  try {
    await refuseOutside(root, full);
    const handle = await open(full, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw fileError(path, "is not a regular file");
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
      if (bytesRead > MAX_BYTES) throw fileError(path, "is larger than 1 MiB");
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(buffer.subarray(0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof BoardhandError) throw error;
    const why = error instanceof TypeError ? "is not UTF-8 text" : `cannot be read (${codeOf(error)})`;
    throw fileError(path, why, error);
  }
}

async function refuseOutside(root: string, full: string): Promise<void> {
  const top = await realpath(root);
  const real = await realpath(full);
  if (real !== top && !real.startsWith(top === sep ? sep : `${top}${sep}`)) {
    throw fileError(full, "leads out of the directory by a link");
  }
}

async function create(root: string, files: readonly WorkspaceFile[]): Promise<void> {
  for (const { path } of files) await refuseTaken(root, checked(path));
  const made: (() => Promise<void>)[] = [];
  try {
    for (const file of files) await createOne(root, file, made);
  } catch (error) {
    // Only what was made a moment ago, the last first.
    for (const undo of made.reverse()) await undo().catch(() => undefined);
    if (error instanceof BoardhandError) throw error;
    throw fileError(root, `cannot be written into (${codeOf(error)})`, error);
  }
}

/** The place itself has to be free, and each folder on the way a folder and no link. */
async function refuseTaken(root: string, path: string): Promise<void> {
  const parts = path.split(sep);
  for (let count = 1; count <= parts.length; count += 1) {
    const part = join(...parts.slice(0, count));
    const stats = await look(join(root, part));
    if (stats === null) return;
    if (count === parts.length) throw fileError(path, "is there already");
    if (stats.isSymbolicLink()) throw fileError(part, "is a link: nothing is written through it");
    if (!stats.isDirectory()) throw fileError(part, "is in the way: it is no folder");
  }
}

async function createOne(root: string, file: WorkspaceFile, made: (() => Promise<void>)[]): Promise<void> {
  const full = join(root, checked(file.path));
  await createFolder(root, dirname(full), made);
  // `wx`: what appeared since it was looked for is not overwritten, nor followed when it is a link.
  const handle = await open(full, "wx", file.executable ? 0o777 : 0o666);
  made.push(() => rm(full));
  try {
    await handle.writeFile(file.text);
  } finally {
    await handle.close();
  }
}

async function createFolder(root: string, folder: string, made: (() => Promise<void>)[]): Promise<void> {
  if (folder.length <= root.length || (await look(folder)) !== null) return;
  await createFolder(root, dirname(folder), made);
  await mkdir(folder);
  made.push(() => rmdir(folder));
}

function fileError(path: string, what: string, cause?: unknown): BoardhandError {
  return new BoardhandError("E_FILE", `${path} ${what}`, { cause, data: { file: path } });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}
