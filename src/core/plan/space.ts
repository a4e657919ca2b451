// Whether an image that is not here yet would fit. Layers that other images share are not known before the pull,
// so the estimate is on the safe side.
import { isLocal } from "../image/index.ts";
import type { ServiceChoice } from "./choice.ts";
import type { PlanInput } from "./input.ts";

/** Compressed layers plus what they unpack to, as a multiple of the compressed size. */
const UNPACK_FACTOR = 3.5;

/** The words of a NotEnoughSpace hold, or null when there is room (or nobody knows). */
export function missingSpace(choice: ServiceChoice, input: PlanInput): string | null {
  const pinned = choice.image?.pinned ?? null;
  const { freeBytes, minFreeBytes } = input.policy;
  if (pinned === null || freeBytes === null || isLocal(input.observed.images, pinned) !== null) return null;
  const needed = pinned.layers.reduce((sum, layer) => sum + layer.size, 0) * UNPACK_FACTOR;
  if (needed + minFreeBytes <= freeBytes) return null;
  return `needs about ${megabytes(needed)} and ${megabytes(minFreeBytes)} must stay free, but only ${megabytes(freeBytes)} is`;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
