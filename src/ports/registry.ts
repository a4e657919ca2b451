// What Boardhand asks of a registry: heads, manifests, image configs. Which manifest is chosen is core/image's business.
import type { Digest, ImageReference } from "../core/model/index.ts";

export interface ManifestHead {
  readonly digest: Digest;
  readonly mediaType: string;
}

export interface ManifestDocument extends ManifestHead {
  /** Parsed JSON whose bytes hash to `digest`. */
  readonly body: unknown;
}

/**
 * `reference` is a tag or a digest. All methods throw BoardhandError: E_REGISTRY_NOT_FOUND, E_REGISTRY_AUTH,
 * E_REGISTRY_RATE_LIMITED (data.retryAfterMs), E_REGISTRY_UNAVAILABLE, E_REGISTRY_PROTOCOL, E_DIGEST_MISMATCH.
 */
export interface Registry {
  head(image: ImageReference, reference: string): Promise<ManifestHead>;
  manifest(image: ImageReference, reference: string): Promise<ManifestDocument>;
  /** The image config blob (`architecture`, `os`, `variant`), digest verified. */
  config(image: ImageReference, digest: Digest): Promise<unknown>;
}
