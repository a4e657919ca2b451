// Whether a container, or an image on this engine, is the pinned image; compares identities, never tags.
import type { Digest, PinnedImage } from "../model/image.ts";
import type { ImageSummary, ObservedContainer } from "../model/observed.ts";
import { isDigest, readReference, repositoryKey } from "./reference.ts";

/** What an image is known by. */
type Identity = Pick<PinnedImage, "name" | "indexDigest" | "platformDigest" | "configDigest">;
type Identified = Pick<ImageSummary, "id" | "repoDigests">;

/** Digests by which the engine knows the image in this repository; every spelling of the name counts. */
function digestsIn(name: string, repoDigests: readonly string[]): readonly Digest[] {
  const wanted = keyOf(name);
  return repoDigests.flatMap((repoDigest) => {
    const at = repoDigest.lastIndexOf("@");
    const digest = repoDigest.slice(at + 1);
    return at > 0 && isDigest(digest) && keyOf(repoDigest.slice(0, at)) === wanted ? [digest] : [];
  });
}

/** What the engine lists can be no reference at all (`<none>`): then the text itself is the key. */
function keyOf(name: string): string {
  const reference = readReference(name);
  return reference === null ? name : repositoryKey(reference);
}

function isSame(local: Identified, image: Identity): boolean {
  const ids: readonly string[] = [image.configDigest, image.platformDigest, image.indexDigest];
  if (ids.includes(local.id)) return true;
  // An index digest among the RepoDigests proves nothing: the classic store leaves it on the first platform pulled.
  return digestsIn(image.name, local.repoDigests).includes(image.platformDigest);
}

/** Whether the engine knows the image in no other repository than this one. */
export function isOnlyIn(
  name: string,
  { repoTags, repoDigests }: Omit<ImageSummary, "id" | "size">,
): boolean {
  return [...repoTags, ...repoDigests].every((known) => keyOf(known) === keyOf(name));
}

/**
 * Whether a container runs exactly this image. Our own label decides alone; containers that others made are known by
 * image ID (a config digest in the classic store, a manifest or index digest in the containerd store) or RepoDigest.
 */
export function runsImage(
  container: Pick<ObservedContainer, "imageId" | "repoDigests" | "platformDigest">,
  image: PinnedImage,
): boolean {
  if (container.platformDigest !== null) return container.platformDigest === image.platformDigest;
  return isSame({ id: container.imageId, repoDigests: container.repoDigests }, image);
}

/** The image on this engine to create a container from, or null when it has to be pulled. */
export function isLocal(images: readonly ImageSummary[], image: Identity): ImageSummary | null {
  const exact: readonly string[] = [image.configDigest, image.platformDigest];
  return (
    images.find((local) => exact.includes(local.id)) ?? images.find((local) => isSame(local, image)) ?? null
  );
}
