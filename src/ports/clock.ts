// Time, so that tests can be without it.

export interface Clock {
  /** Wall clock, ms since the epoch: for people and for what must survive a restart. */
  now(): number;
  /** Monotonic, ms: for deadlines and token lifetimes; boards boot with a wrong wall clock. */
  monotonic(): number;
  /** Resolves after `ms`, rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number in [0, 1), for jitter. */
  random(): number;
}
