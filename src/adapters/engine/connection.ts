// The wire to the engine: dockerode's modem as transport, and nothing else of it. Every status comes back as an answer,
// every body as a stream, so that bounds, errors and versions are decided here and not in the library.
import { readFileSync } from "node:fs";
import { Agent as HttpAgent, IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { inspect } from "node:util";
import Docker from "dockerode";
import { BoardhandError } from "../../core/model/index.ts";

export interface TlsFiles {
  /** Paths of PEM files. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface WireRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Versioned or not, without a query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** A tar archive instead of a body. */
  readonly archive?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request; resolves with the response head, the body still to be read. Rejects with the socket's error. */
export type Connection = (request: WireRequest, signal: AbortSignal) => Promise<IncomingMessage>;

const ANY_STATUS: Readonly<Record<number, true>> = Object.fromEntries(
  Array.from({ length: 500 }, (_, index) => [index + 100, true] as const),
);

/** A kept connection would die with the engine and fail the next call with a reset that never reached anybody. */
const PER_CALL = { keepAlive: false };

/** `host` is `unix:///path` or `tcp://host:port`. Throws BoardhandError E_CONFIG for anything else. */
export function connect(host: string, tls: TlsFiles | null): Connection {
  const { modem } = new Docker(dockerodeOptions(host, tls));
  return (request, signal) =>
    new Promise((resolve, reject) => {
      modem.dial(
        {
          path: request.query === undefined ? request.path : `${request.path}?`,
          method: request.method,
          headers: { ...request.headers },
          // An empty `_body` is what tells the modem to send none.
          options: { _query: request.query ?? {}, _body: request.body ?? {} },
          allowEmpty: request.body !== undefined,
          ...(request.archive === undefined ? {} : { file: request.archive }),
          isStream: true,
          abortSignal: signal,
          statusCodes: ANY_STATUS,
        },
        (error, result) => {
          if (error !== null) reject(error);
          else if (result instanceof IncomingMessage) resolve(result);
          else reject(new Error("the engine's answer is no HTTP response"));
        },
      );
    });
}

/** The modem takes an agent; its types do not say so. */
type WireOptions = Docker.DockerOptions & { readonly agent: HttpAgent | HttpsAgent };

/** Every field the modem would otherwise fill from DOCKER_HOST and its friends is given, so that the environment cannot. */
function dockerodeOptions(host: string, tls: TlsFiles | null): WireOptions {
  const url = parseHost(host);
  if (url.protocol === "unix:") {
    const agent = named(new HttpAgent(PER_CALL));
    return { host: "", socketPath: decodeURIComponent(url.pathname), protocol: "http", agent };
  }
  const common = {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port || (tls === null ? "2375" : "2376"),
  };
  if (tls === null) return { ...common, protocol: "http", agent: named(new HttpAgent(PER_CALL)) };
  const material = { ca: readPem(tls.ca), cert: readPem(tls.cert), key: readPem(tls.key) };
  return { ...common, ...material, protocol: "https", agent: named(new HttpsAgent(PER_CALL)) };
}

/**
 * The modem puts every request into words for its own debug log, read or not, down to the sockets of all that are under way:
 * nine tenths of what a look at fifty services took. An agent that has words of its own is not looked into.
 */
function named<T extends HttpAgent>(agent: T): T {
  return Object.assign(agent, { [inspect.custom]: () => "the connections to the engine" });
}

function parseHost(host: string): URL {
  const url = URL.canParse(host) ? new URL(host) : null;
  const usable =
    url !== null &&
    ((url.protocol === "unix:" && url.pathname.length > 1) ||
      (url.protocol === "tcp:" && url.hostname !== ""));
  if (usable) return url;
  throw new BoardhandError("E_CONFIG", `docker.host: "${host}" is not an engine's address`, {
    hint: "Write unix:///var/run/docker.sock or tcp://HOST:PORT.",
  });
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new BoardhandError("E_CONFIG", `docker.tls: cannot read ${path}`, {
      cause,
      hint: "Check that the file exists and that Boardhand may read it.",
    });
  }
}
