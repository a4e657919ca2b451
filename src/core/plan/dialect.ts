// Which docker compose is in use for this project: what is made here carries the hash that this one computes, so that
// it takes it for its own.
import { writesV5 } from "../container/index.ts";
import { COMPOSE, type ObservedContainer } from "../model/index.ts";
import { compare } from "./instances.ts";

/**
 * The version on the container that docker compose made last, or on ours, where its dialect is not the one that is
 * written by default (compose.md 3.3); else null.
 */
export function newerCompose(containers: readonly ObservedContainer[]): string | null {
  const telling = containers.filter((c) => c.labels[COMPOSE.version] !== undefined);
  const theirs = telling.filter((c) => c.definitionHash === null);
  const [last] = [...(theirs.length === 0 ? telling : theirs)].sort(
    (a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0) || compare(a.id, b.id),
  );
  const version = last?.labels[COMPOSE.version] ?? null;
  return version !== null && writesV5(version) ? version : null;
}
