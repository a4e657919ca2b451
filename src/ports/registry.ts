// What Boardhand asks of a registry: heads, manifests, image configs. Which manifest is chosen is core/image's business.
import type { Digest, ImageReference } from "../core/model/index.ts";

export interface ManifestHead {
  readonly digest: Digest;
  readonly mediaType: string;
}

export interface ManifestDocument extends ManifestHead {
  /** Parsed JSON whose bytes hash to `digest`. */
  readonly body: unknown;
  /** Of those bytes. */
  readonly size: number;
}

/** What a registry said last about how many manifests it still gives. */
export interface RegistryLimit {
  /** As references write it. */
  readonly host: string;
  readonly limit: number;
  readonly remaining: number;
  /** The time that `limit` is for; it moves along. */
  readonly windowSeconds: number;
  /** What it is counted by, an address or an account; null when the registry does not say. */
  readonly source: string | null;
  /** Wall clock, ms. */
  readonly seenAt: number;
}

/** The mirrors of registries. No method throws BoardhandError: null means that no mirror has the answer. */
export interface Copies {
  /** Whether this registry has mirrors at all. */
  exist(registry: string): boolean;
  head(image: ImageReference, reference: string): Promise<ManifestHead | null>;
  manifest(image: ImageReference, digest: Digest): Promise<ManifestDocument | null>;
  config(image: ImageReference, digest: Digest): Promise<unknown>;
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
  readonly copies: Copies;
  /** What was heard about limits that still counts, sorted by host. */
  limits(): readonly RegistryLimit[];
}
