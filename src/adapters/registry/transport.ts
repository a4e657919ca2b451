// One HTTP exchange with a registry: deadline, redirects by hand, bounded body. Never sends Authorization to another origin.
// Not `fetch`: that takes no certificate authority for one host without a package of its own.
import { Agent as HttpAgent, type IncomingMessage, request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { BoardhandError } from "../../core/model/index.ts";
import { type BoardTime, networkFailure, protocolFailure } from "./failures.ts";
import type { Trust } from "./trust.ts";

const REDIRECTS_MAX = 5;
/** Which statuses send a request elsewhere as it is: a POST has its token in its body, and 301 to 303 make a GET of a PUT. */
const REDIRECTS: Readonly<Record<Exchange["method"], readonly number[]>> = {
  GET: [301, 302, 303, 307, 308],
  HEAD: [301, 302, 303, 307, 308],
  PUT: [307, 308],
  POST: [],
};
/** Shorter than what servers usually keep an idle connection for. */
const IDLE_MS = 4_000;

export interface Exchange {
  /** Whose words the errors use, and whose certificate authority counts where the address has none of its own. */
  readonly host: string;
  readonly url: string;
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For the whole exchange: connecting, redirects and body. */
  readonly timeoutMs: number;
  /** A longer body is refused. */
  readonly maxBytes: number;
}

export interface Answer {
  readonly status: number;
  /** Null when there is none; names in any case. */
  readonly header: (name: string) => string | null;
  readonly body: Buffer;
}

/**
 * Throws BoardhandError E_REGISTRY_UNAVAILABLE (network, timeout, body cut short) or E_REGISTRY_PROTOCOL (body too
 * long, redirects). Any status is an answer. Header names in `exchange.headers` are lower-case.
 */
export type Transport = (exchange: Exchange) => Promise<Answer>;

function headerOf(response: IncomingMessage, name: string): string | null {
  const value = response.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(", ") : (value ?? null);
}

async function readBody(response: IncomingMessage, { host, method, maxBytes }: Exchange): Promise<Buffer> {
  const tooLong = () => protocolFailure(host, `the answer is larger than ${maxBytes} bytes and was not read`);
  // A HEAD announces the length of what it leaves out.
  if (method !== "HEAD" && Number(headerOf(response, "content-length") ?? 0) > maxBytes) {
    throw tooLong();
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.byteLength;
    // Leaving the loop destroys the stream.
    if (length > maxBytes) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function nextUrl(exchange: Exchange, from: URL, location: string | null): URL {
  if (location === null || !URL.canParse(location, from.href)) {
    throw protocolFailure(exchange.host, "a redirect without a usable Location");
  }
  const next = new URL(location, from);
  if (next.protocol !== "https:" && next.protocol !== "http:") {
    throw protocolFailure(exchange.host, `a redirect to ${next.protocol}`);
  }
  if (from.protocol === "https:" && next.protocol === "http:") {
    throw protocolFailure(exchange.host, `a redirect from https to plain http (${next.host})`);
  }
  if (next.username !== "" || next.password !== "") {
    throw protocolFailure(exchange.host, "a redirect to an address with a user name in it");
  }
  return next;
}

function headersFor(exchange: Exchange, sameOrigin: boolean): Record<string, string> {
  const headers: Record<string, string> = { ...exchange.headers, "accept-encoding": "identity" };
  if (!sameOrigin) delete headers.authorization;
  if (exchange.body !== undefined) headers["content-length"] = String(Buffer.byteLength(exchange.body));
  return headers;
}

/** `time` tells a certificate that is wrong from a clock that is. Connections are kept for a few seconds. */
export function createTransport(trust: Trust, time: BoardTime): Transport {
  const plain = new HttpAgent({ keepAlive: true, timeout: IDLE_MS });

  async function open(url: URL, exchange: Exchange, sameOrigin: boolean, signal: AbortSignal) {
    const { method, host, body } = exchange;
    const secure = url.protocol === "https:";
    const agent = secure ? await trust.agentFor([url.host, host]) : plain;
    const options = { method, headers: headersFor(exchange, sameOrigin), signal, agent };
    const attempt = (retried: boolean): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const asked = (secure ? requestTls : requestPlain)(url, options, resolve);
        asked.once("error", (error: NodeJS.ErrnoException) => {
          // A kept connection can have been closed by the other side in this very moment.
          const stale = asked.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
          if (stale && !retried && !signal.aborted) attempt(true).then(resolve, reject);
          else reject(error);
        });
        asked.end(body);
      });
    return await attempt(false);
  }

  async function follow(exchange: Exchange, signal: AbortSignal): Promise<Answer> {
    const { origin } = new URL(exchange.url);
    let url = new URL(exchange.url);
    // Once the chain has left the origin it does not get the header back by returning.
    let sameOrigin = true;
    for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
      const response = await open(url, exchange, sameOrigin, signal);
      try {
        const status = response.statusCode ?? 0;
        if (!REDIRECTS[exchange.method].includes(status)) {
          const body = await readBody(response, exchange);
          return { status, header: (name) => headerOf(response, name), body };
        }
        url = nextUrl(exchange, url, headerOf(response, "location"));
      } finally {
        if (!response.complete) response.destroy();
      }
      sameOrigin &&= url.origin === origin;
    }
    throw protocolFailure(exchange.host, `more than ${REDIRECTS_MAX} redirects`);
  }

  return async (exchange) => {
    const signal = AbortSignal.timeout(exchange.timeoutMs);
    try {
      return await follow(exchange, signal);
    } catch (error) {
      // A body that the deadline cuts off looks like one that the other side did.
      const late = signal.aborted && !(error instanceof BoardhandError);
      throw networkFailure(exchange.host, late ? signal.reason : error, time);
    }
  };
}
