// What a tag points at, where a registry has mirrors (docs/decisions/0009): a mirror can say that nothing is new, but only
// the registry can say what is. So a mirror that lags behind takes no board back to an older image.
import { repositoryKey } from "../../core/image/index.ts";
import { BoardhandError, type Digest, type ImageReference } from "../../core/model/index.ts";
import type { Registry } from "../../ports/index.ts";
import type { ResolverCache } from "./cache.ts";

export interface TagDeps {
  readonly registry: Registry;
  readonly cache: Pick<ResolverCache, "tags">;
  /** A push or a person asked: a mirror may not have heard of it yet. */
  readonly force: boolean;
}

/** Throws BoardhandError as `Registry.head` does. */
export async function tagDigest(deps: TagDeps, image: ImageReference, tag: string): Promise<Digest> {
  const { registry, force } = deps;
  if (!registry.copies.exist(image.registry)) return (await registry.head(image, tag)).digest;
  const key = `${repositoryKey(image)}:${tag}`;
  const known = deps.cache.tags.get(key) ?? null;
  const copy = force ? null : await registry.copies.head(image, tag);
  if (copy !== null && copy.digest === known?.digest) return copy.digest;
  try {
    const { digest } = await registry.head(image, tag);
    remember(deps, key, digest, true);
    return digest;
  } catch (error) {
    if (!(error instanceof BoardhandError) || error.code === "E_REGISTRY_NOT_FOUND") throw error;
    const other = copy ?? (await registry.copies.head(image, tag));
    if (other === null) throw error;
    if (other.digest === known?.digest) return other.digest;
    // The registry has spoken before, so this can be what the tag has left behind.
    if (known?.confirmed === true) throw error;
    remember(deps, key, other.digest, false);
    return other.digest;
  }
}

function remember({ cache }: TagDeps, key: string, digest: Digest, confirmed: boolean): void {
  cache.tags.delete(key);
  cache.tags.set(key, { digest, confirmed });
}
