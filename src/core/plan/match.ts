// Whether a container is what the desired service asks for: definition, image, and whose namespaces it joins.
import { composeHashes } from "../compose/hash/index.ts";
import { withShares } from "../container/index.ts";
import { runsImage } from "../image/index.ts";
import type { DesiredService, ImageDecision, ObservedContainer } from "../model/index.ts";

export type Mismatch = "definition" | "image" | "shares";

/**
 * Everything in which the container differs. The definition counts as equal by our own hash, or on a container that
 * docker compose made, by compose's hash in any dialect. An image nobody could resolve is never a difference.
 */
export function mismatches(
  container: ObservedContainer,
  service: DesiredService,
  decision: ImageDecision,
  providers: ReadonlyMap<string, string | null>,
): readonly Mismatch[] {
  const found: Mismatch[] = [];
  if (!sameDefinition(container, service, providers)) found.push("definition");
  if (!sameImage(container, decision)) found.push("image");
  if (!sameShares(container, service, providers)) found.push("shares");
  return found;
}

function sameDefinition(
  container: ObservedContainer,
  service: DesiredService,
  providers: ReadonlyMap<string, string | null>,
): boolean {
  if (container.definitionHash !== null) return container.definitionHash === service.definitionHash;
  if (container.composeHash === null) return false;
  return composeHashesOf(service, providers).includes(container.composeHash);
}

/** Compose hashes a service that joins others with their container ids in it. */
function composeHashesOf(
  service: DesiredService,
  providers: ReadonlyMap<string, string | null>,
): readonly string[] {
  if (service.sharesWith.length === 0) return service.composeHashes;
  const ids: Record<string, string> = {};
  for (const name of service.sharesWith) {
    const id = providers.get(name) ?? null;
    // About to be replaced: the service follows it whatever its hash says.
    if (id === null) return service.composeHashes;
    ids[name] = id;
  }
  return composeHashes(withShares(service.spec, ids));
}

function sameImage(container: ObservedContainer, decision: ImageDecision): boolean {
  switch (decision.kind) {
    case "pinned":
      return runsImage(container, decision.image);
    case "local":
      return container.imageId === decision.image.imageId;
    case "held":
      return true;
  }
}

/** `providers`: service → id of the container that will stay, or null when that one is about to be replaced. */
function sameShares(
  container: ObservedContainer,
  service: DesiredService,
  providers: ReadonlyMap<string, string | null>,
): boolean {
  return service.sharesWith.every((name) => {
    const id = providers.get(name) ?? null;
    return id !== null && container.sharedWith.includes(id);
  });
}
