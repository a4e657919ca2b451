// Puts what went wrong between here and a registry into one error with plain words and what to do about it.
import { BoardhandError } from "../../core/model/index.ts";

const BACKOFF = "backoff";
/** A clock that is set by the network is right soon after it is up. */
const CLOCK_RETRY_MS = 5_000;
const RETRY_AFTER_MAX_MS = 24 * 3600_000;

interface Words {
  readonly says: string;
  readonly hint: string;
}

const NETWORK = "Check the board's network and that the registry is running.";
const CERTIFICATE =
  "Check the board's clock, and name whoever signed the registry's certificate in registries.ca.";

const BY_CODE: Readonly<Record<string, Words>> = {
  ENOTFOUND: { says: "its name is not known (DNS)", hint: "Check the host's spelling and the board's DNS." },
  EAI_AGAIN: { says: "DNS did not answer", hint: "Check the board's network and DNS." },
  ECONNREFUSED: { says: "the connection was refused", hint: NETWORK },
  ECONNRESET: { says: "the connection was closed before the answer was complete", hint: NETWORK },
  EPIPE: { says: "the connection was closed before the answer was complete", hint: NETWORK },
  ETIMEDOUT: { says: "it did not answer in time", hint: NETWORK },
  EHOSTUNREACH: { says: "there is no route to it", hint: NETWORK },
  ENETUNREACH: { says: "there is no route to it", hint: NETWORK },
  CERT_HAS_EXPIRED: {
    says: "its TLS certificate has expired, or the board's clock is wrong",
    hint: CERTIFICATE,
  },
  CERT_NOT_YET_VALID: {
    says: "its TLS certificate is not valid yet, or the board's clock is wrong",
    hint: CERTIFICATE,
  },
  DEPTH_ZERO_SELF_SIGNED_CERT: { says: "its TLS certificate is self-signed", hint: CERTIFICATE },
  SELF_SIGNED_CERT_IN_CHAIN: { says: "its TLS certificate is signed by somebody unknown", hint: CERTIFICATE },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    says: "its TLS certificate is signed by somebody unknown",
    hint: CERTIFICATE,
  },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    says: "its TLS certificate is signed by somebody unknown",
    hint: CERTIFICATE,
  },
  ERR_TLS_CERT_ALTNAME_INVALID: { says: "its TLS certificate is for another name", hint: CERTIFICATE },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    says: "it does not speak TLS",
    hint: "If it is meant to be plain HTTP, add it to registries.insecure.",
  },
  ERR_SSL_PACKET_LENGTH_TOO_LONG: {
    says: "it does not speak TLS",
    hint: "If it is meant to be plain HTTP, add it to registries.insecure.",
  },
};

export interface BoardTime {
  /** Wall clock, ms since the epoch. */
  readonly now: () => number;
  /** When this program was made, ms since the epoch: no clock is right that shows an earlier time. */
  readonly builtAt: number;
}

/** The first error code along the causes. */
function codeOf(error: unknown): string {
  let current: unknown = error;
  for (let depth = 0; depth < 5 && typeof current === "object" && current !== null; depth++) {
    const { code, name, cause, message } = current as Readonly<Record<string, unknown>>;
    // OpenSSL's own reason, "wrong version number", says more than "a protocol error".
    const reason = /SSL routines:[^:]*:([a-z ]+):/.exec(code === "EPROTO" ? String(message) : "")?.[1];
    if (reason !== undefined) return `ERR_SSL_${reason.toUpperCase().replaceAll(" ", "_")}`;
    if (typeof code === "string") return code;
    if (name === "TimeoutError") return "ETIMEDOUT";
    current = cause;
  }
  return "";
}

function wrongClock(host: string, code: string, { now, builtAt }: BoardTime, cause: unknown): BoardhandError {
  const says = new Date(now()).toISOString();
  const built = new Date(builtAt).toISOString().slice(0, 10);
  return new BoardhandError(
    "E_REGISTRY_UNAVAILABLE",
    `${host}: its TLS certificate cannot be checked: the board's clock says ${says}, which is before this program was made (${built})`,
    {
      retry: BACKOFF,
      hint: "It is tried again every few seconds, until the clock is set; check that NTP works.",
      cause,
      data: { host, cause: code, byClock: true, retryAfterMs: CLOCK_RETRY_MS },
    },
  );
}

