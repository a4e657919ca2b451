// The words in which a verdict gives its reasons.
import { type ObservedContainer, shortDigest } from "../model/index.ts";
import type { ServiceChoice } from "./choice.ts";
import type { Mismatches } from "./match.ts";

export function quarantineMessage(
  entry: { readonly culprit: { readonly service: string }; readonly reason: string },
  service: string,
): string {
  return entry.culprit.service === service
    ? `failed here before: ${entry.reason}`
    : `moved together with ${entry.culprit.service}, which failed: ${entry.reason}`;
}

export function causeOf(
  { kinds, fields }: Mismatches,
  current: ObservedContainer,
  choice: ServiceChoice,
): string {
  if (kinds.includes("definition")) {
    return fields.length === 0 ? "definition changed" : `definition changed: ${fields.join(", ")}`;
  }
  if (kinds.includes("image")) {
    const from = current.platformDigest ?? current.imageId;
    return `image moved from ${shortDigest(from)} to ${shortDigest(choice.digest ?? "?")}`;
  }
  return "shares a namespace with a service that is replaced";
}
