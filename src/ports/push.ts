// Webhooks: where hints about pushes go, and the door that the HTTP side brings deliveries to.
import type { PushHint, Secret } from "../core/model/index.ts";

/** Takes hints; synchronous and bounded, so that a webhook is answered before any work is done. */
export interface PushSink {
  /** `taken`: a look will follow or one is waiting already; `unknown`: no project uses it; `full`: dropped. */
  offer(hint: PushHint): "taken" | "unknown" | "full";
}

/** Tells a sender that its push was heard; never waits, never throws. */
export interface PushCallback {
  confirm(url: string): void;
}

/** How a sender can show a secret besides the token in the path. */
export type WebhookProof =
  /** HMAC-SHA256 of the raw body as hex, with or without `sha256=`. */
  | { readonly kind: "signature"; readonly header: string }
  /** The secret itself, as it is or after `Bearer `. */
  | { readonly kind: "header"; readonly header: string };

export interface WebhookSender {
  /** What it can send; one of them is enough. Empty when it can send none. */
  readonly proofs: readonly WebhookProof[];
  /** Required on top of the token; null when none is configured. */
  readonly secret: Secret | null;
  /** It sends a refused delivery again for ever and nothing after it: what is not understood is accepted and ignored. */
  readonly neverRefuse: boolean;
}

/** The names of headers are lower-case; of a repeated one, Node's joined form. */
export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What became of one delivery, which may tell of several pushes. */
export interface WebhookOutcome {
  readonly taken: number;
  readonly unknown: number;
  readonly ignored: number;
  readonly duplicates: number;
  readonly full: number;
}

/** What stands behind `POST /hooks/:provider/:token`; the HTTP side checks who may come in. */
export interface WebhookDoor {
  readonly token: Secret;
  readonly senders: ReadonlyMap<string, WebhookSender>;
  /** One checked delivery with its parsed body; never throws. `afterAnswer` is to be called when it was answered. */
  take(
    provider: string,
    payload: unknown,
    headers: WebhookHeaders,
  ): { readonly outcome: WebhookOutcome; readonly afterAnswer: () => void };
  /** Counts a request that did not come in, or a body that could not be read. */
  count(what: "refused" | "ignored"): void;
}
