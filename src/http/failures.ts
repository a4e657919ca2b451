// How often an address failed at the webhooks lately. Only failures are counted and only failures are answered shorter: whoever
// has the right token is let in whatever others did from the same address.

const ADDRESSES = 1_024;

export interface FailureLimits {
  /** Failures of one address in a window, beyond which it is told to wait. */
  readonly failures: number;
  readonly failuresMs: number;
}

export class Failures {
  readonly #limits: FailureLimits;
  readonly #now: () => number;
  /** Oldest first. */
  readonly #windows = new Map<string, { since: number; count: number }>();

  /** `now` is monotonic, ms. */
  constructor(limits: FailureLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** How often it has failed in this window, this time included. */
  note(address: string): number {
    const now = this.#now();
    const window = this.#windows.get(address);
    if (window !== undefined && now - window.since < this.#limits.failuresMs) {
      window.count += 1;
      return window.count;
    }
    this.#windows.delete(address);
    this.#windows.set(address, { since: now, count: 1 });
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > ADDRESSES && oldest !== undefined) this.#windows.delete(oldest);
    return 1;
  }
}
