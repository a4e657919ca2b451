// The manifest list of a release as bytes: a docker list or an OCI index, the same entries always the same bytes.
import { createHash } from "node:crypto";
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from "../../core/image/index.ts";
import type { Digest, Platform } from "../../core/model/index.ts";

/** One image of a list. */
export interface ListEntry {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Of the manifest, bytes. */
  readonly size: number;
  readonly platform: Platform;
}

export interface ListDocument {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** Of the bytes. */
  readonly digest: Digest;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * By system and architecture, and within one the lowest variant first: where none matches exactly, engines up to 20.10 take
 * the first entry of 32-bit ARM, and code for a lower variant runs on a higher one, not the other way round. No variant is the
 * lowest, and there are none of two digits.
 */
function compareEntries(a: ListEntry, b: ListEntry): number {
  const [one, two] = [a.platform, b.platform];
  return (
    compareText(one.os, two.os) ||
    compareText(one.architecture, two.architecture) ||
    compareText(one.variant ?? "", two.variant ?? "")
  );
}

export function sortEntries(entries: readonly ListEntry[]): readonly ListEntry[] {
  return [...entries].sort(compareEntries);
}

/**
 * The variant is left out where there is only one (arm64: `v8` is the same to every engine, and buildx leaves it out too).
 * Key order is that of docker's own lists.
 */
function entryBody({ mediaType, size, digest, platform }: ListEntry): unknown {
  const { architecture, os, variant } = platform;
  return {
    mediaType,
    size,
    digest,
    platform: { architecture, os, ...(variant === null ? {} : { variant }) },
  };
}

/** The list of these images, sorted. No two may be for the same platform: only one of them could ever be pulled. */
export function listDocument(kind: "docker" | "oci", entries: readonly ListEntry[]): ListDocument {
  const mediaType = kind === "docker" ? DOCKER_LIST : OCI_INDEX;
  const manifests = sortEntries(entries).map(entryBody);
  const text = JSON.stringify({ schemaVersion: 2, mediaType, manifests }, null, 2);
  const bytes = new TextEncoder().encode(text);
  return { mediaType, bytes, digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
}

/** Images in the other family's format: engines and most registries take them in a list, some registries do not. */
export function foreignEntries(kind: "docker" | "oci", entries: readonly ListEntry[]): readonly ListEntry[] {
  const own = kind === "docker" ? DOCKER_MANIFEST : OCI_MANIFEST;
  return entries.filter(({ mediaType }) => mediaType !== own);
}
