// A registry that misbehaves as told, with a log of what it was asked; for what no real registry can be made to do.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach } from "vitest";
import { createRegistry } from "../../../src/adapters/registry/index.ts";
import { createTransport, type Transport } from "../../../src/adapters/registry/transport.ts";
import { createTrust } from "../../../src/adapters/registry/trust.ts";
import { parseReference } from "../../../src/core/image/index.ts";
import { type ImageReference, Secret } from "../../../src/core/model/index.ts";
import type {
  Clock,
  Credentials,
  Log,
  ManifestWriter,
  Registry,
  RegistryCredentials,
} from "../../../src/ports/index.ts";

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, asked: Asked) => void;

export interface FaultyServer {
  readonly address: string;
  readonly asked: Asked[];
  handler: Handler;
  stop(): Promise<void>;
}

export async function startFaulty(handler: Handler): Promise<FaultyServer> {
  const asked: Asked[] = [];
  const http = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const one = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body };
      asked.push(one);
      server.handler(request, response, one);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  const server: FaultyServer = {
    address: `127.0.0.1:${address.port}`,
    asked,
    handler,
    stop: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

export interface TestClock extends Clock {
  advance(ms: number): void;
}

/** Time that moves only when told to. */
export function testClock(): TestClock {
  let at = 0;
  return {
    now: () => Date.UTC(2026, 0, 1) + at,
    monotonic: () => at,
    sleep: async () => {},
    random: () => 0,
    advance: (ms) => {
      at += ms;
    },
  };
}

export interface TestLog extends Log {
  readonly lines: string[];
}

export function testLog(): TestLog {
  const lines: string[] = [];
  const write = (fields: unknown, message: string) => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines, debug: write, info: write, warn: write, error: write };
}

export function login(
  username: string,
  password: string,
  rest: Partial<RegistryCredentials> = {},
): RegistryCredentials {
  return { username, password: new Secret(password), identityToken: null, serverAddress: "x", ...rest };
}

/** Credentials that a test can exchange, as an edited config.json does. */
export function holder(
  first: RegistryCredentials | null,
): Credentials & { current: RegistryCredentials | null } {
  return {
    current: first,
    async forRegistry() {
      return this.current;
    },
  };
}

export function client(options: {
  readonly credentials?: Credentials;
  readonly clock?: Clock;
  readonly timeoutMs?: number;
  readonly log?: Log;
  readonly insecure?: readonly string[];
  readonly mirrors?: Readonly<Record<string, readonly string[]>>;
  readonly ca?: Readonly<Record<string, string>>;
  readonly builtAt?: number;
}): Registry & ManifestWriter {
  return createRegistry({
    credentials: options.credentials ?? holder(null),
    clock: options.clock ?? testClock(),
    insecure: options.insecure ?? [],
    mirrors: options.mirrors ?? {},
    ca: options.ca ?? {},
    builtAt: options.builtAt ?? 0,
    timeoutMs: options.timeoutMs ?? 5_000,
    log: options.log ?? testLog(),
  });
}

export function transport(): Transport {
  return createTransport(createTrust({}), { now: () => Date.now(), builtAt: 0 });
}

export function imageAt(address: string, rest = "team/app:1"): ImageReference {
  return parseReference(`${address}/${rest}`);
}

/** Starts servers that answer as a test wants; those of a test are stopped after it. To be called once in a file. */
export function useServers(): (handler: Handler) => Promise<FaultyServer> {
  const running: FaultyServer[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
  });
  return async (handler) => {
    const server = await startFaulty(handler);
    running.push(server);
    return server;
  };
}
