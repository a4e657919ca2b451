// One writer for a state directory. A dead owner (other boot, no such process, another start time) is taken over, a live
// one is refused by name. Process ids are only compared within one process namespace.
import { readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { BoardhandError } from "../../core/model/index.ts";
import { stateError } from "./failure.ts";
import { errnoOf, type StateFileSystem, writeAll } from "./file-system.ts";

interface Owner {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot; null where there is no /proc. */
  readonly startTime: string | null;
  readonly boot: string | null;
  /** The process namespace: a container's. */
  readonly namespace: string | null;
}

const ATTEMPTS = 5;

/** Takes the lock; the result gives it back. Throws E_STATE when a live process holds it. */
export async function acquireLock(fs: StateFileSystem, directory: string): Promise<() => Promise<void>> {
  const path = join(directory, "lock");
  const own = await ownerOf(process.pid);
  const text = `${JSON.stringify(own)}\n`;
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (await claim(fs, path, text)) {
        return async () => {
          try {
            if ((await readText(fs, path)) === text) await fs.remove(path);
          } catch (error) {
            throw stateError("the lock cannot be given back", path, error);
          }
        };
      }
      await evictIfDead(fs, path, own);
    }
  } catch (error) {
    throw stateError("the state directory cannot be locked", path, error);
  }
  throw new BoardhandError("E_STATE", `${path}: other processes keep taking the lock`, { retry: "backoff" });
}

/** The file appears with its content or not at all, and only when there is none. */
async function claim(fs: StateFileSystem, path: string, text: string): Promise<boolean> {
  const own = `${path}.${process.pid}`;
  const file = await fs.open(own, "w", 0o600);
  try {
    await writeAll(file, Buffer.from(text), 0);
  } finally {
    await file.close();
  }
  try {
    await fs.link(own, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await fs.remove(own);
  }
}

/** Moves a dead owner's file away. Of two that try, one moves it; who moved a live one by that puts it back. */
async function evictIfDead(fs: StateFileSystem, path: string, own: Owner): Promise<void> {
  const seen = await readText(fs, path);
  if (seen === null) return;
  await refuseIfAlive(seen, path, own);
  const aside = `${path}.dead.${process.pid}`;
  try {
    await fs.rename(path, aside);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    throw error;
  }
  if ((await readText(fs, aside)) !== seen) await fs.link(aside, path).catch(() => undefined);
  await fs.remove(aside);
}

async function refuseIfAlive(text: string, path: string, own: Owner): Promise<void> {
  const owner = parseOwner(text);
  if (owner === null || owner.boot !== own.boot || owner.namespace !== own.namespace) return;
  const now = await ownerOf(owner.pid);
  if (!isRunning(owner.pid) || now.startTime !== owner.startTime) return;
  throw new BoardhandError(
    "E_STATE",
    `${path}: another Boardhand (process ${owner.pid}) uses this state directory`,
    {
      hint: "Ask that one (`boardhand status`), stop it first, or give this one another directory with `state:`.",
      data: { path, pid: owner.pid },
    },
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === "EPERM";
  }
}

async function ownerOf(pid: number): Promise<Owner> {
  const orNull = async (reading: Promise<string>): Promise<string | null> => await reading.catch(() => null);
  const stat = await orNull(readFile(`/proc/${pid}/stat`, "utf8"));
  return {
    pid,
    // The command in parentheses may hold spaces: fields are counted behind it.
    startTime: stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null,
    boot: (await orNull(readFile("/proc/sys/kernel/random/boot_id", "utf8")))?.trim() ?? null,
    namespace: await orNull(readlink("/proc/self/ns/pid")),
  };
}

function parseOwner(text: string): Owner | null {
  try {
    const value = JSON.parse(text) as Owner | null;
    return Number.isSafeInteger(value?.pid) ? value : null;
  } catch {
    return null;
  }
}

async function readText(fs: StateFileSystem, path: string): Promise<string | null> {
  try {
    return (await fs.read(path, 4096)).toString("utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}
