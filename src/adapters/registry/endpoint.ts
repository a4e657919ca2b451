// Where a registry is reached and how: plain HTTP only for loopback and for hosts the operator named.

export interface Endpoint {
  /** The host as references write it: `docker.io`, `ghcr.io`, `10.0.2.2:5000`. */
  readonly host: string;
  /** `https://registry-1.docker.io`, without a trailing slash. */
  readonly origin: string;
  readonly insecure: boolean;
}

/** Docker Hub's API answers at another name than its references carry. */
const API_HOSTS: Readonly<Record<string, string>> = { "docker.io": "registry-1.docker.io" };

export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return name === "localhost" || name === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(name);
}

/** `insecure` holds `host` or `host:port` values; a bare host stands for all its ports. */
export function endpointOf(host: string, insecure: readonly string[]): Endpoint {
  const bare = host.replace(/:\d+$/, "");
  const plain = isLoopback(host) || insecure.includes(host) || insecure.includes(bare);
  const apiHost = API_HOSTS[host] ?? host;
  return { host, origin: `${plain ? "http" : "https"}://${apiHost}`, insecure: plain };
}
