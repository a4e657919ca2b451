// What one sender of webhooks is: how it can prove itself, and how its payload says what was pushed. Nothing else.
import type { WebhookHeaders, WebhookSender } from "../../ports/index.ts";

/** What a payload says was pushed, unchecked. */
export interface Push {
  /** `host[:port]`, or null when the payload does not say. */
  readonly registry: string | null;
  readonly repository: string;
  readonly tag: string;
  /** The sender's name for this event, the same when it is sent again; empty when it has none. */
  readonly id: string;
}

/** One file a provider; what it can show besides the token, and whether it may be refused, is what it sends. */
export interface Provider extends Pick<WebhookSender, "proofs" | "neverRefuse"> {
  /** As in `/hooks/NAME/TOKEN`. */
  readonly name: string;
  /** The pushes in a payload; empty for everything else that it may tell. Never throws. */
  read(payload: unknown, headers: WebhookHeaders): readonly Push[];
}

/** The header as one text; empty when it was not sent. `name` is lower-case. */
export function headerOf(headers: WebhookHeaders, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : (value?.[0] ?? "");
}
