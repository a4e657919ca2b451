// The words for an image: how it is written, what its tag points at, and which manifest is this board's.
import type { HoldReason } from "./hold.ts";
import type { Platform } from "./platform.ts";

/** A content address as registries write it. */
export type Digest = `sha256:${string}`;

/** The first twelve hex digits of a digest, hash or id, as engines print ids; other words stay as they are. */
export function shortDigest(value: string): string {
  return value.replace(/^(?:\w+:)?([0-9a-f]{12})[0-9a-f]*$/, "$1");
}

/** An image reference, taken apart and canonical (`nginx` is docker.io, library/nginx, latest). */
export interface ImageReference {
  /** Exactly as the compose file says it. */
  readonly written: string;
  /** Host with optional port; Docker Hub is `docker.io`. */
  readonly registry: string;
  /** Path below the host, with `library/` for Docker Hub's own images. */
  readonly repository: string;
  /** Null only when a digest is given without a tag. */
  readonly tag: string | null;
  readonly digest: Digest | null;
}

/** One layer of a platform manifest, as the registry stores it. */
export interface LayerSize {
  readonly digest: Digest;
  /** Compressed size, bytes. */
  readonly size: number;
}

/** A tag that was resolved to the one manifest that this board will run. */
export interface PinnedImage {
  /** As the compose file says it: what a container's `Config.Image` will be. */
  readonly reference: string;
  /** `host/path` without tag or digest, as the engine takes it. */
  readonly name: string;
  /** The tag that was read: another than the written one where per-architecture tags are used; null for a digest. */
  readonly tag: string | null;
  /** What the tag points at: an index, or the platform manifest itself. */
  readonly indexDigest: Digest;
  /** The manifest for this platform: the identity that decides about updates. */
  readonly platformDigest: Digest;
  /** The manifest's config: the image ID in the engine's classic store. */
  readonly configDigest: Digest;
  /** What the manifest was built for, by its own config. */
  readonly platform: Platform;
  readonly layers: readonly LayerSize[];
  /** What the layers unpack to, one for each; absent where the config did not say, or was read by an older release. */
  readonly diffIds?: readonly Digest[];
}

/** An image that is only on this engine (`pull_policy: never`, or no registry was asked). */
export interface LocalImage {
  readonly reference: string;
  readonly imageId: string;
}

/** What was decided about one service's image; a hold is an answer, not an error. */
export type ImageDecision =
  | { readonly kind: "pinned"; readonly image: PinnedImage }
  | { readonly kind: "local"; readonly image: LocalImage }
  | { readonly kind: "held"; readonly reason: HoldReason; readonly message: string };
