// Requests with the right authorisation: learns each repository's challenge once, never sends rejected credentials again.
import { BoardhandError } from "../../core/model/index.ts";
import type { Clock, Credentials, Log, RegistryCredentials } from "../../ports/index.ts";
import { type Challenge, parseChallenge } from "./challenge.ts";
import type { Endpoint } from "./endpoint.ts";
import { rejectedCredentials } from "./failures.ts";
import { basicAuthorization, createTokens, fingerprint } from "./tokens.ts";
import type { Answer, Exchange, Transport } from "./transport.ts";

const CHALLENGES_MAX = 1024;

export interface SessionRequest {
  readonly endpoint: Endpoint;
  readonly repository: string;
  /** Below `/v2/<repository>/`. */
  readonly path: string;
  /** PUT asks for leave to push, the others only to pull. */
  readonly method: "GET" | "HEAD" | "PUT";
  readonly accept: readonly string[];
  /** Only of a PUT. */
  readonly content?: { readonly type: string; readonly bytes: Uint8Array };
  readonly maxBytes: number;
}

export interface SessionAnswer extends Answer {
  /** The user it was asked as; null: nobody. */
  readonly as: string | null;
}

export interface Session {
  /** Any status but a 401 that can be answered; throws BoardhandError. */
  send(request: SessionRequest): Promise<SessionAnswer>;
}

/** Remembers which credentials a host rejected: Hub locks an address out after a few wrong logins. */
function createGate(credentials: Credentials, log: Log) {
  const refused = new Map<string, string>();
  return {
    async credentialsFor({ host, mayLogIn }: Endpoint): Promise<RegistryCredentials | null> {
      if (!mayLogIn) return null;
      const found = await credentials.forRegistry(host);
      if (found !== null && refused.get(host) === fingerprint(found)) throw rejectedCredentials(host, 401);
      return found;
    },
    reject(host: string, rejected: RegistryCredentials): BoardhandError {
      refused.set(host, fingerprint(rejected));
      log.warn({ host }, "the registry rejects the credentials; they are not sent again");
      return rejectedCredentials(host, 401);
    },
  };
}

function exchangeOf(request: SessionRequest, header: string | null, timeoutMs: number): Exchange {
  const { endpoint, repository, path, method, accept, content, maxBytes } = request;
  return {
    host: endpoint.host,
    url: `${endpoint.origin}/v2/${repository}/${path}`,
    method,
    headers: {
      ...(accept.length === 0 ? {} : { accept: accept.join(", ") }),
      ...(content === undefined ? {} : { "content-type": content.type }),
      "user-agent": "boardhand",
      ...(header === null ? {} : { authorization: header }),
    },
    ...(content === undefined ? {} : { body: content.bytes }),
    timeoutMs,
    maxBytes,
  };
}

/** The registry's own words for it, as long as they are about what is asked: some name `pull` whatever the request is. */
function scopeOf({ repository, method }: SessionRequest, named: string | null): string {
  if (method !== "PUT") return named ?? `repository:${repository}:pull`;
  const mayPush = named !== null && /[:,]push(?:[,\s]|$)/.test(named);
  return mayPush ? named : `repository:${repository}:pull,push`;
}

function remember(challenges: Map<string, Challenge>, key: string, challenge: Challenge): void {
  const oldest = challenges.keys().next();
  if (challenges.size >= CHALLENGES_MAX && oldest.done !== true) challenges.delete(oldest.value);
  challenges.set(key, challenge);
}

export interface SessionOptions {
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly insecure: readonly string[];
  readonly send: Transport;
  readonly log: Log;
}

export function createSession(options: SessionOptions): Session {
  const { send, timeoutMs } = options;
  const tokens = createTokens(options);
  const challenges = new Map<string, Challenge>();
  const gate = createGate(options.credentials, options.log);

  async function authorization(
    request: SessionRequest,
    challenge: Challenge,
    credentials: RegistryCredentials | null,
    fresh: boolean,
  ): Promise<string | null> {
    const { endpoint } = request;
    const ready = credentials?.registryToken;
    if (ready !== undefined) return `Bearer ${ready.reveal()}`;
    if (challenge.kind === "basic") return credentials === null ? null : basicAuthorization(credentials);
    const scope = scopeOf(request, challenge.scope);
    try {
      return `Bearer ${await tokens.get({ endpoint, ...challenge, scope, credentials }, { fresh })}`;
    } catch (error) {
      const bad = error instanceof BoardhandError && error.data.rejected === true;
      throw bad && credentials !== null ? gate.reject(endpoint.host, credentials) : error;
    }
  }

  async function ask(request: SessionRequest, credentials: RegistryCredentials | null): Promise<Answer> {
    const { host, origin } = request.endpoint;
    // A challenge names what it is for: the one for pulling must not become the one for pushing, nor the other way round.
    const key = `${request.method === "PUT" ? "push" : "pull"} ${origin}/${request.repository}`;
    const known = challenges.get(key) ?? null;
    const first = known === null ? null : await authorization(request, known, credentials, false);
    const answer = await send(exchangeOf(request, first, timeoutMs));
    const challenge = parseChallenge(answer.header("www-authenticate"));
    if (answer.status !== 401 || challenge === null) return answer;
    remember(challenges, key, challenge);

    // The same Basic header or registry token would get the same answer; a token may have ended.
    const final = challenge.kind === "basic" || credentials?.registryToken !== undefined;
    if (final && first !== null && credentials !== null) throw gate.reject(host, credentials);
    const second = await authorization(request, challenge, credentials, first !== null);
    if (second === null) return answer;
    const again = await send(exchangeOf(request, second, timeoutMs));
    if (again.status === 401 && final && credentials !== null) throw gate.reject(host, credentials);
    return again;
  }

  return {
    async send(request) {
      const credentials = await gate.credentialsFor(request.endpoint);
      return { ...(await ask(request, credentials)), as: credentials?.username ?? null };
    },
  };
}
