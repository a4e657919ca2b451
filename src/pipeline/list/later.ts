// Keeps a tag that moves from release to release from going back: 1.2.9 made after 1.3.0 must not take `1` from it.
import type { BoardhandError, ImageReference } from "../../core/model/index.ts";
import type { PipelineDeps } from "../deps.ts";
import { VERSION_LABEL } from "../labels.ts";
import { askRegistry } from "../retry.ts";
import { isFloating, isLaterRelease } from "../tags/index.ts";
import { readAllImages } from "./read-image.ts";

const IMAGES_MAX = 10;

export type Later =
  /** `version` is the later release that has the tag now; null: none that is known of. */
  | { readonly ok: true; readonly version: string | null }
  | { readonly ok: false; readonly error: BoardhandError };

/** What cannot be read for another reason than these is no release of ours, or not there yet. */
const NOT_NOW: readonly string[] = ["E_REGISTRY_UNAVAILABLE", "E_REGISTRY_RATE_LIMITED"];

/**
 * `tag` is where to look: the list's own or an architecture's (`1-armhf`); `release` the release tag that it belongs to (`1`);
 * `version` the release being made (`1.2.9`). Told by the images' version label.
 */
export async function laterRelease(
  deps: Pick<PipelineDeps, "registry" | "clock" | "signal">,
  image: ImageReference,
  { tag, release, version }: { readonly tag: string; readonly release: string; readonly version: string },
): Promise<Later> {
  if (!isFloating(release, version)) return { ok: true, version: null };
  const asked = await askRegistry(deps, () => readAllImages(deps.registry, image, tag, IMAGES_MAX));
  if (!asked.ok) {
    return NOT_NOW.includes(asked.error.code) ? asked : { ok: true, version: null };
  }
  const labels = asked.value.map(({ labels: all }) => all[VERSION_LABEL] ?? "");
  return { ok: true, version: labels.find((label) => isLaterRelease(release, label, version)) ?? null };
}
