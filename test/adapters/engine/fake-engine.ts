// An engine that misbehaves on purpose, on a real socket: for faults that no real engine shows when asked.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createEngine } from "../../../src/adapters/engine/index.ts";
import type { Clock, Engine, Log } from "../../../src/ports/index.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface FakeEngine {
  readonly engine: Engine;
  readonly socket: string;
  /** `METHOD /path?query` of every request so far. */
  readonly requests: string[];
  readonly headers: IncomingMessage["headers"][];
}

const nothing = (): void => undefined;
const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** Answers `/_ping` with `apiVersion`, everything else by `handler`. */
export async function fakeEngine(
  handler: Handler,
  options: {
    readonly apiVersion?: () => string;
    readonly timeoutMs?: number;
    readonly clock?: Clock;
    readonly log?: Log;
  } = {},
): Promise<FakeEngine> {
  const directory = await mkdtemp(join(tmpdir(), "boardhand-fake-"));
  const socket = join(directory, "engine.sock");
  const requests: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${decodeURIComponent(request.url ?? "")}`);
    headers.push(request.headers);
    if (request.url !== "/_ping") {
      handler(request, response);
      return;
    }
    response.setHeader("api-version", options.apiVersion?.() ?? "1.41");
    response.end("OK");
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(directory, { recursive: true, force: true });
  });
  const engine = createEngine({
    host: `unix://${socket}`,
    tls: null,
    clock: options.clock ?? systemClock(),
    log: options.log ?? silent,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  return { engine, socket, requests, headers };
}

export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "it succeeded",
    (error: unknown) => error,
  );
}
