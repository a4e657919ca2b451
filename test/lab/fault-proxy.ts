// A proxy before an engine's socket or a registry's port that counts the calls and decides the fate of each: passed on,
// answered wrongly without being done, or done and then answered wrongly. Everything that it is not told to spoil passes.
import { rm } from "node:fs/promises";
import {
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream";
import { buffer } from "node:stream/consumers";

export interface Call {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Resolves when whoever asked waits no longer. */
  readonly hungUp: Promise<void>;
  /** Breaks the connection. */
  readonly cut: () => void;
}

/** An error with status 500, a connection that breaks, or nothing at all for ever. */
export type Reply = "error" | "cut" | "silence";

export type Fate =
  | { readonly kind: "pass" }
  /** The target never sees it. */
  | { readonly kind: "instead"; readonly reply: Reply }
  /** The target does it; its answer is read to the end and kept back. `done` is called before the reply. */
  | { readonly kind: "after"; readonly reply: Reply; readonly done?: () => void };

export const PASS: Fate = { kind: "pass" };

export interface FaultProxy {
  /** `unix://…` or `host:port`, like the target. */
  readonly address: string;
  /** Asked with every call; null passes everything. */
  decide: ((call: Call) => Fate) | null;
  /** For how long nobody has waited for an answer that is on its way, ms; 0 while somebody does. */
  quietMs(): number;
  stop(): Promise<void>;
}

/** May take as long as it likes, and says something only then: nobody waits to see it answered. */
const LASTING = /^POST \/images\/create$/;

/** `target` is `unix:///path` (then `socketPath` is where to listen) or `host:port` (a free port of 127.0.0.1). */
export async function startFaultProxy(target: string, socketPath?: string): Promise<FaultProxy> {
  const state: { decide: FaultProxy["decide"] } = { decide: null };
  const awaited = { count: 0, since: performance.now() };
  const waits = (outgoing: ServerResponse): (() => void) => {
    let over = false;
    awaited.count += 1;
    const end = () => {
      if (over) return;
      over = true;
      awaited.count -= 1;
      awaited.since = performance.now();
    };
    outgoing.once("close", end);
    return end;
  };
  const server = createServer((incoming, outgoing) => {
    const hungUp = new Promise<void>((resolve) => outgoing.once("close", resolve));
    const { method = "", url = "", headers } = incoming;
    const fate = state.decide?.({ method, url, headers, hungUp, cut: () => outgoing.destroy() }) ?? PASS;
    if (fate.kind === "instead") reply(fate.reply, outgoing);
    else {
      const after = fate.kind === "after" ? fate : null;
      const isAwaited = after === null && !LASTING.test(wordsOf({ method, url }));
      pass(target, incoming, outgoing, { after, answered: isAwaited ? waits(outgoing) : () => undefined });
    }
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => {
    if (socketPath === undefined) server.listen(0, "127.0.0.1", resolve);
    else server.listen(socketPath, resolve);
  });
  const address = server.address();
  return {
    address: typeof address === "object" ? `127.0.0.1:${address?.port}` : `unix://${address}`,
    get decide() {
      return state.decide;
    },
    set decide(decide) {
      state.decide = decide;
    },
    quietMs: () => (awaited.count > 0 ? 0 : performance.now() - awaited.since),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (socketPath !== undefined) await rm(socketPath, { force: true });
    },
  };
}

function reply(kind: Reply, outgoing: ServerResponse): void {
  if (kind === "cut") outgoing.destroy();
  if (kind === "error") {
    outgoing.writeHead(500, { "content-type": "application/json" });
    outgoing.end(JSON.stringify({ message: "a fault of the lab" }));
  }
}

interface Passing {
  readonly after: Extract<Fate, { kind: "after" }> | null;
  /** Called with the head of an answer that is passed back. */
  readonly answered: () => void;
}

/** To the target and back. With `after` nobody's patience ends what the target does. */
function pass(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { after, answered }: Passing,
): void {
  const onward = request(optionsOf(target, incoming), (answer) => {
    if (after === null) {
      answered();
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, outgoing, () => undefined);
      return;
    }
    // Read to its end: a pull is done when its stream is.
    answer.resume();
    answer.once("end", () => {
      after.done?.();
      reply(after.reply, outgoing);
    });
  });
  onward.once("error", () => outgoing.destroy());
  outgoing.once("close", () => {
    if (after === null) onward.destroy();
  });
  // In one go: an engine that has the whole body may answer and hang up before a pipe says that this was all, and what is
  // said after that breaks the connection with the answer still in it.
  buffer(incoming).then(
    (body) => onward.end(body),
    () => onward.destroy(),
  );
}

function optionsOf(target: string, { method, url, headers }: IncomingMessage): RequestOptions {
  const common = { method, path: url, headers };
  if (target.startsWith("unix://")) return { ...common, socketPath: target.slice("unix://".length) };
  const [host, port] = target.split(":");
  return { ...common, host, port };
}

/** Whether a call is more than a question. */
export function changes({ method }: Pick<Call, "method">): boolean {
  return method !== "GET" && method !== "HEAD";
}

/** `POST /containers/ID/stop`: without API version, query and ids. */
export function wordsOf({ method, url }: Pick<Call, "method" | "url">): string {
  const path = url.replace(/^\/v1\.\d+/, "").replace(/\?.*$/, "");
  return `${method} ${path.replace(/[0-9a-f]{64}/, "ID")}`;
}
