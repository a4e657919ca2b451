// The one error class. Expected outcomes are values; this is for edges that failed and for bugs.

/** Every code has a line in docs/reference/errors.md (a test compares both ways). */
export type ErrorCode =
  | "E_USAGE"
  | "E_CONFIG"
  | "E_COMPOSE"
  | "E_FILE"
  | "E_STATE"
  | "E_ENGINE_UNAVAILABLE"
  | "E_ENGINE_REFUSED"
  | "E_ENGINE_VERSION"
  | "E_PULL"
  | "E_IMAGE_PLATFORM"
  | "E_REGISTRY_UNAVAILABLE"
  | "E_REGISTRY_AUTH"
  | "E_REGISTRY_NOT_FOUND"
  | "E_REGISTRY_RATE_LIMITED"
  | "E_REGISTRY_PROTOCOL"
  | "E_DIGEST_MISMATCH"
  | "E_NOT_HEALTHY"
  | "E_NOT_RUNNING"
  | "E_NOT_COMPLETED"
  | "E_HOOK"
  | "E_NOTHING_TO_ROLL_BACK"
  | "E_UNKNOWN_PROJECT"
  | "E_AGENT_UNREACHABLE"
  | "E_STANDBY"
  | "E_HTTP"
  | "E_PROGRAM"
  | "E_EMULATION"
  | "E_TEST"
  | "E_BUILD"
  | "E_SMOKE"
  | "E_PUSH"
  | "E_LIST"
  | "E_ABORTED";

export interface ErrorDetails {
  /** `never`: a retry cannot help, say so and stop. `backoff`: try again with growing delay. */
  readonly retry?: "backoff" | "never";
  /** What the operator can do about it, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Where it happened and with what: paths, digests, statuses. Never a secret. */
  readonly data?: Readonly<Record<string, string | number | boolean | null>>;
}

export class BoardhandError extends Error {
  readonly code: ErrorCode;
  readonly retry: "backoff" | "never";
  readonly hint: string | null;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "BoardhandError";
    this.code = code;
    this.retry = details.retry ?? "never";
    this.hint = details.hint ?? null;
    this.data = details.data ?? {};
  }
}

/** Any thrown value as a BoardhandError, so that callers handle one shape. */
export function asBoardhandError(
  error: unknown,
  code: ErrorCode,
  details: ErrorDetails = {},
): BoardhandError {
  if (error instanceof BoardhandError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new BoardhandError(code, message, { cause: error, ...details });
}
