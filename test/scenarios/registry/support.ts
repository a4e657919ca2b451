// A resolver on the real adapter, and a proxy that counts what reaches the real registry.
import { createServer, request as httpRequest } from "node:http";
import { createRegistry, type RegistryOptions } from "../../../src/adapters/registry/index.ts";
import { parsePlatform, platformVector } from "../../../src/core/image/index.ts";
import { type BoardPlatform, Secret } from "../../../src/core/model/index.ts";
import type { Clock, Credentials, Log, Registry, RegistryCredentials } from "../../../src/ports/index.ts";
import {
  createResolver,
  type Resolution,
  type Resolver,
  requestKey,
} from "../../../src/reconcile/resolve/index.ts";

const silent = () => {};
export const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async () => {},
  random: () => 0,
};

export function login(username: string, password: string): RegistryCredentials {
  return { username, password: new Secret(password), identityToken: null, serverAddress: "test" };
}

type Reach = Partial<Pick<RegistryOptions, "mirrors" | "ca" | "timeoutMs" | "credentials">>;

export function registryClient(credentials: RegistryCredentials | null = null, reach: Reach = {}): Registry {
  const always: Credentials = { forRegistry: async () => credentials };
  const usual = { insecure: [], mirrors: {}, ca: {}, timeoutMs: 10_000, builtAt: 0 };
  return createRegistry({ ...usual, credentials: always, ...reach, clock, log });
}

export function resolverOn(registry: Registry): Resolver {
  let kept: unknown = null;
  const journal = {
    readCache: async () => kept,
    writeCache: async (_name: string, value: unknown) => {
      kept = value;
    },
  };
  return createResolver({ registry, clock, parallelism: 4, log, journal });
}

export function board(platform: string): BoardPlatform {
  const own = parsePlatform(platform);
  return { platform: own, accepts: platformVector(own), emulates: [], because: "test" };
}

export async function resolveOne(
  resolver: Resolver,
  reference: string,
  platform: string,
  force = false,
): Promise<Resolution> {
  const requests = [{ reference, platform: null }];
  const found = await resolver.resolve(requests, board(platform), { refresh: true, force });
  const resolution = found.get(requestKey(reference, null));
  if (resolution === undefined) throw new Error(`no answer for ${reference}`);
  return resolution;
}

export interface CountingProxy {
  readonly address: string;
  /** `HEAD /v2/…`, in order. */
  readonly seen: string[];
  stop(): Promise<void>;
}

/** Passes everything on to `target` and back, with `more` headers on each answer. */
export async function countingProxy(
  target: string,
  more: () => Readonly<Record<string, string>> = () => ({}),
): Promise<CountingProxy> {
  const seen: string[] = [];
  const server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const onward = httpRequest(
      `http://${target}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...more() });
        answer.pipe(outgoing);
      },
    );
    // A registry that goes away in the middle goes away for who asked, too.
    onward.once("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    address: `127.0.0.1:${address.port}`,
    seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
