// Loaded by the agents of the fault matrix before they begin: their clock runs like the real one, and with SIGUSR2 leaps to
// the end of the next wait, so that a timeout of minutes is met as it is. Each leap is a line of /run/engine/leaps.
import { appendFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";

const realSleep = timers.setTimeout;
const realNow = performance.now.bind(performance);
/** @type {Set<{ due: number, end: () => void }>} */
const waits = new Set();
let ahead = 0;

performance.now = () => realNow() + ahead;

/**
 * @param {number} ms
 * @param {unknown} value
 * @param {{ signal?: AbortSignal }} options
 */
async function sleep(ms, value, options = {}) {
  const early = new AbortController();
  const wait = { due: performance.now() + ms, end: () => early.abort() };
  const { signal } = options;
  waits.add(wait);
  try {
    const either = signal === undefined ? early.signal : AbortSignal.any([signal, early.signal]);
    return await realSleep(ms, value, { ...options, signal: either });
  } catch (error) {
    if (signal?.aborted || !early.signal.aborted) throw error;
    return value;
  } finally {
    waits.delete(wait);
  }
}

timers.setTimeout = /** @type {typeof timers.setTimeout} */ (sleep);
syncBuiltinESMExports();

process.on("SIGUSR2", () => {
  const due = Math.min(...[...waits].map((wait) => wait.due));
  if (due === Number.POSITIVE_INFINITY) return;
  const ms = Math.max(0, due - performance.now());
  ahead += ms;
  appendFileSync("/run/engine/leaps", `${JSON.stringify({ at: Date.now(), ms })}\n`);
  for (const wait of [...waits]) if (wait.due <= due) wait.end();
});
