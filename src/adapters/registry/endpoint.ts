// Where a registry is reached and how: plain HTTP only for loopback and for hosts the operator named.

export interface Endpoint {
  /** The host as references and docker's config.json write it: `docker.io`, `ghcr.io`, `10.0.2.2:5000`. */
  readonly host: string;
  /** `https://registry-1.docker.io`, without a trailing slash. */
  readonly origin: string;
  /** Whether credentials may be sent there: never over plain HTTP that nobody has called safe. */
  readonly mayLogIn: boolean;
}

/** Docker Hub's API answers at another name than its references carry. */
const API_HOSTS: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return name === "localhost" || name === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(name);
}

/** `insecure` holds `host` or `host:port` values; a bare host stands for all its ports. */
export function mayBePlain(host: string, insecure: readonly string[]): boolean {
  return isLoopback(host) || insecure.includes(host) || insecure.includes(host.replace(/:\d+$/, ""));
}

/** A registry by the name that references have for it. */
export function endpointOf(host: string, insecure: readonly string[]): Endpoint {
  const scheme = mayBePlain(host, insecure) ? "http" : "https";
  return { host, origin: `${scheme}://${API_HOSTS[host] ?? host}`, mayLogIn: true };
}

/** A mirror by its origin, `https://mirror.lan:5000`. */
export function mirrorEndpoint(origin: string, insecure: readonly string[]): Endpoint {
  const { host, protocol } = new URL(origin);
  return { host, origin, mayLogIn: protocol === "https:" || mayBePlain(host, insecure) };
}
