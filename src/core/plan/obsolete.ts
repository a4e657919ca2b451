// Images that only revisions nobody goes back to need: an SD card of 8 GB fills up with them. Only images that
// Boardhand itself rolled out are considered, and the engine refuses to remove one that a container uses.
import { isLocal } from "../image/index.ts";
import type { ImageSummary, PinnedImage, Plan, RevisionSnapshot } from "../model/index.ts";
import { emptyPlan, PlanBuilder } from "./builder.ts";
import { compare } from "./instances.ts";

export interface ObsoleteInput {
  readonly project: string;
  /** Every revision on disk, newest first. */
  readonly revisions: readonly RevisionSnapshot[];
  /** Ids that must stay whole: what runs, and where `rollback` goes when `keep` is not 0. */
  readonly needed: readonly string[];
  /** Earlier images kept for each service beside the running one. */
  readonly keep: number;
  readonly images: readonly ImageSummary[];
}

/** One removeImage step for each obsolete image that is here. */
export function planObsolete(input: ObsoleteInput): Plan {
  const kept = keptDigests(input);
  const obsolete = new Map<string, { readonly service: string; readonly image: PinnedImage }>();
  for (const { service, image } of input.revisions.flatMap(pinnedIn)) {
    if (!kept.has(image.platformDigest)) obsolete.set(image.platformDigest, { service, image });
  }
  const builder = new PlanBuilder();
  for (const [, { service, image }] of [...obsolete].sort((a, b) => compare(a[0], b[0]))) {
    const local = isLocal(input.images, image);
    if (local === null || local.repoTags.length > 0) continue;
    const options = { service, cause: `of an earlier revision; keep: ${input.keep}`, required: false };
    builder.add("removeImage", { image: local.id }, options);
  }
  return { ...emptyPlan(input.project), steps: builder.steps() };
}

function keptDigests(input: ObsoleteInput): ReadonlySet<string> {
  const kept = new Set<string>();
  for (const revision of input.revisions.filter((one) => input.needed.includes(one.id))) {
    for (const { image } of pinnedIn(revision)) kept.add(image.platformDigest);
  }
  const earlier = new Map<string, Set<string>>();
  for (const { service, image } of input.revisions.flatMap(pinnedIn)) {
    const seen = earlier.get(service) ?? new Set();
    earlier.set(service, seen);
    if (kept.has(image.platformDigest) || seen.has(image.platformDigest)) continue;
    if (seen.size < input.keep - 1) kept.add(image.platformDigest);
    seen.add(image.platformDigest);
  }
  return kept;
}

function pinnedIn(revision: RevisionSnapshot) {
  return Object.entries(revision.images).flatMap(([service, decision]) =>
    decision.kind === "pinned" ? [{ service, image: decision.image }] : [],
  );
}
