// Starts a real registry (Debian's docker-registry) of the test's own: own port, own directory, gone afterwards.
import { randomInt } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram } from "./program.ts";

const BINARY = "/usr/bin/docker-registry";
/** Below those that the kernel chooses by itself, from 32768 on, and so many that two runs hardly meet. */
const PORTS = { from: 24_000, to: 32_000 };
const MOST_TRIES = 100;

export type RegistryAuth =
  /** `htpasswd` is the file's text, bcrypt lines. */
  | { readonly kind: "basic"; readonly htpasswd: string }
  /** `certificate` is the PEM of whoever signs the tokens. */
  | {
      readonly kind: "token";
      readonly realm: string;
      readonly service: string;
      readonly issuer: string;
      readonly certificate: string;
    };

export interface RegistryOptions {
  readonly auth?: RegistryAuth;
  /** A free one when left out. */
  readonly port?: number;
  readonly delete?: boolean;
  /** Where it listens; 127.0.0.1 when left out. */
  readonly host?: string;
  /** PEM files; plain HTTP when left out. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Where images are kept, for two registries on the same ones; a directory of its own when left out. */
  readonly data?: string;
  /** Push notifications are posted here. */
  readonly notify?: string;
}

export interface RunningRegistry {
  /** `host:port`, as it stands in an image reference. */
  readonly address: string;
  stop(): Promise<void>;
}

/** A port that nobody listens on, and that no outgoing connection is given before it is used. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
  throw new Error(`all of ${MOST_TRIES} ports between ${PORTS.from} and ${PORTS.to} are taken`);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

async function authLines(auth: RegistryAuth, directory: string): Promise<string[]> {
  if (auth.kind === "basic") {
    const path = join(directory, "htpasswd");
    await writeFile(path, auth.htpasswd);
    return ["auth:", "  htpasswd:", "    realm: test", `    path: ${path}`];
  }
  const bundle = join(directory, "tokens.pem");
  await writeFile(bundle, auth.certificate);
  const { realm, service, issuer } = auth;
  return [
    "auth:",
    "  token:",
    `    realm: ${JSON.stringify(realm)}`,
    `    service: ${JSON.stringify(service)}`,
    `    issuer: ${JSON.stringify(issuer)}`,
    `    rootcertbundle: ${bundle}`,
  ];
}

async function writeConfig(directory: string, address: string, options: RegistryOptions): Promise<string> {
  const lines = [
    "version: 0.1",
    "log: {level: warn, accesslog: {disabled: true}}",
    "storage:",
    `  filesystem: {rootdirectory: ${options.data ?? join(directory, "data")}}`,
    `  delete: {enabled: ${options.delete ?? true}}`,
    "http:",
    `  addr: "${address}"`,
  ];
  if (options.tls !== undefined) {
    lines.push(`  tls: {certificate: ${options.tls.certificate}, key: ${options.tls.key}}`);
  }
  if (options.auth !== undefined) lines.push(...(await authLines(options.auth, directory)));
  if (options.notify !== undefined) {
    lines.push(
      "notifications:",
      "  endpoints:",
      `    - {name: test, url: "${options.notify}", timeout: 20s, threshold: 3, backoff: 1s}`,
    );
  }
  const path = join(directory, "config.yml");
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
}

/** Any HTTP answer of `/v2/` will do: 401 is one. */
async function answers(address: string, tls: boolean): Promise<boolean> {
  if (tls) return canConnect(address);
  try {
    const response = await fetch(`http://${address}/v2/`, { signal: AbortSignal.timeout(10_000) });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

async function canConnect(address: string): Promise<boolean> {
  const { connect } = await import("node:net");
  const { hostname, port } = new URL(`http://${address}`);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname.replace(/[[\]]/g, ""));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Starts one and waits until it answers; rejects with its output when it ends early. */
export async function startRegistry(options: RegistryOptions = {}): Promise<RunningRegistry> {
  const directory = await mkdtemp(join(tmpdir(), "boardhand-registry-"));
  const address = `${options.host ?? "127.0.0.1"}:${options.port ?? (await freePort())}`;
  const config = await writeConfig(directory, address, options);
  const { stop } = await startProgram({
    command: BINARY,
    args: ["serve", config],
    directory,
    address,
    answers: () => answers(address, options.tls !== undefined),
    environment: { OTEL_TRACES_EXPORTER: "none" },
  });
  return { address, stop };
}
