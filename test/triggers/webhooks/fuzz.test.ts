// Deliveries that were made worse at random, over all providers: each must be answered soon, and nothing may be thrown.
// `make fuzz` runs many, `WEBHOOK_FUZZ_RUNS=` says how many, `SEED=` which; `SEED=1 ONLY=42` runs the 42nd alone.
import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { expect, test } from "vitest";
import { Secret } from "../../../src/core/model/index.ts";
import { jsonTextOf, parsed } from "../../../src/http/hook-payload.ts";
import { isProven } from "../../../src/http/hook-proof.ts";
import { pick, randomFrom } from "../../core/compose/mutate.ts";
import { garble, misshape } from "./misshape.ts";
import { DELIVERIES, Door } from "./support.ts";

interface Sent {
  readonly provider: string;
  readonly body: Buffer;
  readonly headers: IncomingHttpHeaders;
  /** Whether its signature was made with the secret, over these bytes. */
  readonly signed: boolean;
}

const runs = Number(process.env.WEBHOOK_FUZZ_RUNS || 4_000);
const seed = Number(process.env.SEED || 1);
const only = process.env.ONLY === undefined ? null : Number(process.env.ONLY);
const LIMIT_MS = 1_000;
const MAX_FAILURES = 10;
const SECRET = new Secret("what-the-sender-was-given");
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "application/cloudevents+json",
  "application/vnd.docker.distribution.events.v1+json",
  "application/x-www-form-urlencoded",
  "application/json; charset=utf-16",
  "text/plain",
  "",
];

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
  const sent = grow(index);
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

/** Depends on seed and index alone, so that one can be run again without the others. */
function grow(index: number): Sent {
  const random = randomFrom(seed * 1_000_003 + index);
  const from = pick(DELIVERIES, random);
  const other = pick(DELIVERIES, random);
  const shaped = random() < 0.7 ? misshape(from.payload, random, other.payload) : from.payload;
  const plain = JSON.stringify(shaped) ?? "";
  const json = random() < 0.4 ? garble(plain, random, JSON.stringify(other.payload)) : plain;
  const type = random() < 0.6 ? "application/json" : pick(TYPES, random);
  const text = type.includes("form") ? `x=1&payload=${formOf(json, random)}` : json;
  const body = bytesOf(text, random);
  const signed = random() < 0.5;
  const mac = createHmac("sha256", signed ? SECRET.reveal() : "guessed")
    .update(body)
    .digest("hex");
  return {
    // Some are sent to another provider's address.
    provider: random() < 0.9 ? from.provider : other.provider,
    body,
    headers: {
      ...(random() < 0.9 ? from.headers : other.headers),
      "content-type": type,
      "x-hub-signature-256": random() < 0.5 ? mac : `sha256=${mac}`,
    },
    signed,
  };
}

function formOf(json: string, random: () => number): string {
  const encoded = encodeURIComponent(Buffer.from(json, "utf8").toString()).replaceAll("%20", "+");
  return random() < 0.5 ? encoded : garble(encoded, random, "%zz%c3%28&payload=%");
}

function bytesOf(text: string, random: () => number): Buffer {
  const body = Buffer.from(text, "utf8");
  if (random() < 0.1 && body.length > 0)
    body[Math.floor(random() * body.length)] = Math.floor(random() * 256);
  return body;
}
