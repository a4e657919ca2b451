// Requests with the right authorisation: learns each repository's challenge once, never sends rejected credentials again.
import { createHash } from "node:crypto";
import { BoardhandError } from "../../core/model/index.ts";
import type { Clock, Credentials, Log, RegistryCredentials } from "../../ports/index.ts";
import { type Challenge, parseChallenge } from "./challenge.ts";
import type { Endpoint } from "./endpoint.ts";
import { basicAuthorization, createTokens } from "./tokens.ts";
import { type Answer, type Exchange, sendExchange } from "./transport.ts";

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

export interface Session {
  /** Any status but a 401 that can be answered; throws BoardhandError. */
  send(request: SessionRequest): Promise<Answer>;
}

function fingerprint(credentials: RegistryCredentials): string {
  const parts = [
    credentials.username,
    credentials.password.reveal(),
    credentials.identityToken?.reveal() ?? "",
    credentials.registryToken?.reveal() ?? "",
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function rejected(host: string): BoardhandError {
  return new BoardhandError("E_REGISTRY_AUTH", `${host} rejects the credentials (401)`, {
    retry: "never",
    hint: `Log in again (docker login ${host}); until then nothing is asked with these.`,
    data: { host, status: 401, rejected: true },
  });
}

export function createSession(options: {
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly log: Log;
}): Session {
  const tokens = createTokens(options);
  const challenges = new Map<string, Challenge>();
  /** Host to fingerprint of what it rejected: Hub locks an address out after a few wrong logins. */
  const refused = new Map<string, string>();

  async function credentialsFor(host: string): Promise<RegistryCredentials | null> {
    const credentials = await options.credentials.forRegistry(host);
    if (credentials !== null && refused.get(host) === fingerprint(credentials)) throw rejected(host);
    return credentials;
  }

  function reject(host: string, credentials: RegistryCredentials): BoardhandError {
    refused.set(host, fingerprint(credentials));
    options.log.warn({ host }, "the registry rejects the credentials; they are not sent again");
    return rejected(host);
  }

  function remember(key: string, challenge: Challenge): void {
    const oldest = challenges.keys().next();
    if (challenges.size >= CHALLENGES_MAX && oldest.done !== true) challenges.delete(oldest.value);
    challenges.set(key, challenge);
  }

  async function authorization(
    request: SessionRequest,
    challenge: Challenge,
    credentials: RegistryCredentials | null,
    fresh: boolean,
  ): Promise<string | null> {
    const { endpoint, repository } = request;
    const ready = credentials?.registryToken ?? null;
    if (ready !== null) return `Bearer ${ready.reveal()}`;
    if (challenge.kind === "basic") return credentials === null ? null : basicAuthorization(credentials);
    const scope = challenge.scope ?? `repository:${repository}:pull`;
    try {
      const token = await tokens.get({ endpoint, ...challenge, scope, credentials }, { fresh });
      return `Bearer ${token}`;
    } catch (error) {
      const bad = error instanceof BoardhandError && error.data.rejected === true;
      if (bad && credentials !== null) throw reject(endpoint.host, credentials);
      throw error;
    }
  }

  function exchangeOf(request: SessionRequest, header: string | null): Exchange {
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
      timeoutMs: options.timeoutMs,
      maxBytes,
    };
  }

  return {
    async send(request) {
      const { host } = request.endpoint;
      const key = `${host}/${request.repository}`;
      const credentials = await credentialsFor(host);
      const known = challenges.get(key) ?? null;
      const first = known === null ? null : await authorization(request, known, credentials, false);
      const answer = await sendExchange(exchangeOf(request, first));
      if (answer.status !== 401) return answer;

      const challenge = parseChallenge(answer.headers.get("www-authenticate"));
      if (challenge === null) return answer;
      remember(key, challenge);
      // The same Basic header or registry token would get the same answer.
      const wasSent = first !== null && (challenge.kind === "basic" || credentials?.registryToken != null);
      if (wasSent && credentials !== null) throw reject(host, credentials);
      const second = await authorization(request, challenge, credentials, first !== null);
      if (second === null) return answer;
      const again = await sendExchange(exchangeOf(request, second));
      if (again.status === 401 && challenge.kind === "basic" && credentials !== null)
        throw reject(host, credentials);
      return again;
    },
  };
}
