// Small values that are lost without harm, with a checksum: a flipped bit must not pass for a registry's answer.
import { createHash } from "node:crypto";
import type { Log } from "../../ports/index.ts";
import { stateError } from "./failure.ts";
import { errnoOf, replaceFile, type StateFileSystem } from "./file-system.ts";

const MAX_BYTES = 4 * 1024 * 1024;

/** Null where there is no usable one. */
export async function readCache(fs: StateFileSystem, path: string, log: Log): Promise<unknown> {
  try {
    const text = (await fs.read(path, MAX_BYTES)).toString("utf8");
    const end = text.indexOf("\n");
    const body = text.slice(end + 1);
    if (text.slice(0, end) === sum(body)) return JSON.parse(body) as unknown;
    log.warn({ path }, "a cache file is damaged; what it held is asked for anew");
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") log.warn({ path, err: error }, "a cache file is not usable");
  }
  return null;
}

/** Throws E_STATE. */
export async function writeCache(fs: StateFileSystem, path: string, value: unknown): Promise<void> {
  const body = JSON.stringify(value);
  try {
    await replaceFile(fs, path, Buffer.from(`${sum(body)}\n${body}`), "lazy");
  } catch (error) {
    throw stateError("the cache could not be written", path, error);
  }
}

function sum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
