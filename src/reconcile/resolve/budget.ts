// Respects what a registry still gives (Docker Hub's pull limit) before it runs dry: the schedule leaves a reserve to pushes
// and people. HEAD is not counted, so looking never waits; only reading and pulling what is new does.
import { BoardhandError, type ImageReference } from "../../core/model/index.ts";
import { describeLimit } from "../../core/status/index.ts";
import type { Clock, Registry, RegistryLimit } from "../../ports/index.ts";

/** A new image costs its list and its own manifest here, and its manifest once more when the engine pulls it. */
const COST = 3;
const RESERVE_SHARE = 0.1;
const RESERVE_MIN = 5;
/** The window moves along: a part of it later there is some room again. */
const RETRY_SHARE = 1 / 12;
const RETRY_MIN_MS = 60_000;
const RETRY_MAX_MS = 30 * 60_000;
/** After this the engine has pulled, or will not. */
const BOOKED_MS = 10 * 60_000;

export interface Budget {
  /**
   * Books what reading and pulling a new image costs. Throws E_REGISTRY_RATE_LIMITED (`data.keptBack`) when it would
   * touch the reserve, unless `force`. `key` is the image's: it pays once, however many of its manifests are read.
   */
  book(image: ImageReference, key: string, force: boolean): void;
  /** Why an image that is known but not on the board is not to be pulled now; null when it may be. */
  pullProblem(image: ImageReference, key: string): BoardhandError | null;
}

interface Booking {
  readonly host: string;
  /** Monotonic, ms. */
  readonly until: number;
}

/** What is left to pushes and people. */
export function reserveOf(limit: number): number {
  return Math.min(Math.max(RESERVE_MIN, Math.ceil(limit * RESERVE_SHARE)), Math.floor(limit / 2));
}

function keptBack(told: RegistryLimit, now: number): BoardhandError {
  const { host, limit, remaining, windowSeconds } = told;
  const retryAfterMs = Math.min(Math.max(windowSeconds * 1000 * RETRY_SHARE, RETRY_MIN_MS), RETRY_MAX_MS);
  const again = new Date(now + retryAfterMs).toISOString().slice(0, 16).replace("T", " ");
  return new BoardhandError(
    "E_REGISTRY_RATE_LIMITED",
    `${describeLimit(told)}; the last ${reserveOf(limit)} are kept for ` +
      `a push or a person. It is tried again at ${again} UTC`,
    {
      retry: "backoff",
      hint: "`boardhand apply` takes it now. Log in (docker login) for a higher limit, or set registries.mirrors.",
      data: { host, limit, remaining, retryAfterMs, keptBack: true },
    },
  );
}

export function createBudget(registry: Pick<Registry, "limits" | "copies">, clock: Clock): Budget {
  const bookings = new Map<string, Booking>();

  /** Null where no limit is known, or where mirrors are asked first: a registry does not count what they give. */
  function limitOf({ registry: host }: ImageReference): RegistryLimit | null {
    if (registry.copies.exist(host)) return null;
    return registry.limits().find((limit) => limit.host === host) ?? null;
  }

  function isShort({ host, limit, remaining }: RegistryLimit, cost: number): boolean {
    const now = clock.monotonic();
    for (const [key, { until }] of bookings) if (until <= now) bookings.delete(key);
    const booked = [...bookings.values()].filter((booking) => booking.host === host).length * COST;
    return remaining - booked - cost < reserveOf(limit);
  }

  return {
    book(image, key, force) {
      const limit = limitOf(image);
      if (limit === null || bookings.has(key)) return;
      if (!force && isShort(limit, COST)) throw keptBack(limit, clock.now());
      bookings.set(key, { host: limit.host, until: clock.monotonic() + BOOKED_MS });
    },
    pullProblem(image, key) {
      const limit = limitOf(image);
      if (limit === null || bookings.has(key) || !isShort(limit, 1)) return null;
      return keptBack(limit, clock.now());
    },
  };
}
