// How much registries still give, in numbers and in words.
import type { RegistryStatus } from "./types.ts";
import { timestamp } from "./words.ts";

type Numbers = Pick<RegistryStatus, "host" | "limit" | "remaining" | "windowSeconds">;

/** `docker.io gives 76 more of 100 pulls in 6 h`. */
export function describeLimit({ host, limit, remaining, windowSeconds }: Numbers): string {
  const isHours = windowSeconds % 3600 === 0;
  const window = isHours ? `${windowSeconds / 3600} h` : `${Math.ceil(windowSeconds / 60)} min`;
  return `${host} gives ${remaining} more of ${limit} pulls in ${window}`;
}

/** `seenAt` in ms since the epoch. What a registry counts by is an address or an account, and is not shown. */
export function registryStatus({
  host,
  limit,
  remaining,
  windowSeconds,
  seenAt,
}: Numbers & { readonly seenAt: number }): RegistryStatus {
  return { host, limit, remaining, windowSeconds, seenAt: timestamp(seenAt) };
}
