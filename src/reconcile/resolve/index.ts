// Turns the references of a round into pinned images or holds: one question for each distinct image, a wait after each failure.
import { parseReference } from "../../core/image/index.ts";
import { BoardhandError, type BoardPlatform, type PinnedImage } from "../../core/model/index.ts";
import type { Clock, Journal, Log, Registry } from "../../ports/index.ts";
import { type Backoff, createBackoff } from "./backoff.ts";
import { type Budget, createBudget } from "./budget.ts";
import { type CachedAnswer, emptyCache, type ResolverCache, readCache, serializeCache } from "./cache.ts";
import { createLimiter } from "./limiter.ts";
import { cachedAnswer, look, type Target } from "./look.ts";
import { held, type Resolution, type ResolveRequest, reasonFor, requestKey } from "./resolution.ts";
import { createRound, isHostFailure } from "./round.ts";
import { targetFor } from "./target.ts";

export { type Resolution, type ResolveRequest, requestKey } from "./resolution.ts";

const CACHE_NAME = "registry";

export interface ResolverDeps {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly journal: Pick<Journal, "readCache" | "writeCache">;
  /** Requests to registries at once. */
  readonly parallelism: number;
  readonly log: Log;
}

export interface ResolveOptions {
  /** Ask the registries; without it cached answers count, and only what got no answer the last time is asked for. */
  readonly refresh: boolean;
  /**
   * A person or a push asked: an image's own wait is passed over, and what is kept back of a limit is used; a
   * registry's wait (429, outage) is not passed over.
   */
  readonly force?: boolean;
}

export interface Resolver {
  /** By `requestKey`. Failures are holds; it throws on bugs only. */
  resolve(
    requests: readonly ResolveRequest[],
    board: BoardPlatform,
    options: ResolveOptions,
  ): Promise<ReadonlyMap<string, Resolution>>;
  /** The hold of an image that the board does not have, while its registry's limit is nearly used up; null: pull it. */
  pullHold(request: ResolveRequest, image: PinnedImage): Resolution | null;
}

function resolutionOf(answer: CachedAnswer): Resolution {
  if (answer.current && answer.image !== null) return { kind: "pinned", image: answer.image };
  const { reason, message } = answer.problem ?? {
    reason: "ImageNotFound",
    message: "nothing is known of it",
  };
  return held(reason, message, { last: answer.image });
}

/** The answers of before, read once, and written back only when they have changed, one round after the other. */
function createStore({ journal, clock, log }: Pick<ResolverDeps, "journal" | "clock" | "log">) {
  const state: { loading: Promise<ResolverCache> | null; saved: string } = { loading: null, saved: "" };
  let saving = Promise.resolve();

  async function read(): Promise<ResolverCache> {
    try {
      const cache = readCache(await journal.readCache(CACHE_NAME));
      state.saved = JSON.stringify(serializeCache(cache, clock.now()));
      return cache;
    } catch (error) {
      log.warn({ error: String(error) }, "the cached registry answers cannot be read; all is asked anew");
      return emptyCache();
    }
  }

  async function write(cache: ResolverCache): Promise<void> {
    try {
      const value = serializeCache(cache, clock.now());
      const text = JSON.stringify(value);
      if (text === state.saved) return;
      await journal.writeCache(CACHE_NAME, value);
      state.saved = text;
    } catch (error) {
      log.warn({ error: String(error) }, "the registry answers cannot be kept; a restart asks anew");
    }
  }

  return {
    load(): Promise<ResolverCache> {
      state.loading ??= read();
      return state.loading;
    },
    save(cache: ResolverCache): Promise<void> {
      saving = saving.then(() => write(cache));
      return saving;
    },
  };
}

/** Requests whose last question failed: an answer of before that must not pass for today's. */
type Unanswered = Set<string>;
const UNANSWERED_MAX = 1000;

interface Asking {
  readonly round: Registry;
  readonly cache: ResolverCache;
  readonly budget: Budget;
  readonly force: boolean;
}

/** Asks about one target, unless it or its registry is to be left alone, and keeps what it learnt. */
function createAsker(
  { clock, log }: Pick<ResolverDeps, "clock" | "log">,
  hosts: Backoff,
  unanswered: Unanswered,
) {
  const images = createBackoff(clock);

  function holdFor(
    target: Target,
    error: BoardhandError,
    remainingMs: number | null,
    last: PinnedImage | null,
  ) {
    log.debug({ image: target.reference.written, code: error.code }, error.message);
    return held(reasonFor(error), error.message, { retryAfterMs: remainingMs, last });
  }

  async function answer(target: Target, { round, cache, budget, force }: Asking): Promise<Resolution> {
    const found = await look({ registry: round, clock, cache, budget, force }, target);
    cache.answers.set(target.key, found);
    if (!found.current && found.problem?.reason === "ImageNotFound") {
      throw new BoardhandError("E_REGISTRY_NOT_FOUND", found.problem.message, { retry: "backoff" });
    }
    images.succeeded(target.key);
    unanswered.delete(target.key);
    return resolutionOf(found);
  }

  return async (target: Target, asking: Asking): Promise<Resolution> => {
    const last = cachedAnswer(asking.cache, target)?.image ?? null;
    const block = asking.force ? null : images.blocked(target.key);
    if (block !== null) return holdFor(target, block.error, block.remainingMs, last);
    const startedAt = clock.monotonic();
    try {
      return await answer(target, asking);
    } catch (error) {
      if (!(error instanceof BoardhandError)) throw error;
      if (unanswered.size < UNANSWERED_MAX) unanswered.add(target.key);
      const ofHost = isHostFailure(error);
      if (!ofHost) images.failed(target.key, error, startedAt);
      const delay = ofHost ? hosts.blocked(target.reference.registry) : images.blocked(target.key);
      return holdFor(target, error, delay?.remainingMs ?? null, last);
    }
  };
}

export function createResolver(deps: ResolverDeps): Resolver {
  const { registry, clock } = deps;
  const hosts = createBackoff(clock);
  const limit = createLimiter(deps.parallelism);
  const store = createStore(deps);
  const unanswered: Unanswered = new Set();
  const budget = createBudget(registry, clock);
  const ask = createAsker(deps, hosts, unanswered);

  return {
    async resolve(requests, board, options) {
      const cache = await store.load();
      const round = createRound({ registry, clock, hosts, limit });
      const asking = { round, cache, budget, force: options.force ?? false };
      const distinct = new Map(
        requests.map((request) => [requestKey(request.reference, request.platform), request]),
      );
      const answered = await Promise.all(
        [...distinct].map(async ([key, request]): Promise<readonly [string, Resolution]> => {
          const target = targetFor(request, board);
          if ("kind" in target) return [key, target];
          const asksAnew = options.refresh || unanswered.has(target.key);
          const known = asksAnew ? null : cachedAnswer(cache, target);
          return [key, known === null ? await ask(target, asking) : resolutionOf(known)];
        }),
      );
      round.close();
      await store.save(cache);
      return new Map(answered);
    },

    pullHold({ reference, platform }, image) {
      const problem = budget.pullProblem(parseReference(image.name), requestKey(reference, platform));
      if (problem === null) return null;
      const { retryAfterMs } = problem.data;
      const rest = { retryAfterMs: typeof retryAfterMs === "number" ? retryAfterMs : null, last: image };
      return held(reasonFor(problem), problem.message, rest);
    },
  };
}
