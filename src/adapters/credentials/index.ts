// Reads registry credentials from docker's config.json; runs no credential helper, and says so instead of asking anonymously.
import { readFile, stat } from "node:fs/promises";
import { BoardhandError, Secret } from "../../core/model/index.ts";
import type { Credentials, RegistryCredentials } from "../../ports/index.ts";

const FILE_MAX_BYTES = 1024 * 1024;
const HUB_KEY = "https://index.docker.io/v1/";
const HUB_HOSTS: readonly string[] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

type Json = Readonly<Record<string, unknown>>;

interface DockerConfig {
  readonly auths: ReadonlyMap<string, Json>;
  readonly helpers: ReadonlyMap<string, string>;
  readonly store: string | null;
}

const EMPTY: DockerConfig = { auths: new Map(), helpers: new Map(), store: null };

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Keys are hosts, or addresses as old clients wrote them: `https://host/v1/`. */
function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  return HUB_HOSTS.includes(host) ? "docker.io" : host;
}

function failure(path: string, what: string, hint: string): BoardhandError {
  return new BoardhandError("E_REGISTRY_AUTH", `${path}: ${what}`, {
    retry: "backoff",
    hint,
    data: { path },
  });
}

const REPAIR = "Repair the file, or log in anew with docker login; registries.docker_config names the file.";

function parseConfig(path: string, content: string): DockerConfig {
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
  return { auths, helpers, store: text(parsed.credsStore) || null };
}

function userAndPassword(path: string, host: string, entry: Json): { username: string; password: string } {
  const packed = text(entry.auth);
  if (packed === "") return { username: text(entry.username), password: text(entry.password) };
  const pair = Buffer.from(packed, "base64").toString("utf8").replace(/\0+$/, "");
  const colon = pair.indexOf(":");
  if (colon === -1) throw failure(path, `the auth of ${host} is not base64 of USER:PASSWORD`, REPAIR);
  return { username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

function readEntry(path: string, host: string, entry: Json): RegistryCredentials | null {
  const identity = text(entry.identitytoken);
  const registryToken = text(entry.registrytoken);
  const { username, password } = userAndPassword(path, host, entry);
  if (username === "" && identity === "" && registryToken === "") return null;
  return {
    username,
    password: new Secret(password),
    identityToken: identity === "" ? null : new Secret(identity),
    ...(registryToken === "" ? {} : { registryToken: new Secret(registryToken) }),
    serverAddress: host === "docker.io" ? HUB_KEY : host,
  };
}

function find(path: string, config: DockerConfig, host: string): RegistryCredentials | null {
  const entry = config.auths.get(host);
  const credentials = entry === undefined ? null : readEntry(path, host, entry);
  const helper = config.helpers.get(host);
  // With a store, docker leaves an empty entry in `auths` for each host it keeps credentials for.
  const stored = helper ?? (credentials === null && entry !== undefined ? config.store : null);
  if (stored === null) return credentials;
  throw failure(
    path,
    `the credentials of ${host} are kept by the helper docker-credential-${stored}, which Boardhand does not run`,
    `Log in with a config.json without credsStore and credHelpers, and name it in registries.docker_config.`,
  );
}

async function readConfig(path: string, size: number): Promise<DockerConfig> {
  if (size > FILE_MAX_BYTES) throw failure(path, `the file is larger than ${FILE_MAX_BYTES} bytes`, REPAIR);
  return parseConfig(path, await readFile(path, "utf8"));
}

/**
 * `configPath` null, or a file that does not exist, is anonymous everywhere. The file is read again when it changed.
 * Format: docker/cli, docs/reference/commandline/login.md.
 */
export function createCredentials(configPath: string | null): Credentials {
  let kept: { readonly stamp: string; readonly config: DockerConfig } | null = null;

  async function load(path: string): Promise<DockerConfig> {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      if (kept?.stamp !== stamp) kept = { stamp, config: await readConfig(path, size) };
      return kept.config;
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
  }

  return {
    async forRegistry(host) {
      if (configPath === null) return null;
      return find(configPath, await load(configPath), hostOf(host));
    },
  };
}
