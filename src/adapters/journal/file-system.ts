// The few calls the journal makes, as one object, so that tests can let any of them fail. Refuses nothing itself.
import { link, mkdir, open, readdir, readFile, rename, stat, unlink } from "node:fs/promises";

export interface StateFile {
  write(bytes: Buffer, position: number): Promise<{ readonly bytesWritten: number }>;
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export interface StateFileSystem {
  /** `flags` and `mode` as open(2). */
  open(path: string, flags: string, mode: number): Promise<StateFile>;
  /** Throws when the file is larger than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Buffer>;
  list(path: string): Promise<readonly string[]>;
  /** With parents; an existing one is fine. */
  makeDirectory(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  link(existing: string, path: string): Promise<void>;
  remove(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
}

export const nodeFileSystem: StateFileSystem = {
  async open(path, flags, mode) {
    const handle = await open(path, flags, mode);
    return {
      write: async (bytes, position) => await handle.write(bytes, 0, bytes.length, position),
      sync: async () => await handle.datasync(),
      truncate: async (size) => await handle.truncate(size),
      close: async () => await handle.close(),
    };
  },
  async read(path, maxBytes) {
    const { size } = await stat(path);
    if (size > maxBytes)
      throw Object.assign(new Error(`${path} is larger than ${maxBytes} bytes`), { code: "EFBIG" });
    return await readFile(path);
  },
  list: async (path) => await readdir(path),
  async makeDirectory(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  rename,
  link,
  remove: unlink,
  async syncDirectory(path) {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** The errno name of a failed call, or empty. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Whole file or nothing: `.new`, fsync, rename, fsync of the directory (`durable`). The old content stays until then. */
export async function replaceFile(
  fs: StateFileSystem,
  path: string,
  bytes: Buffer,
  how: "durable" | "lazy",
): Promise<void> {
  const fresh = `${path}.new`;
  const file = await fs.open(fresh, "w", 0o600);
  try {
    await writeAll(file, bytes, 0);
    if (how === "durable") await file.sync();
  } finally {
    await file.close();
  }
  await fs.rename(fresh, path);
  if (how === "durable") await fs.syncDirectory(path.slice(0, path.lastIndexOf("/")));
}

/** Writes all bytes from `position` on, however few each call takes. */
export async function writeAll(file: StateFile, bytes: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes.subarray(done), position + done);
    if (bytesWritten === 0) throw Object.assign(new Error("the file system took no bytes"), { code: "EIO" });
    done += bytesWritten;
  }
}
