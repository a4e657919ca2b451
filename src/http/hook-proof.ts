// Whether a delivery shows the secret that its sender was given: by a signature over the body, or by the secret itself.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Secret } from "../core/model/index.ts";
import type { WebhookProof, WebhookSender } from "../ports/index.ts";
import { sameText } from "./access.ts";

/**
 * True when no secret is configured, or when one of the sender's headers proves it. `signed` are the bytes that a signature
 * may cover: GitHub signs the body as it sends it, Gitea the JSON even where that is a field of a form.
 */
export function isProven(
  sender: WebhookSender,
  headers: IncomingHttpHeaders,
  signed: readonly Buffer[],
): boolean {
  const { secret, proofs } = sender;
  return secret === null || proofs.some((proof) => proves(proof, secret, headers, signed));
}

function proves(
  { kind, header }: WebhookProof,
  secret: Secret,
  headers: IncomingHttpHeaders,
  signed: readonly Buffer[],
): boolean {
  const sent = headers[header];
  if (typeof sent !== "string") return false;
  if (kind === "header") return isSecret(sent, secret);
  const signature = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(sent.trim())?.[1];
  if (signature === undefined) return false;
  const given = Buffer.from(signature, "hex");
  return signed.some((bytes) =>
    timingSafeEqual(createHmac("sha256", secret.reveal()).update(bytes).digest(), given),
  );
}

function isSecret(sent: string, secret: Secret): boolean {
  const bare = sent.trim().replace(/^bearer +/i, "");
  // Harbor sends what its form holds, which may well begin with a scheme.
  return [sent.trim(), bare].map((text) => sameText(text, secret.reveal())).includes(true);
}
