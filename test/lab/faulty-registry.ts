// A reverse proxy in front of the real registry that answers wrongly on demand and counts who asked. The engine and the
// agent come through the same address; each can be given a fault of its own.
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as sendOn,
} from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** The engine introduces itself as `docker/…`. */
  readonly by: "engine" | "agent";
  readonly authorized: boolean;
}

export type Fault = (
  asked: Asked,
  response: ServerResponse,
  /** The real registry's answer, as it would have been. */
  real: () => Promise<RealAnswer>,
) => void | Promise<void>;

export interface RealAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface FaultyRegistry {
  readonly address: string;
  readonly asked: Asked[];
  /** Null lets everything through. */
  fault: Fault | null;
  /** Nobody listens any more, as when a registry is down. */
  close(): Promise<void>;
  /** Listens on the same port again. */
  open(): Promise<void>;
}

/** Starts one on a free port. */
export async function startFaultyRegistry(target: string): Promise<FaultyRegistry> {
  const state: { fault: Fault | null; server: Server | null; port: number } = {
    fault: null,
    server: null,
    port: 0,
  };
  const asked: Asked[] = [];

  const open = async (): Promise<void> => {
    const server = createServer((request, response) => {
      const one = describeRequest(request);
      asked.push(one);
      answer(state.fault, one, target, request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(state.port, "127.0.0.1", resolve);
    });
    state.port = (server.address() as AddressInfo).port;
    state.server = server;
  };

  await open();
  return {
    address: `127.0.0.1:${state.port}`,
    asked,
    get fault() {
      return state.fault;
    },
    set fault(fault) {
      state.fault = fault;
    },
    open,
    async close() {
      const { server } = state;
      state.server = null;
      if (server === null) return;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function describeRequest(request: IncomingMessage): Asked {
  return {
    method: request.method ?? "",
    path: request.url ?? "",
    by: (request.headers["user-agent"] ?? "").startsWith("docker/") ? "engine" : "agent",
    authorized: request.headers.authorization !== undefined,
  };
}

async function answer(
  fault: Fault | null,
  asked: Asked,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (fault !== null) {
    await fault(asked, response, () => fetchReal(target, request));
    if (response.writableEnded || response.destroyed || response.headersSent) return;
  }
  pass(target, request, response);
}

function pass(target: string, request: IncomingMessage, response: ServerResponse): void {
  const onward = sendOn(
    `http://${target}${request.url}`,
    { method: request.method, headers: request.headers },
    (real) => {
      response.writeHead(real.statusCode ?? 502, real.headers);
      real.pipe(response);
    },
  );
  onward.once("error", () => response.destroy());
  request.pipe(onward);
}

async function fetchReal(target: string, request: IncomingMessage): Promise<RealAnswer> {
  const { accept, authorization } = request.headers;
  const real = await fetch(`http://${target}${request.url}`, {
    method: request.method ?? "GET",
    headers: {
      ...(accept === undefined ? {} : { accept }),
      ...(authorization === undefined ? {} : { authorization }),
    },
  });
  return {
    status: real.status,
    headers: Object.fromEntries(real.headers),
    body: Buffer.from(await real.arrayBuffer()),
  };
}
