// One round of questions: each asked once however many services want the answer, none while its registry is to be left alone.
import { isDigest, repositoryKey } from "../../core/image/index.ts";
import { BoardhandError, type ImageReference } from "../../core/model/index.ts";
import type { Clock, Copies, Registry } from "../../ports/index.ts";
import type { Backoff } from "./backoff.ts";
import type { Limiter } from "./limiter.ts";

/** Failures of the host rather than of one image. */
const HOST_CODES: readonly string[] = ["E_REGISTRY_UNAVAILABLE", "E_REGISTRY_RATE_LIMITED"];

/** What is kept back of a limit (budget.ts) is held for one image: the others may still be looked at. */
export function isHostFailure(error: BoardhandError): boolean {
  return HOST_CODES.includes(error.code) && error.data.keptBack !== true;
}

/** `manifest` by digest and `config` ask the mirrors first: bytes that match a digest are as good from anywhere. */
export interface Round extends Registry {
  /** Ends the round: a registry counts as well again when none of its answers failed. */
  close(): void;
}

type Share = <T>(key: string, question: () => Promise<T>) => Promise<T>;

function createShare(): Share {
  const asked = new Map<string, Promise<unknown>>();
  return <T>(key: string, question: () => Promise<T>): Promise<T> => {
    const before = asked.get(key);
    // The key starts with the method, so the stored promise is of this method's type.
    if (before !== undefined) return before as Promise<T>;
    const answer = question();
    asked.set(key, answer);
    return answer;
  };
}

/** A mirror is not left alone with the registry that it stands for. */
function copiesOf({ copies }: Registry, share: Share, limit: Limiter): Copies {
  const once = <T>(
    method: string,
    image: ImageReference,
    reference: string,
    question: () => Promise<T | null>,
  ): Promise<T | null> =>
    copies.exist(image.registry)
      ? share(`copy ${method} ${repositoryKey(image)} ${reference}`, () => limit(question))
      : Promise.resolve(null);
  return {
    exist: (host) => copies.exist(host),
    head: (image, reference) => once("head", image, reference, () => copies.head(image, reference)),
    manifest: (image, digest) => once("manifest", image, digest, () => copies.manifest(image, digest)),
    config: (image, digest) => once("config", image, digest, () => copies.config(image, digest)),
  };
}

/** The Registry port with a memory of one round; a blocked host throws the error that blocked it. */
export function createRound(deps: {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly hosts: Backoff;
  readonly limit: Limiter;
}): Round {
  const { registry, clock, hosts, limit } = deps;
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

  const share = createShare();
  const copies = copiesOf(registry, share, limit);
  const once = <T>(
    method: string,
    image: ImageReference,
    reference: string,
    question: () => Promise<T>,
  ): Promise<T> =>
    share(`${method} ${repositoryKey(image)} ${reference}`, () => limit(() => ask(image.registry, question)));

  return {
    copies,
    limits: () => registry.limits(),

    head: (image, reference) => once("head", image, reference, () => registry.head(image, reference)),
    async manifest(image, reference) {
      const copy = isDigest(reference) ? await copies.manifest(image, reference) : null;
      return copy ?? (await once("manifest", image, reference, () => registry.manifest(image, reference)));
    },
    async config(image, digest) {
      const copy = await copies.config(image, digest);
      return copy ?? (await once("config", image, digest, () => registry.config(image, digest)));
    },

    // Only now: a HEAD that is answered before each GET that fails would keep the pauses from growing.
    close() {
      for (const host of answered) if (!failed.has(host)) hosts.succeeded(host);
    },
  };
}
