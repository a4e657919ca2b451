// Private directories under the system's own temporary one, and the files to start them from. Removed whatever is in them.
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BoardhandError, Secret } from "../../core/model/index.ts";
import type { Scratch, ScratchContent, ScratchDirectory } from "../../ports/index.ts";

const FILE_MAX_BYTES = 1024 * 1024;

function failure(path: string, what: string, cause: unknown): BoardhandError {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? "unknown reason";
  return new BoardhandError("E_FILE", `${path} ${what} (${code})`, {
    hint: "Check its owner and mode, and the space on its disk.",
    cause,
    data: { path },
  });
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw failure(path, "cannot be removed", error);
  }
}

async function fill(path: string, { files, links }: ScratchContent): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(path, name), text.reveal(), { mode: 0o600, flag: "wx" });
  }
  for (const [name, target] of Object.entries(links)) await symlink(target, join(path, name));
}

async function read(path: string): Promise<Secret | null> {
  try {
    const { size } = await stat(path);
    if (size <= FILE_MAX_BYTES) return new Secret(await readFile(path, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw failure(path, "cannot be read", error);
  }
  throw failure(path, `is larger than ${FILE_MAX_BYTES} bytes`, { code: "EFBIG" });
}

/** `parent` is where the directories are made. */
export function createScratch(parent: string = tmpdir()): Scratch {
  return {
    read,
    async make(content): Promise<ScratchDirectory> {
      let path: string;
      try {
        // mkdtemp makes it 0700, whatever the umask.
        path = await mkdtemp(join(parent, "boardhand-"));
      } catch (error) {
        throw failure(parent, "takes no new directory", error);
      }
      try {
        await fill(path, content);
      } catch (error) {
        await remove(path);
        throw failure(path, "cannot be filled", error);
      }
      return { path, remove: () => remove(path) };
    },
  };
}
