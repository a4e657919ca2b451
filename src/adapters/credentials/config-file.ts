// Docker's config.json: read with bounds, taken apart, and read again when it has changed. Interprets no credentials.
import { readFile, stat } from "node:fs/promises";
import { BoardhandError } from "../../core/model/index.ts";

const FILE_MAX_BYTES = 1024 * 1024;
export const HUB_KEY = "https://index.docker.io/v1/";
const HUB_HOSTS: readonly string[] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

export type Json = Readonly<Record<string, unknown>>;

export interface DockerConfig {
  /** Another one means that the file has changed. */
  readonly stamp: string;
  /** By host. */
  readonly auths: ReadonlyMap<string, Json>;
  readonly helpers: ReadonlyMap<string, string>;
  readonly store: string | null;
}

const EMPTY: DockerConfig = { stamp: "", auths: new Map(), helpers: new Map(), store: null };

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Keys are hosts, or addresses as old clients wrote them: `https://host/v1/`. */
export function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  return HUB_HOSTS.includes(host) ? "docker.io" : host;
}

export function failure(path: string, what: string, hint: string): BoardhandError {
  return new BoardhandError("E_REGISTRY_AUTH", `${path}: ${what}`, {
    retry: "backoff",
    hint,
    data: { path },
  });
}

export const REPAIR =
  "Repair the file, or log in anew with docker login; registries.docker_config names the file.";

function parseConfig(path: string, content: string, stamp: string): DockerConfig {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    // The parser's message quotes the file, and the file holds passwords.
    throw failure(path, "the file is not JSON", REPAIR);
  }
  if (!isObject(parsed)) throw failure(path, "the file is not a JSON object", REPAIR);
  const auths = new Map<string, Json>();
  for (const [key, entry] of Object.entries(isObject(parsed.auths) ? parsed.auths : {})) {
    if (!isObject(entry)) throw failure(path, `auths.${key} is not an object`, REPAIR);
    const host = hostOf(key);
    // The exact key wins over an old spelling of the same host.
    if (!auths.has(host) || key === host || key === HUB_KEY) auths.set(host, entry);
  }
  const helpers = new Map<string, string>();
  for (const [key, helper] of Object.entries(isObject(parsed.credHelpers) ? parsed.credHelpers : {})) {
    helpers.set(hostOf(key), text(helper));
  }
  return { stamp, auths, helpers, store: text(parsed.credsStore) || null };
}

async function readConfig(path: string, size: number, stamp: string): Promise<DockerConfig> {
  if (size > FILE_MAX_BYTES) throw failure(path, `the file is larger than ${FILE_MAX_BYTES} bytes`, REPAIR);
  return parseConfig(path, await readFile(path, "utf8"), stamp);
}

/** Gives the file as it is now; one that does not exist is empty. Throws E_REGISTRY_AUTH for what cannot be read. */
export function createConfigFile(path: string): () => Promise<DockerConfig> {
  let kept: DockerConfig | null = null;

  return async () => {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (kept?.stamp !== stamp) kept = await readConfig(path, size, stamp);
      return kept;
    } catch (error) {
      if (error instanceof BoardhandError) throw error;
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ENOENT" || code === "ENOTDIR") return EMPTY;
      if (code === "EISDIR") {
        throw failure(
          path,
          "is a directory",
          "An engine makes one when it mounts a file that does not exist: remove it.",
        );
      }
      throw failure(path, `cannot be read (${code ?? "unknown reason"})`, "Check the file's owner and mode.");
    }
  };
}
