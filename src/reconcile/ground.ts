// The engine and the board under everything: asked once, and again whenever the engine was lost.
import type { BoardPlatform, EngineFacts } from "../core/model/index.ts";
import { type Span, wentDown } from "../core/plan/index.ts";
import { detectPlatform } from "../core/platform/index.ts";
import type { Clock, Engine, Host, Log } from "../ports/index.ts";
import { waitForEngine } from "./engine-wait.ts";

/** The engine and the board as they were last asked. */
export interface Ground {
  readonly facts: EngineFacts;
  readonly board: BoardPlatform;
}

export interface GroundOptions {
  readonly engine: Engine;
  /** The container that the agent runs in; null outside of one. Throws as the engine does. */
  readonly self: () => Promise<{ readonly id: string } | null>;
  readonly host: Host;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** `auto` or a platform. */
  readonly platform: string;
}

export interface GroundSource {
  /** Waits until the engine answers, as long as it takes. */
  get(): Promise<Ground>;
  /** What was known before the engine was lost (or nothing), for a page that must not wait. */
  last(): Ground | null;
  /** Why nothing can be asked of the engine at present; null where it answered the last time. */
  trouble(): string | null;
  /** The engine did not answer: ask again before the next use. */
  lost(): void;
  /**
   * When the engine was last away: at first what it shows of the time before this process. Two spans where the clock was
   * set meanwhile, one on each side of the jump.
   */
  away(): readonly Span[];
}

/** Facts are asked again after this time: an engine may be upgraded under a running agent. */
const FRESH_MS = 60_000;

export function createGround(options: GroundOptions): GroundSource {
  const { engine, self, host, clock, log, signal } = options;
  let last: Ground | null = null;
  let trouble: string | null = "the engine has not answered yet";
  let freshUntil = 0;
  let asking: Promise<Ground> | null = null;
  let lost: { readonly at: number; readonly steady: number } | null = null;
  let away: readonly Span[] = [];

  const before = async (): Promise<readonly Span[]> => {
    const own = await self();
    return wentDown(await engine.startedAt(), own === null ? null : await engine.inspectContainer(own.id));
  };

  const ask = async (): Promise<Ground> => {
    const facts: EngineFacts = await waitForEngine(engine, {
      clock,
      log,
      signal,
      failed: ({ message }) => {
        trouble = message;
      },
    });
    const [cpuModel, emulators] = await Promise.all([host.cpuModel(), host.emulators()]);
    const board: BoardPlatform = detectPlatform({ facts, cpuModel, emulators, configured: options.platform });
    if (last === null) {
      away = await before();
      log.info({ engine: facts.version, api: facts.apiVersion }, board.because);
    }
    last = { facts, board };
    trouble = null;
    if (lost !== null) away = spans(lost.at, clock.now(), clock.monotonic() - lost.steady);
    lost = null;
    freshUntil = clock.monotonic() + FRESH_MS;
    return last;
  };

  return {
    async get() {
      if (last !== null && clock.monotonic() < freshUntil) return last;
      asking ??= ask().finally(() => {
        asking = null;
      });
      return asking;
    },
    last: () => last,
    trouble: () => trouble,
    lost: () => {
      freshUntil = 0;
      lost ??= { at: clock.now(), steady: clock.monotonic() };
    },
    away: () => away,
  };
}

/** In the background, where nobody waits and maybe no project would ask: `trouble` tells what came of it. */
export function askEngine(ground: Pick<GroundSource, "get">): void {
  void ground.get().catch(() => undefined);
}

/** A clock that is this far off what has passed was set. */
const SET_MS = 2000;

/** From the first time shown to the last would be years where the network set the clock: whatever a person stopped in them. */
function spans(from: number, until: number, lasted: number): readonly Span[] {
  if (Math.abs(until - from - lasted) < SET_MS) return [{ from, until }];
  return [
    { from, until: from + lasted },
    { from: until - lasted, until },
  ];
}
