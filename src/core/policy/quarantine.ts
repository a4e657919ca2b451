// Which revisions of a service failed here and are not tried again: by platform digest, or by definition where that
// was what had changed. Services that moved together wait together until the culprit's tag moves.
import type { DesiredService, Digest, ImageDecision, QuarantineEntry } from "../model/index.ts";

/** What one service moved to when its rollout failed. */
export interface MovedService {
  readonly service: string;
  /** Null when the image was the same as before. */
  readonly platformDigest: Digest | null;
  /** Null when only the image had changed. */
  readonly definitionHash: string | null;
}

/** The entry that holds this service now, or null. */
export function quarantineFor(
  service: DesiredService,
  decision: ImageDecision,
  entries: readonly QuarantineEntry[],
  offers: ReadonlyMap<string, { readonly service: DesiredService; readonly decision: ImageDecision }>,
): QuarantineEntry | null {
  return (
    entries.find((entry) => {
      if (entry.service !== service.name || !offersStill(entry, service, decision)) return false;
      if (entry.culprit.service === service.name) return true;
      const culprit = offers.get(entry.culprit.service);
      return culprit !== undefined && offersStill(entry.culprit, culprit.service, culprit.decision);
    }) ?? null
  );
}

/** Whether the tag and the file still offer what failed; a registry that cannot be asked changes nothing. */
function offersStill(
  failed: { readonly platformDigest: Digest | null; readonly definitionHash: string | null },
  service: DesiredService,
  decision: ImageDecision,
): boolean {
  if (failed.platformDigest !== null) {
    return decision.kind !== "pinned" || decision.image.platformDigest === failed.platformDigest;
  }
  return failed.definitionHash !== null && failed.definitionHash === service.definitionHash;
}

/** The entries a failed rollout leaves behind: one for each service that moved. */
export function quarantineEntries(
  moved: readonly MovedService[],
  culpritName: string | null,
  reason: string,
  now: number,
): readonly QuarantineEntry[] {
  const changed = moved.filter((m) => m.platformDigest !== null || m.definitionHash !== null);
  const culprit = changed.find((m) => m.service === culpritName);
  return changed.map((m) => ({
    service: m.service,
    platformDigest: m.platformDigest,
    definitionHash: m.definitionHash,
    culprit: culprit ?? m,
    reason,
    since: now,
  }));
}
