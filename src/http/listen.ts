// The socket: bounded in connections and time, and closed without cutting off an answer that is nearly done.
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { BoardhandError } from "../core/model/index.ts";

export interface Listening {
  readonly address: AddressInfo;
  /** Takes no more requests, ends event streams, waits up to `graceMs` for the rest. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly graceMs?: number;
}

/** Opens the port; throws BoardhandError E_HTTP when it is taken, forbidden or not an address of this machine. */
export async function listen(app: RequestListener, options: ListenOptions): Promise<Listening> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 5_000 });
  server.maxConnections = 256;
  server.maxHeadersCount = 100;
  const open = new Set<ServerResponse>();
  server.on("request", (request, response) => {
    open.add(response);
    response.on("close", () => open.delete(response));
    app(request, response);
  });
  server.on("clientError", refuseMalformed);
  await opened(server, options);
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new BoardhandError("E_HTTP", "the HTTP server has no network address");
  }
  let closing: Promise<void> | null = null;
  return {
    address,
    close: () => {
      closing ??= closeGracefully(server, open, options.graceMs ?? 5_000);
      return closing;
    },
  };
}

function opened(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays attached: a later error (no file descriptor left for an accept) must not end the agent.
    server.on("error", (error: NodeJS.ErrnoException) => reject(cannotListen(error, options)));
    server.listen({ host: options.host, port: options.port }, resolve);
  });
}

function cannotListen(error: NodeJS.ErrnoException, options: ListenOptions): BoardhandError {
  const where = `${options.host.includes(":") ? `[${options.host}]` : options.host}:${options.port}`;
  const data = { host: options.host, port: options.port, errno: error.code ?? null };
  const [message, hint] = ((): readonly [string, string] => {
    switch (error.code) {
      case "EADDRINUSE":
        return [
          `the port is taken: something else listens on ${where}`,
          `stop it (ss -ltnp 'sport = :${options.port}' shows what it is) or set http.listen to another port`,
        ];
      case "EACCES":
        return [`not allowed to listen on ${where}`, "set http.listen to a port above 1023, or run as root"];
      case "EADDRNOTAVAIL":
      case "ENOTFOUND":
        return [
          `${options.host} is not an address of this machine`,
          "set http.listen to 0.0.0.0, 127.0.0.1 or an address that `ip address` shows",
        ];
      default:
        return [`cannot listen on ${where}: ${error.message}`, "check http.listen in the configuration"];
    }
  })();
  return new BoardhandError("E_HTTP", message, { hint, cause: error, data });
}

/** What is no HTTP at all still gets an answer of the usual shape. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] =
    error.code === "HPE_HEADER_OVERFLOW"
      ? ["431 Request Header Fields Too Large", "the headers are too large"]
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? ["408 Request Timeout", "the request was not complete in time"]
        : ["400 Bad Request", "this is not a valid HTTP request"];
  const body = JSON.stringify({ error: { code: "E_HTTP", message, hint: null } });
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `X-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

async function closeGracefully(
  server: Server,
  open: ReadonlySet<ServerResponse>,
  graceMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const response of [...open]) {
    const type = String(response.getHeader("content-type") ?? "");
    if (type.startsWith("text/event-stream")) response.end();
    else if (!response.headersSent) response.setHeader("Connection", "close");
  }
  server.closeIdleConnections();
  const cutOff = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cutOff);
}
