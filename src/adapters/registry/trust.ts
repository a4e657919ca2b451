// Which certificate authorities a registry's TLS may be signed by: the usual ones, and for a host of one's own the file that
// the configuration names, or the engine's convention. Refuses a file that it cannot use instead of doing without.
import { readFile, stat } from "node:fs/promises";
import { Agent } from "node:https";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { BoardhandError } from "../../core/model/index.ts";

/** Where the engine looks: `<this>/<host:port>/ca.crt`. */
const ENGINE_DIRECTORY = "/etc/docker/certs.d";
const FILE_MAX_BYTES = 1024 * 1024;
const IDLE_MS = 4_000;

export interface Trust {
  /**
   * For the first of the hosts (`host[:port]`, as references write it) that has an authority of its own, else for the
   * usual ones. Throws E_REGISTRY_UNAVAILABLE for a file that cannot be used.
   */
  agentFor(hosts: readonly string[]): Promise<Agent>;
}

interface Found {
  readonly path: string;
  /** Another one means that the file has changed. */
  readonly stamp: string;
}

function unusable(host: string, path: string, why: string): BoardhandError {
  return new BoardhandError(
    "E_REGISTRY_UNAVAILABLE",
    `${host}: its certificate authority ${path} cannot be used: ${why}`,
    {
      retry: "backoff",
      hint: "It should be a PEM file with certificates; see registries.ca.",
      data: { host, path },
    },
  );
}

async function stampOf(path: string): Promise<string | null> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${path} ${mtimeMs} ${size} ${ino}`;
  } catch {
    return null;
  }
}

async function readAuthorities(host: string, path: string): Promise<string> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > FILE_MAX_BYTES) throw unusable(host, path, `it is larger than ${FILE_MAX_BYTES} bytes`);
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof BoardhandError) throw error;
    throw unusable(host, path, (error as NodeJS.ErrnoException).code ?? "unknown reason");
  }
  // Node takes a file without any for an empty list.
  if (!text.includes("-----BEGIN CERTIFICATE-----"))
    throw unusable(host, path, "there is no certificate in it");
  return text;
}

/** `files` by `host[:port]`. A file is read again when it has changed. */
export function createTrust(
  files: Readonly<Record<string, string>>,
  engineDirectory: string = ENGINE_DIRECTORY,
): Trust {
  const usual = new Agent({ keepAlive: true, timeout: IDLE_MS });
  const own = new Map<string, { readonly stamp: string; readonly agent: Agent }>();

  async function find(host: string): Promise<Found | null> {
    const named = Object.hasOwn(files, host) ? files[host] : undefined;
    // An address in a redirect is the registry's word, and no path.
    if (named === undefined && host.includes("..")) return null;
    if (named !== undefined) return { path: named, stamp: (await stampOf(named)) ?? "missing" };
    const path = join(engineDirectory, host, "ca.crt");
    const stamp = await stampOf(path);
    return stamp === null ? null : { path, stamp };
  }

  return {
    async agentFor(hosts) {
      for (const host of new Set(hosts)) {
        const found = await find(host);
        if (found === null) continue;
        const kept = own.get(host);
        if (kept?.stamp === found.stamp) return kept.agent;
        const authorities = await readAuthorities(host, found.path);
        kept?.agent.destroy();
        const agent = new Agent({
          keepAlive: true,
          timeout: IDLE_MS,
          ca: [...rootCertificates, authorities],
        });
        own.set(host, { stamp: found.stamp, agent });
        return agent;
      }
      return usual;
    },
  };
}
