// One HTTP exchange with a registry: deadline, redirects by hand, bounded body. Never sends Authorization to another origin.
import { networkFailure, protocolFailure } from "./failures.ts";

const REDIRECTS_MAX = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

export interface Exchange {
  /** Whose words the errors use. */
  readonly host: string;
  readonly url: string;
  readonly method: "GET" | "HEAD" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange: connecting, redirects and body. */
  readonly timeoutMs: number;
  /** A longer body is refused. */
  readonly maxBytes: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

async function readBody(response: Response, exchange: Exchange): Promise<Buffer> {
  const announced = response.headers.get("content-length");
  if (response.body === null) return Buffer.alloc(0);
  const tooLong = () =>
    protocolFailure(exchange.host, `the answer is larger than ${exchange.maxBytes} bytes and was not read`);
  if (announced !== null && Number(announced) > exchange.maxBytes) {
    await response.body.cancel();
    throw tooLong();
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (length > exchange.maxBytes) throw tooLong();
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
  return next;
}

function headersFor(exchange: Exchange, sameOrigin: boolean): Record<string, string> {
  const headers: Record<string, string> = { ...exchange.headers, "accept-encoding": "identity" };
  if (!sameOrigin) delete headers.authorization;
  return headers;
}

/**
 * Throws BoardhandError E_REGISTRY_UNAVAILABLE (network, timeout, body cut short) or E_REGISTRY_PROTOCOL (body too
 * long, redirects). Any status is an answer. Header names in `exchange.headers` are lower-case.
 */
export async function sendExchange(exchange: Exchange): Promise<Answer> {
  const signal = AbortSignal.timeout(exchange.timeoutMs);
  const origin = new URL(exchange.url).origin;
  let url = new URL(exchange.url);
  // Once the chain has left the origin it does not get the header back by returning.
  let sameOrigin = true;
  try {
    for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
      const response = await fetch(url, {
        method: exchange.method,
        headers: headersFor(exchange, sameOrigin),
        redirect: "manual",
        signal,
        ...(exchange.body === undefined ? {} : { body: exchange.body }),
      });
      if (!REDIRECTS.includes(response.status) || exchange.method === "POST") {
        return {
          status: response.status,
          headers: response.headers,
          body: await readBody(response, exchange),
        };
      }
      await response.body?.cancel();
      url = nextUrl(exchange, url, response.headers.get("location"));
      sameOrigin &&= url.origin === origin;
    }
  } catch (error) {
    throw networkFailure(exchange.host, error);
  }
  throw protocolFailure(exchange.host, `more than ${REDIRECTS_MAX} redirects`);
}
