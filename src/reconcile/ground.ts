// The engine and the board under everything: asked once, and again whenever the engine was lost.
import type { BoardPlatform, EngineFacts } from "../core/model/index.ts";
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
  /** The engine did not answer: ask again before the next use. */
  lost(): void;
  /** When the engine was last away, ms since the epoch; null when it never was. */
  away(): { readonly from: number; readonly until: number } | null;
}

/** Facts are asked again after this time: an engine may be upgraded under a running agent. */
const FRESH_MS = 60_000;

export function createGround(options: GroundOptions): GroundSource {
  const { engine, host, clock, log, signal } = options;
  let last: Ground | null = null;
  let freshUntil = 0;
  let asking: Promise<Ground> | null = null;
  let lostAt: number | null = null;
  let away: { readonly from: number; readonly until: number } | null = null;

  const ask = async (): Promise<Ground> => {
    const facts: EngineFacts = await waitForEngine(engine, { clock, log, signal });
    const [cpuModel, emulators] = await Promise.all([host.cpuModel(), host.emulators()]);
    const board: BoardPlatform = detectPlatform({ facts, cpuModel, emulators, configured: options.platform });
    if (last === null) log.info({ engine: facts.version, api: facts.apiVersion }, board.because);
    last = { facts, board };
    if (lostAt !== null) away = { from: lostAt, until: clock.now() };
    lostAt = null;
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
    lost: () => {
      freshUntil = 0;
      lostAt ??= clock.now();
    },
    away: () => away,
  };
}
