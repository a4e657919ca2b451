// Whether a container is what the desired service asks for: definition, image, and whose namespaces it joins.
import { composeHashes } from "../compose/hash/index.ts";
import { withShares } from "../container/index.ts";
import { runsImage } from "../image/index.ts";
import type { DesiredService, ImageDecision, ObservedContainer } from "../model/index.ts";
import type { PlanInput } from "./input.ts";
import { differingFields, mayBeCompared } from "./unknown.ts";

export type Mismatch = "definition" | "image" | "shares";

export interface Mismatches {
  readonly kinds: readonly Mismatch[];
  /** Keys of the compose file, where the definition was compared field by field. */
  readonly fields: readonly string[];
}

type Shares = Readonly<Record<string, string>>;

/**
 * Everything in which the container differs. The definition counts as equal by our own hash, or on a container that
 * docker compose made, by compose's hash in any dialect, or field by field where that hash says nothing. An image nobody
 * could resolve is never a difference. `providers`: service → id of the container that will stay, or null when that one
 * is about to be replaced.
 */
export function mismatches(
  container: ObservedContainer,
  service: DesiredService,
  decision: ImageDecision,
  providers: ReadonlyMap<string, string | null>,
  input: Pick<PlanInput, "desired" | "details" | "policy">,
): Mismatches {
  const kinds: Mismatch[] = [];
  const shares = sharesOf(service, providers);
  const known = sameHash(container, service, shares);
  const isCompared = !known && mayBeCompared(container);
  const fields = isCompared ? differingFields(container, service, shares, input) : [];
  if (!known && (!isCompared || fields.length > 0)) kinds.push("definition");
  if (!sameImage(container, decision)) kinds.push("image");
  if (!sameShares(container, service, providers)) kinds.push("shares");
  return { kinds, fields };
}

function sameHash(container: ObservedContainer, service: DesiredService, shares: Shares | null): boolean {
  if (container.definitionHash !== null) return container.definitionHash === service.definitionHash;
  return container.composeHash !== null && hashesOf(service, shares).includes(container.composeHash);
}

/** Compose hashes a service that joins others with their container ids in it; whoever loses one follows it anyway. */
function hashesOf(service: DesiredService, shares: Shares | null): readonly string[] {
  if (service.sharesWith.length === 0 || shares === null) return service.composeHashes;
  return composeHashes(withShares(service.spec, shares));
}

/** The container of each service that it joins; null while one of them is about to be replaced. */
function sharesOf(service: DesiredService, providers: ReadonlyMap<string, string | null>): Shares | null {
  const ids: Record<string, string> = {};
  for (const name of service.sharesWith) {
    const id = providers.get(name) ?? null;
    if (id === null) return null;
    ids[name] = id;
  }
  return ids;
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
