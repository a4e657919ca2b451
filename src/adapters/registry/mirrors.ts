// The mirrors of each registry, and which of them is left alone for a while because it did not answer. A mirror never fails
// a question: whatever it cannot say, the registry is asked.
import { BoardhandError } from "../../core/model/index.ts";
import type { Clock, Log } from "../../ports/index.ts";
import { type Endpoint, mirrorEndpoint } from "./endpoint.ts";

/** A dead mirror must not cost a timeout for each image of a round. */
const REST_MS = 60_000;

export interface MirrorOptions {
  /** By registry, origins in the order in which they are asked. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  readonly insecure: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface Mirrors {
  exist(registry: string): boolean;
  /** Asks the mirrors of a registry in their order; null when none of them has an answer. */
  ask<T>(registry: string, question: (mirror: Endpoint) => Promise<T>): Promise<T | null>;
}

export function createMirrors({ mirrors, insecure, clock, log }: MirrorOptions): Mirrors {
  const resting = new Map<string, number>();
  const originsOf = (registry: string): readonly string[] =>
    Object.hasOwn(mirrors, registry) ? (mirrors[registry] ?? []) : [];

  return {
    exist: (registry) => originsOf(registry).length > 0,
    async ask(registry, question) {
      for (const origin of originsOf(registry)) {
        if (clock.monotonic() < (resting.get(origin) ?? 0)) continue;
        try {
          return await question(mirrorEndpoint(origin, insecure));
        } catch (error) {
          if (!(error instanceof BoardhandError)) throw error;
          log.debug(
            { mirror: origin, code: error.code },
            `a mirror of ${registry} has no answer: ${error.message}`,
          );
          // An image that it does not have says nothing about the others.
          if (error.code !== "E_REGISTRY_NOT_FOUND") resting.set(origin, clock.monotonic() + REST_MS);
        }
      }
      return null;
    },
  };
}
