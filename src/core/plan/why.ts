// The words in which a verdict gives its reasons.
import { type ObservedContainer, shortDigest } from "../model/index.ts";
import type { ServiceChoice } from "./choice.ts";
import type { Mismatch } from "./match.ts";

export function quarantineMessage(
  entry: { readonly culprit: { readonly service: string }; readonly reason: string },
  service: string,
): string {
  return entry.culprit.service === service
    ? `failed here before: ${entry.reason}`
    : `moved together with ${entry.culprit.service}, which failed: ${entry.reason}`;
}

export function causeOf(
  found: readonly Mismatch[],
  current: ObservedContainer,
  choice: ServiceChoice,
): string {
  if (found.includes("definition")) return "definition changed";
  if (found.includes("image")) {
    const from = current.platformDigest ?? current.imageId;
    return `image moved from ${shortDigest(from)} to ${shortDigest(choice.digest ?? "?")}`;
  }
  return "shares a namespace with a service that is replaced";
}
