// Recorded deliveries that were made worse, as they would be sent: body, headers, and a signature of ours or of a stranger.
import { createHmac } from "node:crypto";
import { Secret } from "../../../src/core/model/index.ts";
import { pick, randomFrom } from "../../core/compose/mutate.ts";
import { garble, misshape } from "./misshape.ts";
import { DELIVERIES } from "./support.ts";

export interface Sent {
  readonly provider: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether its signature was made with the secret, over these bytes. */
  readonly signed: boolean;
}

export const SECRET = new Secret("what-the-sender-was-given");
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

/** Depends on seed and index alone, so that one can be run again without the others. */
export function grow(seed: number, index: number): Sent {
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
