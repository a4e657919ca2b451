// Putting manifests and lists into a registry; blobs are the builder's business.
import type { Digest, ImageReference } from "../core/model/index.ts";

export interface ManifestWriter {
  /**
   * Puts the bytes under a tag and answers with their digest (distribution-spec, Pushing Manifests). Throws
   * BoardhandError as `Registry` does; E_REGISTRY_PROTOCOL also where the registry took other bytes than these.
   */
  put(
    image: ImageReference,
    tag: string,
    document: { readonly mediaType: string; readonly bytes: Uint8Array },
  ): Promise<Digest>;
}
