// Trying again what may be better in a moment, a few times, with growing pauses; what is refused is never tried again.
import { BoardhandError } from "../core/model/index.ts";
import type { PipelineDeps } from "./deps.ts";

const TRIES = 3;
const FIRST_PAUSE_MS = 1_000;
const PAUSE_FACTOR = 4;
const PAUSE_MAX_MS = 60_000;

type RetryDeps = Pick<PipelineDeps, "clock" | "signal">;

/**
 * The last result of at most three. `again` says of a result that it is worth another try: true, or the ms that somebody asked
 * to be left alone (a minute of them at most); false keeps it. An interruption keeps the result there is.
 */
export async function retrying<T>(
  { clock, signal }: RetryDeps,
  attempt: () => Promise<T>,
  again: (result: T) => boolean | number,
): Promise<T> {
  let pause = FIRST_PAUSE_MS;
  for (let left = TRIES - 1; ; left--) {
    const result = await attempt();
    const wanted = again(result);
    if (wanted === false || left === 0 || signal.aborted) return result;
    const jittered = pause * (0.75 + clock.random() / 2);
    const wait = Math.min(Math.max(jittered, wanted === true ? 0 : wanted), PAUSE_MAX_MS);
    try {
      await clock.sleep(wait, signal);
    } catch (error) {
      if (signal.aborted) return result;
      throw error;
    }
    pause *= PAUSE_FACTOR;
  }
}

export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: BoardhandError };

async function settle<T>(question: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { ok: true, value: await question() };
  } catch (error) {
    if (error instanceof BoardhandError) return { ok: false, error };
    throw error;
  }
}

function worthAnother(error: BoardhandError): boolean | number {
  if (error.code !== "E_REGISTRY_UNAVAILABLE" && error.code !== "E_REGISTRY_RATE_LIMITED") return false;
  const { retryAfterMs } = error.data;
  return typeof retryAfterMs === "number" ? retryAfterMs : true;
}

/** A question to a registry, asked again while it does not answer or wants fewer questions. */
export async function askRegistry<T>(deps: RetryDeps, question: () => Promise<T>): Promise<Asked<T>> {
  return await retrying(
    deps,
    () => settle(question),
    (asked) => (asked.ok ? false : worthAnother(asked.error)),
  );
}
