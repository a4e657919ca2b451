// One round of questions: each asked once however many services want the answer, none while its registry is to be left alone.
import { repositoryKey } from "../../core/image/index.ts";
import { BoardhandError } from "../../core/model/index.ts";
import type { Clock, Registry } from "../../ports/index.ts";
import type { Backoff } from "./backoff.ts";
import type { Limiter } from "./limiter.ts";

/** Failures of the host rather than of one image. */
const HOST_CODES: readonly string[] = ["E_REGISTRY_UNAVAILABLE", "E_REGISTRY_RATE_LIMITED"];

export function isHostFailure(error: BoardhandError): boolean {
  return HOST_CODES.includes(error.code);
}

export interface Round extends Registry {
  /** Ends the round: a registry counts as well again when none of its answers failed. */
  close(): void;
}

/** The Registry port with a memory of one round; a blocked host throws the error that blocked it. */
export function createRound(deps: {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly hosts: Backoff;
  readonly limit: Limiter;
}): Round {
  const { registry, clock, hosts, limit } = deps;
  const asked = new Map<string, Promise<unknown>>();
  const answered = new Set<string>();
  const failed = new Set<string>();

  async function ask<T>(host: string, question: () => Promise<T>): Promise<T> {
    const block = hosts.blocked(host);
    if (block !== null) throw block.error;
    const startedAt = clock.monotonic();
    try {
      const answer = await question();
      answered.add(host);
      return answer;
    } catch (error) {
      if (error instanceof BoardhandError && isHostFailure(error)) {
        failed.add(host);
        hosts.failed(host, error, startedAt);
      } else answered.add(host);
      throw error;
    }
  }

  function once<T>(key: string, host: string, question: () => Promise<T>): Promise<T> {
    const before = asked.get(key);
    // The key starts with the method, so the stored promise is of this method's type.
    if (before !== undefined) return before as Promise<T>;
    const answer = limit(() => ask(host, question));
    asked.set(key, answer);
    return answer;
  }

  return {
    head: (image, reference) =>
      once(`head ${repositoryKey(image)} ${reference}`, image.registry, () =>
        registry.head(image, reference),
      ),
    manifest: (image, reference) =>
      once(`manifest ${repositoryKey(image)} ${reference}`, image.registry, () =>
        registry.manifest(image, reference),
      ),
    config: (image, digest) =>
      once(`config ${repositoryKey(image)} ${digest}`, image.registry, () => registry.config(image, digest)),

    // Only now: a HEAD that is answered before each GET that fails would keep the pauses from growing.
    close() {
      for (const host of answered) if (!failed.has(host)) hosts.succeeded(host);
    },
  };
}
