// Turns the references of a round into pinned images or holds: one question for each distinct image, a wait after each failure.
import { parsePlatform, parseReference, platformVector, rankPlatform } from "../../core/image/index.ts";
import {
  BoardhandError,
  type BoardPlatform,
  formatPlatform,
  type PinnedImage,
  type Platform,
} from "../../core/model/index.ts";
import type { Clock, Journal, Log, Registry } from "../../ports/index.ts";
import { type Backoff, createBackoff } from "./backoff.ts";
import { type CachedAnswer, emptyCache, type ResolverCache, readCache, serializeCache } from "./cache.ts";
import { createLimiter } from "./limiter.ts";
import { cachedAnswer, look, type Target } from "./look.ts";
import { held, type Resolution, type ResolveRequest, reasonFor, requestKey } from "./resolution.ts";
import { createRound, isHostFailure } from "./round.ts";

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
  /** Ask the registries; without it cached answers count, and only what was never answered is asked for. */
  readonly refresh: boolean;
  /** A person or a push asked: an image's own wait is passed over, a registry's (limits, outage) is not. */
  readonly force?: boolean;
}

export interface Resolver {
  /** By `requestKey`. Failures are holds; it throws on bugs only. */
  resolve(
    requests: readonly ResolveRequest[],
    board: BoardPlatform,
    options: ResolveOptions,
  ): Promise<ReadonlyMap<string, Resolution>>;
}

const EMULATORS: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64", "386": "i386" };

/** The match vector for a request, or the hold of a platform that this board cannot run. */
function vectorFor(request: ResolveRequest, board: BoardPlatform): readonly Platform[] | Resolution {
  const { platform } = request;
  if (platform === null) return board.accepts;
  const runs = (other: Platform) => rankPlatform(platform, platformVector(other)) !== -1;
  if (rankPlatform(platform, board.accepts) !== -1) return platformVector(platform);
  if (board.emulates.some(runs)) return platformVector(platform);
  const emulator = `qemu-${EMULATORS[platform.architecture] ?? platform.architecture}`;
  return held(
    "ArchitectureMismatch",
    `${formatPlatform(platform)} does not run here: the board is ${formatPlatform(board.platform)} and its kernel has ` +
      `no emulator for it (${emulator} is not registered with binfmt_misc)`,
  );
}

function targetFor(request: ResolveRequest, board: BoardPlatform): Target | Resolution {
  try {
    // The engine and compose files spell platforms differently; matching needs one spelling.
    const platform = request.platform === null ? null : parsePlatform(formatPlatform(request.platform));
    const vector = vectorFor({ ...request, platform }, board);
    if ("kind" in vector) return vector;
    const reference = parseReference(request.reference);
    return { key: requestKey(request.reference, request.platform), reference, vector };
  } catch (error) {
    if (!(error instanceof BoardhandError)) throw error;
    return held("ComposeInvalid", error.message);
  }
}

function resolutionOf(answer: CachedAnswer): Resolution {
  if (answer.current && answer.image !== null) return { kind: "pinned", image: answer.image };
  const { reason, message } = answer.problem ?? {
    reason: "ImageNotFound",
    message: "nothing is known of it",
  };
  return held(reason, message, { last: answer.image });
}

export function createResolver(deps: ResolverDeps): Resolver {
  const { registry, clock, journal, log } = deps;
  const hosts = createBackoff(clock);
  const images = createBackoff(clock);
  const limit = createLimiter(deps.parallelism);
  const state: { loading: Promise<ResolverCache> | null; saved: string } = { loading: null, saved: "" };

  async function load(): Promise<ResolverCache> {
    try {
      const cache = readCache(await journal.readCache(CACHE_NAME));
      state.saved = JSON.stringify(serializeCache(cache, clock.now()));
      return cache;
    } catch (error) {
      log.warn(
        { error: String(error) },
        "the cached registry answers cannot be read; everything is asked anew",
      );
      return emptyCache();
    }
  }

  async function save(cache: ResolverCache): Promise<void> {
    const value = serializeCache(cache, clock.now());
    const text = JSON.stringify(value);
    if (text === state.saved) return;
    try {
      await journal.writeCache(CACHE_NAME, value);
      state.saved = text;
    } catch (error) {
      log.warn(
        { error: String(error) },
        "the registry answers cannot be kept; they are asked for again after a restart",
      );
    }
  }

  function holdFor(
    target: Target,
    error: BoardhandError,
    block: { backoff: Backoff; key: string },
    last: PinnedImage | null,
  ) {
    const delay = block.backoff.blocked(block.key);
    log.debug({ image: target.reference.written, code: error.code }, error.message);
    return held(reasonFor(error), error.message, { retryAfterMs: delay?.remainingMs ?? null, last });
  }

  async function ask(
    target: Target,
    round: Registry,
    cache: ResolverCache,
    force: boolean,
  ): Promise<Resolution> {
    const last = cachedAnswer(cache, target)?.image ?? null;
    const own = { backoff: images, key: target.key };
    const block = force ? null : images.blocked(target.key);
    if (block !== null) return holdFor(target, block.error, own, last);
    const startedAt = clock.monotonic();
    try {
      const answer = await look({ registry: round, clock, cache, force }, target);
      if (cachedAnswer(cache, target) !== answer) cache.answers.set(target.key, answer);
      if (answer.current || answer.problem?.reason !== "ImageNotFound") {
        images.succeeded(target.key);
        return resolutionOf(answer);
      }
      throw new BoardhandError("E_REGISTRY_NOT_FOUND", answer.problem.message, { retry: "backoff" });
    } catch (error) {
      if (!(error instanceof BoardhandError)) throw error;
      if (isHostFailure(error)) {
        return holdFor(target, error, { backoff: hosts, key: target.reference.registry }, last);
      }
      images.failed(target.key, error, startedAt);
      return holdFor(target, error, own, last);
    }
  }

  return {
    async resolve(requests, board, options) {
      state.loading ??= load();
      const cache = await state.loading;
      const round = createRound({ registry, clock, hosts, limit });
      const distinct = new Map(
        requests.map((request) => [requestKey(request.reference, request.platform), request]),
      );
      const answered = await Promise.all(
        [...distinct].map(async ([key, request]): Promise<readonly [string, Resolution]> => {
          const target = targetFor(request, board);
          if ("kind" in target) return [key, target];
          const known = options.refresh ? null : cachedAnswer(cache, target);
          if (known !== null) return [key, resolutionOf(known)];
          return [key, await ask(target, round, cache, options.force ?? false)];
        }),
      );
      await save(cache);
      return new Map(answered);
    },
  };
}