const CLOCK_CODES: readonly string[] = ["CERT_NOT_YET_VALID", "CERT_HAS_EXPIRED"];

/** E_REGISTRY_UNAVAILABLE for what a request or reading its body threw. */
export function networkFailure(host: string, error: unknown, time: BoardTime): BoardhandError {
  if (error instanceof BoardhandError) return error;
  const code = codeOf(error);
  if (CLOCK_CODES.includes(code) && time.now() < time.builtAt) return wrongClock(host, code, time, error);
  const parser = code.startsWith("HPE_") ? "it does not answer in HTTP" : "the request failed";
  const words = BY_CODE[code] ?? { says: parser, hint: NETWORK };
  return new BoardhandError("E_REGISTRY_UNAVAILABLE", `${host} cannot be reached: ${words.says}`, {
    retry: BACKOFF,
    hint: words.hint,
    cause: error,
    data: { host, cause: code === "" ? "unknown" : code, byClock: CLOCK_CODES.includes(code) },
  });
}

/** An answer that breaks the registry protocol. */
export function protocolFailure(host: string, what: string): BoardhandError {
  return new BoardhandError("E_REGISTRY_PROTOCOL", `${host}: ${what}`, {
    retry: BACKOFF,
    hint: "Check that the address is a registry, and the proxy in front of it.",
    data: { host },
  });
}

/** By the answer's own `Date`, ms since the epoch: what it says is measured from there, and the board's clock may be wrong. */
export function answeredAt(
  answer: { readonly header: (name: string) => string | null },
  nowMs: number,
): number {
  const at = Date.parse(answer.header("date") ?? "");
  return Number.isFinite(at) ? at : nowMs;
}

/** Milliseconds from `Retry-After`, seconds or an HTTP date; null when absent or nonsense. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  const wait = /^\d{1,10}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), RETRY_AFTER_MAX_MS) : null;
}

/** The credentials themselves are wrong: asking again with them can only make it worse. */
export function rejectedCredentials(host: string, status: number): BoardhandError {
  return new BoardhandError("E_REGISTRY_AUTH", `${host} rejects the credentials (${status})`, {
    retry: "never",
    hint: `Log in again (docker login ${host}); until then nothing is asked with these.`,
    data: { host, status, rejected: true },
  });
}

interface Refused {
  readonly host: string;
  readonly what: string;
  readonly status: number;
  readonly retryAfter: string | null;
  /** When it was answered. */
  readonly nowMs: number;
}

/** The error for a status that is no answer: 401 and 403, 404, 429, 5xx, anything else. */
export function statusFailure({ host, what, status, retryAfter, nowMs }: Refused): BoardhandError {
  const wait = retryAfterMs(retryAfter, nowMs);
  const data = { host, status, ...(wait === null ? {} : { retryAfterMs: wait }) };
  if (status === 401 || status === 403) {
    return new BoardhandError("E_REGISTRY_AUTH", `${host} refuses access to ${what} (${status})`, {
      retry: BACKOFF,
      hint: "Check the name, and that the credentials in docker's config.json may pull it (docker login).",
      data,
    });
  }
  if (status === 404) {
    return new BoardhandError("E_REGISTRY_NOT_FOUND", `${host} does not have ${what}`, {
      retry: BACKOFF,
      hint: "Check the name and the tag, and whether the image has been pushed.",
      data,
    });
  }
  if (status === 429) {
    return new BoardhandError("E_REGISTRY_RATE_LIMITED", `${host} limits requests (429)`, {
      retry: BACKOFF,
      hint: "Wait, poll less often, or log in (docker login) for a higher limit.",
      data: { host, status, retryAfterMs: wait },
    });
  }
  if (status >= 500) {
    return new BoardhandError("E_REGISTRY_UNAVAILABLE", `${host} answered ${status} for ${what}`, {
      retry: BACKOFF,
      hint: "The registry has a problem of its own; its log says which.",
      data,
    });
  }
  return protocolFailure(host, `unexpected status ${status} for ${what}`);
}
