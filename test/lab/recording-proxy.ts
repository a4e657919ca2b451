// A socket between a client and the engine that writes down every request that changes something, with its body. It can
// keep the engine from starting anything: what is compared is made, and making fifty containers takes two seconds.
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";

export interface RecordedRequest {
  readonly method: string;
  /** Without the API version and the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed; null where there is none or it is not JSON. */
  readonly body: unknown;
  readonly status: number;
}

export interface RecordingProxy {
  /** `unix://…` */
  readonly host: string;
  /** Hands over what was recorded since the last time. */
  take(): readonly RecordedRequest[];
  stop(): Promise<void>;
}

export interface RecordingOptions {
  readonly socketPath: string;
  readonly engineHost: string;
  /** Containers are made and never started; whoever asks is told that they run. */
  readonly frozen?: boolean;
}

export async function startRecordingProxy(options: RecordingOptions): Promise<RecordingProxy> {
  const { socketPath, frozen = false } = options;
  const engineSocket = options.engineHost.replace("unix://", "");
  let recorded: RecordedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const path = pathOf(incoming);
    // Whoever hangs up in the middle wants no answer.
    const end = () => void outgoing.destroy();
    if (frozen && INSPECT.test(path)) pretend(engineSocket, incoming, outgoing).catch(end);
    else if (frozen && START.test(path)) outgoing.writeHead(204).end();
    else if (incoming.method === "GET" || incoming.method === "HEAD")
      incoming.pipe(onward(incoming, outgoing));
    else record(incoming, outgoing).catch(end);
  });
  const onward = (
    { method, url, headers }: IncomingMessage,
    outgoing: ServerResponse,
    onStatus: (status: number) => void = () => undefined,
  ) => {
    const asked = request({ socketPath: engineSocket, method, path: url, headers }, (answer) => {
      onStatus(answer.statusCode ?? 502);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    asked.once("error", () => outgoing.destroy());
    outgoing.once("close", () => asked.destroy());
    return asked;
  };
  const record = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await bytesOf(incoming);
    const told = onward(incoming, outgoing, (status) => recorded.push(requestOf(incoming, body, status)));
    told.end(body);
  };
  server.on("upgrade", (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    tunnel(engineSocket, incoming, client, head);
  });
  server.on("clientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    host: `unix://${socketPath}`,
    take() {
      const taken = recorded;
      recorded = [];
      return taken;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(socketPath, { force: true });
    },
  };
}

const INSPECT = /^\/containers\/[^/]+\/json$/;
const START = /^\/containers\/[^/]+\/start$/;

/** An inspected container, as if it ran. */
async function pretend(
  socketPath: string,
  { url, headers }: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const asked = request({ socketPath, path: url, headers }).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const inspected = parsed(await bytesOf(answer));
  const known = answer.statusCode === 200 && typeof inspected === "object" && inspected !== null;
  const now = new Date().toISOString();
  const State = { Status: "running", Running: true, ExitCode: 0, StartedAt: now };
  outgoing.writeHead(answer.statusCode ?? 502, { "content-type": "application/json" });
  outgoing.end(JSON.stringify(known ? { ...inspected, State } : inspected));
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Without the API version and the query. */
function pathOf({ url }: IncomingMessage): string {
  return new URL(url ?? "/", "http://engine").pathname.replace(/^\/v1\.\d+/, "");
}

function requestOf(incoming: IncomingMessage, body: Buffer, status: number): RecordedRequest {
  const url = new URL(incoming.url ?? "/", "http://engine");
  return {
    method: incoming.method ?? "",
    path: pathOf(incoming),
    query: Object.fromEntries(url.searchParams),
    body: parsed(body),
    status,
  };
}

function parsed(body: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return value;
  } catch {
    return null;
  }
}

/** An exec or attach takes the connection over; from then on only bytes pass. */
function tunnel(engineSocket: string, incoming: IncomingMessage, client: Socket, head: Buffer): void {
  const engine = connect(engineSocket);
  const headers = incoming.rawHeaders.reduce(
    (text, word, index) => text + (index % 2 === 0 ? `${word}: ` : `${word}\r\n`),
    "",
  );
  engine.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${headers}\r\n`);
  engine.write(head);
  engine.pipe(client).pipe(engine);
  for (const [one, other] of [
    [engine, client],
    [client, engine],
  ] as const) {
    one.once("error", () => other.destroy());
    one.once("close", () => other.destroy());
  }
}
