// Images that only revisions nobody goes back to need: an SD card of 8 GB fills up with them. Removes nothing that
// Boardhand did not pull itself, nothing that a container of anybody uses, and nothing that somebody gave a name to.
import { isLocal, isOnlyIn } from "../image/index.ts";
import type { BroughtImage, ImageSummary, Plan, RevisionSnapshot } from "../model/index.ts";
import { emptyPlan, PlanBuilder } from "./builder.ts";
import { compare } from "./instances.ts";
import { taggedName } from "./prepare.ts";

export interface ObsoleteInput {
  readonly project: string;
  /** What Boardhand pulled for the project, oldest first. */
  readonly brought: readonly BroughtImage[];
  /** Revisions of all projects that must stay whole: what runs or is under way, and where `rollback` goes. */
  readonly needed: readonly RevisionSnapshot[];
  /** Earlier images kept for each service beside the running one; the one to go back to is among `needed`. */
  readonly keep: number;
  /** Platform digests that failed: no use keeping one instead of an earlier one that worked. */
  readonly failed: ReadonlySet<string>;
  readonly images: readonly ImageSummary[];
  /** Ids of images that any container was made from. */
  readonly used: ReadonlySet<string>;
}

/** The steps that remove each obsolete image that is here: our own tag first, since an engine refuses what is tagged. */
export function planObsolete(input: ObsoleteInput): Plan {
  const kept = keptDigests(input);
  const obsolete = new Map<string, BroughtImage[]>();
  for (const image of input.brought) {
    if (kept.has(image.platformDigest)) continue;
    obsolete.set(image.platformDigest, [...(obsolete.get(image.platformDigest) ?? []), image]);
  }
  const builder = new PlanBuilder();
  for (const [, same] of [...obsolete].sort((a, b) => compare(a[0], b[0]))) remove(builder, same, input);
  return { ...emptyPlan(input.project), steps: builder.steps() };
}

/** `same` is one image by all the references it was pulled for. */
function remove(builder: PlanBuilder, same: readonly BroughtImage[], input: ObsoleteInput): void {
  const [image] = same;
  if (image === undefined) return;
  const local = isLocal(input.images, image);
  if (local === null || input.used.has(local.id) || !isOnlyIn(image.name, local)) return;
  const own = new Set(same.map(taggedName));
  if (!local.repoTags.every((tag) => own.has(tag))) return;
  const options = {
    service: image.service,
    cause: `of an earlier revision; keep: ${input.keep}`,
    required: false,
  };
  for (const tag of local.repoTags) builder.add("removeImage", { image: tag }, options);
  builder.add("removeImage", { image: local.id }, options);
}

/** By platform digest, or for what was taken as it was here, by image id. */
function keptDigests({ brought, needed, keep, failed, images }: ObsoleteInput): ReadonlySet<string> {
  const kept = new Set<string>();
  for (const decision of needed.flatMap((revision) => Object.values(revision.images))) {
    if (decision.kind === "pinned") kept.add(decision.image.platformDigest);
    if (decision.kind === "local") kept.add(decision.image.imageId);
  }
  for (const image of brought) {
    if (kept.has(isLocal(images, image)?.id ?? "")) kept.add(image.platformDigest);
  }
  const earlier = new Map<string, number>();
  for (const { service, platformDigest } of [...brought].reverse()) {
    if (kept.has(platformDigest) || failed.has(platformDigest)) continue;
    const count = earlier.get(service) ?? 0;
    if (count >= keep - 1) continue;
    earlier.set(service, count + 1);
    kept.add(platformDigest);
  }
  return kept;
}

/** What was brought until now and is still here; each once, oldest first. `revisions`: the one saved last first. */
export function broughtBy(
  revisions: readonly RevisionSnapshot[],
  images: readonly ImageSummary[],
): readonly BroughtImage[] {
  const all = [...revisions].reverse().flatMap(({ brought = [] }) => brought);
  return once(all.filter((image) => isLocal(images, image) !== null));
}

/** With what this plan is about to bring. */
export function broughtWith(before: readonly BroughtImage[], plan: Plan): readonly BroughtImage[] {
  const pulled = plan.steps.flatMap((step) => {
    if (step.kind !== "pullImage" || step.service === null) return [];
    const { reference, name, indexDigest, platformDigest, configDigest } = step.image;
    return [{ service: step.service, reference, name, indexDigest, platformDigest, configDigest }];
  });
  return once([...before, ...pulled]);
}

function once(images: readonly BroughtImage[]): readonly BroughtImage[] {
  const found = new Map<string, BroughtImage>();
  for (const image of images) {
    const key = `${image.service} ${image.reference} ${image.platformDigest}`;
    if (!found.has(key)) found.set(key, image);
  }
  return [...found.values()];
}
