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
  readonly method: "GET" | "HEAD";
  readonly accept: readonly string[];
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
  const { endpoint, repository, path, method, accept, maxBytes } = request;
  return {
    host: endpoint.host,
    url: `${endpoint.origin}/v2/${repository}/${path}`,
    method,
    headers: {
      ...(accept.length === 0 ? {} : { accept: accept.join(", ") }),
      "user-agent": "boardhand",
      ...(header === null ? {} : { authorization: header }),
    },
    timeoutMs,
    maxBytes,
  };
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
    const { endpoint, repository } = request;
    const ready = credentials?.registryToken;
    if (ready !== undefined) return `Bearer ${ready.reveal()}`;
    if (challenge.kind === "basic") return credentials === null ? null : basicAuthorization(credentials);
    const scope = challenge.scope ?? `repository:${repository}:pull`;
    try {
      return `Bearer ${await tokens.get({ endpoint, ...challenge, scope, credentials }, { fresh })}`;
    } catch (error) {
      const bad = error instanceof BoardhandError && error.data.rejected === true;
      throw bad && credentials !== null ? gate.reject(endpoint.host, credentials) : error;
    }
  }

  async function ask(request: SessionRequest, credentials: RegistryCredentials | null): Promise<Answer> {
    const { host, origin } = request.endpoint;
    const key = `${origin}/${request.repository}`;
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
