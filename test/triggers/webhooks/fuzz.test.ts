// Deliveries that were made worse at random, over all providers: each must be answered soon, and nothing may be thrown.
// `make fuzz` runs many, `FUZZ_RUNS=` says how many, `SEED=` which; `SEED=1 ONLY=42` runs the 42nd alone.
import { expect, test } from "vitest";
import { jsonTextOf, parsed } from "../../../src/http/hook-payload.ts";
import { isProven } from "../../../src/http/hook-proof.ts";
import { grow, SECRET, type Sent } from "./mutated.ts";
import { Door } from "./support.ts";

const runs = Number(process.env.FUZZ_RUNS || 4_000);
const seed = Number(process.env.SEED || 1);
const only = process.env.ONLY === undefined ? null : Number(process.env.ONLY);
const LIMIT_MS = 1_000;
const MAX_FAILURES = 10;
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

test(`${runs} mutated deliveries (SEED=${seed}) must be taken or refused, each within a second`, {
  timeout: 3_600_000,
}, () => {
  const failures: string[] = [];
  const counts = { hints: 0, refused: 0 };
  const indexes = only === null ? Array.from({ length: runs }, (_, index) => index) : [only];
  for (const index of indexes) {
    const failure = attempt(index, counts);
    if (failure !== null) failures.push(`SEED=${seed} ONLY=${index}: ${failure}`);
    if (failures.length >= MAX_FAILURES) break;
  }
  if (runs > 10_000) console.info(`${runs} deliveries: ${counts.hints} hints, ${counts.refused} refused`);
  expect(failures).toEqual([]);
  if (only !== null) return;
  // Otherwise nothing was tried but one side.
  expect(counts.hints).toBeGreaterThan(runs / 20);
  expect(counts.refused).toBeGreaterThan(runs / 20);
});

/** What is wrong with the answer; null when nothing is. */
function attempt(index: number, counts: { hints: number; refused: number }): string | null {
  const sent = grow(seed, index);
  const started = performance.now();
  const failure = run(sent, counts);
  if (failure !== null) return failure;
  if (performance.now() - started <= LIMIT_MS) return null;
  // Once may be the machine's doing.
  const again = performance.now();
  run(sent, { ...counts });
  const ms = performance.now() - again;
  return ms > LIMIT_MS ? `${sent.provider} took ${Math.round(ms)} ms` : null;
}

function run(sent: Sent, counts: { hints: number; refused: number }): string | null {
  try {
    const { provider, body, headers, signed } = sent;
    const door = new Door({ secrets: new Map([[provider, SECRET]]) });
    const sender = door.webhooks.senders.get(provider);
    const text = jsonTextOf(body, headers);
    const read = Buffer.isBuffer(text) ? parsed(text) : undefined;
    if (sender === undefined || !Buffer.isBuffer(text) || read === undefined) {
      counts.refused += 1;
      return null;
    }
    const signs = sender.proofs.some(({ kind, header }) => kind === "signature" && header in headers);
    if (isProven(sender, headers, [body, text]) !== (signed && signs))
      return `${provider}: the proof is wrong`;
    const { outcome, afterAnswer } = door.take(provider, read.payload, headers);
    afterAnswer();
    counts.hints += door.offered.length;
    if (outcome.taken !== door.offered.length || outcome.taken > 1_000) return `counted ${outcome.taken}`;
    const bad = door.offered.find(
      ({ repository, tag }) => !REPOSITORY.test(repository) || !/^\w[\w.-]{0,127}$/.test(tag),
    );
    return bad === undefined ? null : `${provider} offers ${JSON.stringify(bad)}`;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
