// The real clock.
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../ports/index.ts";

/** A Clock over the system's: `sleep` rejects with the signal's reason, as the port demands. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => Math.random(),
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      try {
        await delay(ms, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}
