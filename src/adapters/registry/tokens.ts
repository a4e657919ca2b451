// Fetches registry tokens (distribution spec: auth/token.md, oauth.md) and keeps them until shortly before they end.
import { createHash } from "node:crypto";
import type { BoardhandError, Secret } from "../../core/model/index.ts";
import type { Clock, RegistryCredentials } from "../../ports/index.ts";
import { type Endpoint, mayBePlain } from "./endpoint.ts";
import { answeredAt, protocolFailure, rejectedCredentials, statusFailure } from "./failures.ts";
import type { Answer, Transport } from "./transport.ts";

const CLIENT_ID = "boardhand";
const DEFAULT_LIFETIME_S = 60;
const LIFETIME_MAX_S = 3600;
const ANSWER_MAX_BYTES = 256 * 1024;
const TOKEN_LENGTH_MAX = 64 * 1024;
const KEPT_MAX = 256;

export interface TokenRequest {
  readonly endpoint: Endpoint;
  readonly realm: string;
  readonly service: string | null;
  readonly scope: string;
  readonly credentials: RegistryCredentials | null;
}

export interface Tokens {
  /** `fresh` passes over what is kept. Throws BoardhandError; E_REGISTRY_AUTH with `data.rejected` for bad credentials. */
  get(request: TokenRequest, options: { readonly fresh: boolean }): Promise<string>;
}

interface Kept {
  readonly token: string;
  /** Monotonic: boards boot with a wrong wall clock. */
  readonly until: number;
}

/** Login, password and tokens as one value that says nothing about them. */
export function fingerprint(credentials: RegistryCredentials): string {
  const parts = [
    credentials.username,
    credentials.password.reveal(),
    credentials.identityToken?.reveal() ?? "",
    credentials.registryToken?.reveal() ?? "",
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** A registry names any realm it likes: what is sent there must not be readable on the way, whoever the registry is. */
function checkRealm({ endpoint, realm }: TokenRequest, insecure: readonly string[]): URL {
  const url = new URL(realm);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && mayBePlain(url.host, insecure))) {
    throw protocolFailure(endpoint.host, `its token server (${url.host}) is not reached over https`);
  }
  if (url.username !== "" || url.password !== "") {
    throw protocolFailure(endpoint.host, "the address of its token server has a user name in it");
  }
  return url;
}

function readToken(host: string, answer: Answer): { readonly token: string; readonly lifetimeMs: number } {
  let body: { token?: unknown; access_token?: unknown; expires_in?: unknown } | null;
  try {
    body = JSON.parse(answer.body.toString("utf8"));
  } catch {
    // The parser's message would quote the answer, which may hold a token.
    throw protocolFailure(host, "its token server did not answer in JSON");
  }
  const token = [body?.token, body?.access_token].find((value) => typeof value === "string" && value !== "");
  if (typeof token !== "string" || token.length > TOKEN_LENGTH_MAX || !/^[\x21-\x7e]+$/.test(token)) {
    throw protocolFailure(host, "its token server sent no usable token");
  }
  const said = body?.expires_in;
  const seconds = typeof said === "number" && said > 0 ? Math.min(said, LIFETIME_MAX_S) : DEFAULT_LIFETIME_S;
  return { token, lifetimeMs: seconds * 1000 };
}

export function basicAuthorization(credentials: RegistryCredentials): string {
  const pair = `${credentials.username}:${credentials.password.reveal()}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

function basicHeader(credentials: RegistryCredentials | null): Record<string, string> {
  const known = credentials !== null && credentials.username !== "";
  return known ? { authorization: basicAuthorization(credentials) } : {};
}

interface TokenOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly insecure: readonly string[];
  readonly send: Transport;
}

async function askByGet(request: TokenRequest, { send, timeoutMs, insecure }: TokenOptions): Promise<Answer> {
  const url = checkRealm(request, insecure);
  if (request.service !== null) url.searchParams.set("service", request.service);
  url.searchParams.set("scope", request.scope);
  return send({
    host: request.endpoint.host,
    url: url.href,
    method: "GET",
    headers: { "user-agent": CLIENT_ID, ...basicHeader(request.credentials) },
    timeoutMs,
    maxBytes: ANSWER_MAX_BYTES,
  });
}

async function askByPost(request: TokenRequest, identity: Secret, options: TokenOptions): Promise<Answer> {
  const { send, timeoutMs, insecure } = options;
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: CLIENT_ID,
    scope: request.scope,
    refresh_token: identity.reveal(),
  });
  if (request.service !== null) form.set("service", request.service);
  return send({
    host: request.endpoint.host,
    url: checkRealm(request, insecure).href,
    method: "POST",
    headers: { "user-agent": CLIENT_ID, "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
    timeoutMs,
    maxBytes: ANSWER_MAX_BYTES,
  });
}

async function ask(request: TokenRequest, options: TokenOptions): Promise<Answer> {
  const identity = request.credentials?.identityToken ?? null;
  if (identity === null) return askByGet(request, options);
  const answer = await askByPost(request, identity, options);
  const unsupported = answer.status === 404 || answer.status === 405;
  return unsupported ? askByGet(request, options) : answer;
}

function refusal(request: TokenRequest, answer: Answer, nowMs: number): BoardhandError {
  const { host } = request.endpoint;
  const denied = answer.status === 400 || answer.status === 401 || answer.status === 403;
  if (denied && request.credentials !== null) return rejectedCredentials(host, answer.status);
  const status = answer.status === 404 ? 502 : answer.status;
  const retryAfter = answer.header("retry-after");
  const what = request.scope.includes("push") ? "a token to push" : "a token to pull";
  return statusFailure({ host, what, status, retryAfter, nowMs });
}

export function createTokens(options: TokenOptions): Tokens {
  const { clock } = options;
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<string>>();

  async function fetchToken(request: TokenRequest, key: string): Promise<string> {
    const answer = await ask(request, options);
    if (answer.status !== 200) throw refusal(request, answer, answeredAt(answer, clock.now()));
    const { token, lifetimeMs } = readToken(request.endpoint.host, answer);
    // A little early, so that it does not end on the way.
    const until = clock.monotonic() + lifetimeMs - Math.min(10_000, lifetimeMs / 5);
    kept.delete(key);
    kept.set(key, { token, until });
    const oldest = kept.keys().next();
    if (kept.size > KEPT_MAX && oldest.done !== true) kept.delete(oldest.value);
    return token;
  }

  return {
    async get(request, { fresh }) {
      // With the host: another registry that names the same realm and scope must not be handed this one's token.
      const who = request.credentials === null ? null : fingerprint(request.credentials);
      const { endpoint, realm, service, scope } = request;
      const key = JSON.stringify([endpoint.host, realm, service, scope, who]);
      const had = kept.get(key);
      if (!fresh && had !== undefined && clock.monotonic() < had.until) return had.token;
      const running = underWay.get(key);
      if (running !== undefined) return running;
      const started = fetchToken(request, key).finally(() => underWay.delete(key));
      underWay.set(key, started);
      return started;
    },
  };
}
