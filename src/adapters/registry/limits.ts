// What registries say about how much they still answer (`ratelimit-*`, Docker Hub's pull limit). Decides nothing by it.
import type { Clock, RegistryLimit } from "../../ports/index.ts";

const HOSTS_MAX = 100;
const DEFAULT_WINDOW_S = 6 * 3600;
const SOURCE_MAX = 100;

interface Noted {
  readonly limit: RegistryLimit;
  /** Whose limit it is: another login has another one. */
  readonly as: string | null;
  /** Monotonic: what is older than its window says nothing any more. */
  readonly until: number;
}

export interface Limits {
  /** `header` of any answer to a question about a manifest. */
  note(host: string, as: string | null, header: (name: string) => string | null): void;
  /** Sorted by host. */
  list(): readonly RegistryLimit[];
}

/** `100;w=21600`: a number, and the seconds that it is for. */
function parseCount(
  header: string | null,
): { readonly count: number; readonly windowSeconds: number } | null {
  const found = /^\s*(\d{1,9})\s*(?:;\s*w=(\d{1,9})\s*)?$/.exec(header ?? "");
  if (found === null) return null;
  const seconds = Number(found[2] ?? 0);
  return { count: Number(found[1]), windowSeconds: seconds > 0 ? seconds : DEFAULT_WINDOW_S };
}

export function createLimits(clock: Clock): Limits {
  const noted = new Map<string, Noted>();
  return {
    note(host, as, header) {
      const limit = parseCount(header("ratelimit-limit"));
      const remaining = parseCount(header("ratelimit-remaining"));
      if (limit === null || remaining === null) {
        // Images of some publishers are not counted, so that silence says nothing about the others; a new login does.
        if (noted.get(host)?.as !== as) noted.delete(host);
        return;
      }
      const { windowSeconds } = limit;
      const source = header("docker-ratelimit-source")?.slice(0, SOURCE_MAX) ?? null;
      noted.delete(host);
      noted.set(host, {
        limit: {
          host,
          limit: limit.count,
          remaining: remaining.count,
          windowSeconds,
          source,
          seenAt: clock.now(),
        },
        as,
        until: clock.monotonic() + windowSeconds * 1000,
      });
      const oldest = noted.keys().next();
      if (noted.size > HOSTS_MAX && oldest.done !== true) noted.delete(oldest.value);
    },
    list() {
      const now = clock.monotonic();
      const current = [...noted.values()].filter(({ until }) => now < until).map(({ limit }) => limit);
      return current.sort((a, b) => (a.host < b.host ? -1 : 1));
    },
  };
}
