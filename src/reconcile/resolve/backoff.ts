// How long to leave a registry, or one image, alone after a failure: growing, jittered, bounded; Retry-After wins.
import type { BoardhandError } from "../../core/model/index.ts";
import type { Clock } from "../../ports/index.ts";

const UNAVAILABLE = { firstMs: 5_000, maxMs: 15 * 60_000 };
const RATE_LIMITED = { firstMs: 60_000, maxMs: 3600_000 };
const RETRY_AFTER_MIN_MS = 1_000;
const RETRY_AFTER_MAX_MS = 6 * 3600_000;
const JITTER = 0.2;
const KEYS_MAX = 1000;
const CLOCK_SET_MS = 60_000;

export interface Delay {
  readonly error: BoardhandError;
  readonly remainingMs: number;
}

export interface Backoff {
  /** Non-null while `key` is to be left alone. */
  blocked(key: string): Delay | null;
  /** `startedAt` is monotonic: of requests that ran side by side only the first failure counts. */
  failed(key: string, error: BoardhandError, startedAt: number): void;
  succeeded(key: string): void;
}

interface State {
  readonly failures: number;
  readonly failedAt: number;
  readonly until: number;
  /** What the clock showed then, ms since the epoch. */
  readonly shown: number;
  readonly error: BoardhandError;
}

export function createBackoff(clock: Clock): Backoff {
  const states = new Map<string, State>();

  function delayMs(failures: number, error: BoardhandError): number {
    const said = error.data.retryAfterMs;
    if (typeof said === "number") return Math.min(Math.max(said, RETRY_AFTER_MIN_MS), RETRY_AFTER_MAX_MS);
    const { firstMs, maxMs } = error.code === "E_REGISTRY_RATE_LIMITED" ? RATE_LIMITED : UNAVAILABLE;
    const grown = Math.min(firstMs * 2 ** (failures - 1), maxMs);
    return Math.round(grown * (1 + JITTER * clock.random()));
  }

  /** A certificate that was refused for its dates is worth another look as soon as the clock was set. */
  function isOutdated({ error, shown, failedAt }: State): boolean {
    const set = clock.now() - shown - (clock.monotonic() - failedAt);
    return error.data.byClock === true && Math.abs(set) > CLOCK_SET_MS;
  }

  return {
    blocked(key) {
      const state = states.get(key);
      if (state !== undefined && isOutdated(state)) return null;
      const remainingMs = state === undefined ? 0 : state.until - clock.monotonic();
      return state === undefined || remainingMs <= 0 ? null : { error: state.error, remainingMs };
    },
    failed(key, error, startedAt) {
      const before = states.get(key);
      if (before !== undefined && before.failedAt >= startedAt && before.until > clock.monotonic()) return;
      const failures = Math.min((before?.failures ?? 0) + 1, 20);
      const failedAt = clock.monotonic();
      states.delete(key);
      const until = failedAt + delayMs(failures, error);
      states.set(key, { failures, failedAt, until, shown: clock.now(), error });
      const oldest = states.keys().next();
      if (states.size > KEYS_MAX && oldest.done !== true) states.delete(oldest.value);
    },
    succeeded(key) {
      states.delete(key);
    },
  };
}
