// A clock that runs like the real one and can leap to the end of the next wait, so that a test meets a timeout of minutes
// as it is. Wall time never leaps: what the engine says of its containers stays comparable.
import { systemClock } from "../../src/adapters/clock/index.ts";
import type { Clock } from "../../src/ports/index.ts";

export interface Leap {
  /** Wall time of the leap, ms since the epoch. */
  readonly at: number;
  readonly ms: number;
}

export interface LeapingClock extends Clock {
  readonly leaps: readonly Leap[];
  /** Ends the wait that would end next; false when nobody waits. */
  leap(): boolean;
}

interface Wait {
  readonly due: number;
  readonly end: () => void;
}

export function leapingClock(): LeapingClock {
  const real = systemClock();
  const waits = new Set<Wait>();
  const leaps: Leap[] = [];
  let ahead = 0;
  const monotonic = (): number => real.monotonic() + ahead;
  return {
    now: real.now,
    random: real.random,
    monotonic,
    leaps,
    async sleep(ms, signal) {
      const early = new AbortController();
      const wait = { due: monotonic() + ms, end: () => early.abort() };
      waits.add(wait);
      const either = signal === undefined ? early.signal : AbortSignal.any([signal, early.signal]);
      try {
        await real.sleep(ms, either);
      } catch (error) {
        signal?.throwIfAborted();
        if (!early.signal.aborted) throw error;
      } finally {
        waits.delete(wait);
      }
    },
    leap() {
      const due = Math.min(...[...waits].map((wait) => wait.due));
      if (due === Number.POSITIVE_INFINITY) return false;
      const ms = Math.max(0, due - monotonic());
      ahead += ms;
      leaps.push({ at: real.now(), ms });
      for (const wait of [...waits]) if (wait.due <= due) wait.end();
      return true;
    },
  };
}
