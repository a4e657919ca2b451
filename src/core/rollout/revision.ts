// The identity of a revision: which definitions, on which platform digests.
import { createHash } from "node:crypto";
import type { DesiredProject, ImageDecision } from "../model/index.ts";

/** 12 hex digits over every service's definition and the image it would run; held images count as unknown. */
export function revisionId(project: DesiredProject, images: ReadonlyMap<string, ImageDecision>): string {
  const lines = project.services
    .map((service) => `${service.name} ${service.definitionHash} ${identity(images.get(service.name))}`)
    .sort();
  return createHash("sha256")
    .update([project.composeRevision, ...lines].join("\n"))
    .digest("hex")
    .slice(0, 12);
}

function identity(decision: ImageDecision | undefined): string {
  if (decision?.kind === "pinned") return decision.image.platformDigest;
  return decision?.kind === "local" ? decision.image.imageId : "unknown";
}
