// Which manifest of an index is this board's, and whether an image's own config agrees; refuses what only claims to fit.
import { formatPlatform, type Platform } from "../model/platform.ts";
import type { ImageIndex, IndexEntry } from "./manifest.ts";
import { isIndexType } from "./media-types.ts";
import { normalizePlatform, rankPlatform } from "./platform.ts";

const DESCRIBED_MAX = 12;

/** What the entry runs on; null for what is not to be run at all. */
function runsOn(entry: IndexEntry): Platform | null {
  return entry.attachment || isIndexType(entry.mediaType) ? null : entry.platform;
}

/** The entry that fits best by the order of `accepts`, whatever the order of the list; the first of equals. */
export function chooseEntry(index: ImageIndex, accepts: readonly Platform[]): IndexEntry | null {
  let best: { readonly entry: IndexEntry; readonly rank: number } | null = null;
  for (const entry of index.entries) {
    const platform = runsOn(entry);
    const rank = platform === null ? -1 : rankPlatform(platform, accepts);
    if (rank !== -1 && (best === null || rank < best.rank)) best = { entry, rank };
  }
  return best?.entry ?? null;
}

/** What there is, for people: `linux/amd64, linux/arm64`; `nothing that can be run` when there is nothing. */
export function describePlatforms(index: ImageIndex): string {
  const names = new Set<string>();
  for (const entry of index.entries) {
    const platform = runsOn(entry);
    if (platform !== null) names.add(formatPlatform(platform));
  }
  if (names.size === 0) return "nothing that can be run";
  const sorted = [...names].sort();
  const shown = sorted.slice(0, DESCRIBED_MAX).join(", ");
  return sorted.length > DESCRIBED_MAX ? `${shown} and ${sorted.length - DESCRIBED_MAX} more` : shown;
}

/** What an image config says it was built for (image-spec config.md); null when it names no processor. */
export interface ConfigPlatform {
  readonly platform: Platform;
  /** False for 32-bit ARM configs that leave the variant out; `platform.variant` then is null. */
  readonly variantKnown: boolean;
}

export function configPlatform(config: unknown): ConfigPlatform | null {
  if (typeof config !== "object" || config === null) return null;
  const { os, architecture, variant } = config as Readonly<Record<string, unknown>>;
  if (typeof architecture !== "string" || architecture === "") return null;
  const system = typeof os === "string" && os !== "" ? os : "linux";
  const given = typeof variant === "string" && variant !== "" ? variant : null;
  const platform = normalizePlatform(system, architecture, given);
  const bareArm = architecture.toLowerCase() === "arm" && given === null;
  return bareArm
    ? { platform: { ...platform, variant: null }, variantKnown: false }
    : { platform, variantKnown: true };
}

/**
 * Whether an image with this config runs where `accepts` do. A 32-bit ARM config without a variant passes for any
 * 32-bit ARM, as with the engine, unless `variantRequired` (names such as `armhf` that mean two processors).
 */
export function configFits(
  config: ConfigPlatform,
  accepts: readonly Platform[],
  options: { readonly variantRequired: boolean } = { variantRequired: false },
): boolean {
  if (config.variantKnown) return rankPlatform(config.platform, accepts) !== -1;
  if (options.variantRequired) return false;
  return accepts.some(
    (accepted) =>
      accepted.os === config.platform.os && accepted.architecture === config.platform.architecture,
  );
}
