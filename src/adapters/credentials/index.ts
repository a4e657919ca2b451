// Registry credentials as docker finds them: in config.json, or from the credential helper that it names. A helper that is
// not there is said, where it holds a login, instead of asking anonymously.
import { BoardhandError, Secret } from "../../core/model/index.ts";
import type { Clock, Credentials, RegistryCredentials } from "../../ports/index.ts";
import {
  createConfigFile,
  type DockerConfig,
  failure,
  HUB_KEY,
  hostOf,
  type Json,
  REPAIR,
  text,
} from "./config-file.ts";
import { createHelpers, findHelper, type Helpers } from "./helper.ts";

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

interface Sources {
  readonly path: string;
  readonly config: DockerConfig;
  readonly helpers: Helpers;
}

async function askHelper({ path, config, helpers }: Sources, name: string, host: string) {
  try {
    return await helpers.get(name, host === "docker.io" ? HUB_KEY : host, config.stamp);
  } catch (error) {
    if (!(error instanceof BoardhandError)) throw error;
    throw failure(path, `the credentials of ${host}: ${error.message}`, error.hint ?? REPAIR);
  }
}

/** `credHelpers` before `credsStore` before `auths`. */
async function find(sources: Sources, host: string): Promise<RegistryCredentials | null> {
  const { path, config } = sources;
  const helper = config.helpers.get(host);
  if (helper !== undefined && helper !== "") return await askHelper(sources, helper, host);
  const entry = config.auths.get(host);
  const written = entry === undefined ? null : readEntry(path, host, entry);
  // An empty name takes this host out of the store.
  const store = helper === "" ? null : config.store;
  if (store === null) return written;
  // A file copied from another machine names that machine's store: what is written in it, or nowhere, needs no store.
  // An empty entry is docker's mark that the store has the login.
  const held = entry !== undefined && written === null;
  if (!held && (await findHelper(store)) === null) return written;
  return (await askHelper(sources, store, host)) ?? written;
}

/**
 * `configPath` null, or a file that does not exist, is anonymous everywhere. The file is read again when it changed.
 * Format: docker/cli, docs/reference/commandline/login.md.
 */
export function createCredentials(configPath: string | null, clock: Pick<Clock, "monotonic">): Credentials {
  if (configPath === null) return { forRegistry: async () => null };
  const load = createConfigFile(configPath);
  const helpers = createHelpers(clock);
  return {
    async forRegistry(host) {
      return await find({ path: configPath, config: await load(), helpers }, hostOf(host));
    },
  };
}

export interface NamedHelper {
  /** `docker-credential-ecr-login`. */
  readonly program: string;
  /** The registries that it is for; null: all (`credsStore`). */
  readonly hosts: readonly string[] | null;
  readonly installed: boolean;
}

export interface ConfigSurvey {
  /** Registries that the file has an entry for; null: there is no file. */
  readonly logins: number | null;
  readonly helpers: readonly NamedHelper[];
}

/** What is in the file, for `doctor`. Throws E_REGISTRY_AUTH when it cannot be read. */
export async function surveyConfig(configPath: string): Promise<ConfigSurvey> {
  const { stamp, auths, helpers, store } = await createConfigFile(configPath)();
  const hosts = new Map<string, string[]>();
  for (const [host, name] of helpers) if (name !== "") hosts.set(name, [...(hosts.get(name) ?? []), host]);
  const all = [...hosts, ...(store === null ? [] : [[store, null] as const])];
  const named = all.map(async ([name, its]) => ({
    program: `docker-credential-${name}`,
    hosts: its,
    installed: (await findHelper(name)) !== null,
  }));
  return { logins: stamp === "" ? null : auths.size, helpers: await Promise.all(named) };
}
