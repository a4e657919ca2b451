// One writer for a state directory. A dead owner (other boot, no such process, another start time) is taken over, a live
// one is refused by name. Process ids are only compared within one process namespace; across them the owner's socket tells.
import { readFile, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BoardhandError } from "../../core/model/index.ts";
import { stateError } from "./failure.ts";
import { errnoOf, type StateFileSystem, writeAll } from "./file-system.ts";
import { announce, clearAway, isPresent } from "./presence.ts";

interface Owner {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot; null where there is no /proc. */
  readonly startTime: string | null;
  readonly boot: string | null;
  /** The process namespace: a container's. */
  readonly namespace: string | null;
}

/** What the file says. */
interface Claim extends Owner {
  /** On which the owner listens, in the same directory; null or absent: nowhere. */
  readonly socket?: string | null;
}

const ATTEMPTS = 5;
/** Nothing more can be written, but a name can still be made. */
const FULL: readonly string[] = ["ENOSPC", "EDQUOT"];

export interface Lock {
  /** False when the file is gone or another's: the directory was lost, or is another one now. */
  isHeld(): Promise<boolean>;
  /** Throws E_STATE. */
  release(): Promise<void>;
  /** Forgets a directory that was lost, and leaves the file that is there now. */
  leave(): Promise<void>;
}

/**
 * Takes the lock. Throws E_STATE, with `data.pid` when a live process holds it; `again` where that may be this very
 * process, which lost the directory and has it back.
 */
export async function acquireLock(fs: StateFileSystem, directory: string, again: boolean): Promise<Lock> {
  const path = join(directory, "lock");
  const own = await ownerOf(process.pid);
  const presence = await announce(directory);
  const leave = async (): Promise<void> => await presence?.end();
  try {
    const written = await take(fs, path, { ...own, socket: presence?.name ?? null }, again);
    await clearAway(directory, presence?.name ?? null);
    return heldLock(fs, path, written, leave);
  } catch (error) {
    await leave();
    throw stateError("the state directory cannot be locked", path, error);
  }
}

function heldLock(fs: StateFileSystem, path: string, written: string, leave: () => Promise<void>): Lock {
  const isHeld = async (): Promise<boolean> => (await readText(fs, path).catch(() => null)) === written;
  return {
    isHeld,
    leave,
    async release() {
      try {
        if (await isHeld()) await fs.remove(path);
      } catch (error) {
        throw stateError("the lock cannot be given back", path, error);
      } finally {
        await leave();
      }
    },
  };
}

/** What was written. */
async function take(fs: StateFileSystem, path: string, own: Claim, again: boolean): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const written = await claim(fs, path, own);
    if (written !== null) return written;
    await evictIfDead(fs, path, own, again);
  }
  throw new BoardhandError("E_STATE", `${path}: other processes keep taking the lock`, { retry: "backoff" });
}

/**
 * The file appears with its content or not at all, and only when there is none; null then. On a full disk it is empty:
 * another process would take it for a dead one's, but an agent that does not start brings no failed container back.
 */
async function claim(fs: StateFileSystem, path: string, claimed: Claim): Promise<string | null> {
  const own = `${path}.${tokenOf(claimed)}`;
  try {
    const written = await writeOwn(fs, own, `${JSON.stringify(claimed)}\n`);
    await fs.link(own, path);
    return written;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return null;
    throw error;
  } finally {
    await fs.remove(own).catch(() => undefined);
  }
}

async function writeOwn(fs: StateFileSystem, own: string, text: string): Promise<string> {
  const file = await fs.open(own, "w", 0o600);
  try {
    await writeAll(file, Buffer.from(text), 0);
    return text;
  } catch (error) {
    if (!FULL.includes(errnoOf(error))) throw error;
    await file.truncate(0);
    return "";
  } finally {
    await file.close();
  }
}

/** Moves a dead owner's file away. Of two that try, one moves it; who moved a live one by that puts it back. */
async function evictIfDead(fs: StateFileSystem, path: string, own: Owner, again: boolean): Promise<void> {
  const seen = await readText(fs, path);
  if (seen === null) return;
  const owner = parseOwner(seen);
  if (owner !== null && !(again && isSame(owner, own))) await refuseIfAlive(owner, path, own);
  const aside = `${path}.dead.${tokenOf(own)}`;
  try {
    await fs.rename(path, aside);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    throw error;
  }
  if ((await readText(fs, aside)) !== seen) await fs.link(aside, path).catch(() => undefined);
  await fs.remove(aside);
}

async function refuseIfAlive(owner: Claim, path: string, own: Owner): Promise<void> {
  if (owner.boot !== own.boot) return;
  const isNear = owner.namespace === own.namespace;
  const lives = isNear ? await stillRuns(owner) : await isPresent(dirname(path), owner.socket ?? "");
  if (!lives) return;
  const where = isNear ? "" : " of another container";
  throw new BoardhandError(
    "E_STATE",
    `${path}: another Boardhand (process ${owner.pid}${where}) uses this state directory`,
    {
      hint: "Ask that one (`boardhand status`), stop it first, or give this one another directory with `state:`.",
      data: { path, pid: owner.pid },
    },
  );
}

async function stillRuns(owner: Owner): Promise<boolean> {
  return isRunning(owner.pid) && (await ownerOf(owner.pid)).startTime === owner.startTime;
}

function isSame(one: Owner, other: Owner): boolean {
  return (
    one.pid === other.pid &&
    one.startTime === other.startTime &&
    one.boot === other.boot &&
    one.namespace === other.namespace
  );
}

/** Tells processes of several containers apart, which may all have the id 1. */
function tokenOf({ pid, namespace }: Owner): string {
  return `${namespace?.replace(/\D/g, "") ?? ""}-${pid}`;
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

function parseOwner(text: string): Claim | null {
  try {
    const value = JSON.parse(text) as Claim | null;
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
