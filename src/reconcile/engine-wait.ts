// Waits for the engine to answer: at start-up, and whenever it was lost. Ends early only where waiting cannot help.
import { asBoardhandError, type BoardhandError, type EngineFacts } from "../core/model/index.ts";
import type { Clock, Engine, Log } from "../ports/index.ts";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/**
 * Resolves with the engine's facts as soon as it answers; between tries it waits 0.5 s, doubling up to 30 s.
 * Each try that fails is told to `failed`. Throws what a retry cannot cure (`retry: "never"`, such as E_ENGINE_VERSION), or
 * the signal's reason.
 */
export async function waitForEngine(
  engine: Pick<Engine, "facts">,
  options: {
    readonly clock: Clock;
    readonly log: Log;
    readonly signal: AbortSignal;
    readonly failed?: (failure: BoardhandError) => void;
  },
): Promise<EngineFacts> {
  const { clock, log, signal, failed } = options;
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
    signal.throwIfAborted();
    try {
      return await engine.facts();
    } catch (error) {
      const failure = asBoardhandError(error, "E_ENGINE_UNAVAILABLE", { retry: "backoff" });
      failed?.(failure);
      if (failure.retry === "never") throw failure;
      log.warn({ code: failure.code, delayMs: delay, hint: failure.hint }, failure.message);
    }
    await clock.sleep(delay, signal);
  }
}
