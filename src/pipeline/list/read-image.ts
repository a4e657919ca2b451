// One image as a registry has it: its manifest, the platform that its own config names, its labels.
import {
  type ConfigPlatform,
  chooseEntry,
  configPlatform,
  describePlatforms,
  parseManifest,
} from "../../core/image/index.ts";
import { type Digest, formatPlatform, type ImageReference, type Platform } from "../../core/model/index.ts";
import type { ManifestDocument } from "../../ports/index.ts";
import type { PipelineDeps } from "../deps.ts";

type Reader = Pick<PipelineDeps["registry"], "manifest" | "config">;

export interface ReadImage {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  /** Null when its config names no processor. */
  readonly platform: ConfigPlatform | null;
  readonly labels: Readonly<Record<string, string>>;
}

function labelsOf(config: unknown): Readonly<Record<string, string>> {
  const { config: inner } = (config ?? {}) as { readonly config?: unknown };
  const { Labels: labels } = (inner ?? {}) as { readonly Labels?: unknown };
  if (typeof labels !== "object" || labels === null) return {};
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => typeof value === "string"));
}

/** Null for a list. */
async function readDocument(
  registry: Reader,
  image: ImageReference,
  document: ManifestDocument,
): Promise<ReadImage | null> {
  const manifest = parseManifest(document.mediaType, document.body);
  if (manifest.kind === "index") return null;
  const config = await registry.config(image, manifest.configDigest);
  const { mediaType } = manifest;
  const { digest, size } = document;
  return { mediaType, digest, size, platform: configPlatform(config), labels: labelsOf(config) };
}

export type PlatformImage =
  | { readonly found: true; readonly image: ReadImage }
  /** `has`: what the list has instead, for people. */
  | { readonly found: false; readonly has: string };

/** The image of a tag for one platform. Throws BoardhandError as `Registry` does. */
export async function readPlatformImage(
  registry: Reader,
  image: ImageReference,
  tag: string,
  platform: Platform,
): Promise<PlatformImage> {
  const document = await registry.manifest(image, tag);
  const manifest = parseManifest(document.mediaType, document.body);
  if (manifest.kind === "image") {
    const read = await readDocument(registry, image, document);
    return read === null ? { found: false, has: "nothing" } : { found: true, image: read };
  }
  const entry = chooseEntry(manifest, [platform]);
  const child = entry === null ? null : await registry.manifest(image, entry.digest);
  const read = child === null ? null : await readDocument(registry, image, child);
  if (read !== null) return { found: true, image: read };
  return {
    found: false,
    has: entry === null ? describePlatforms(manifest) : `a list for ${formatPlatform(platform)}`,
  };
}

/** All images of a tag, at most `max` of them. Throws BoardhandError as `Registry` does. */
export async function readAllImages(
  registry: Reader,
  image: ImageReference,
  tag: string,
  max: number,
): Promise<readonly ReadImage[]> {
  const document = await registry.manifest(image, tag);
  const manifest = parseManifest(document.mediaType, document.body);
  const entries = manifest.kind === "index" ? manifest.entries : [];
  const runnable = entries.filter(({ attachment, platform }) => !attachment && platform !== null);
  const documents =
    manifest.kind === "image"
      ? [document]
      : await Promise.all(runnable.slice(0, max).map(({ digest }) => registry.manifest(image, digest)));
  const read = await Promise.all(documents.map((one) => readDocument(registry, image, one)));
  return read.filter((one) => one !== null);
}
