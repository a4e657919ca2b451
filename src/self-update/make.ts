// The calls that belong together: a container with all its networks, half of one being removed again, and the tag that
// means what runs.
import type { ObservedContainer } from "../core/model/index.ts";
import type { Engine, Log } from "../ports/index.ts";
import type { MadeContainer } from "./successor.ts";

/** Returns the id. */
export async function createFrom(
  name: string,
  { body, further }: MadeContainer,
  engine: Pick<Engine, "createContainer" | "connectNetwork" | "removeContainer">,
): Promise<string> {
  const id = await engine.createContainer(name, body, null);
  try {
    for (const { network, endpoint } of further) await engine.connectNetwork(network, id, endpoint);
  } catch (error) {
    await engine.removeContainer(id);
    throw error;
  }
  return id;
}

/** Gives the tag that a container was made by back to that container's image. A failure is told and harms nothing. */
export async function tagBack(
  { imageId, imageReference }: Pick<ObservedContainer, "imageId" | "imageReference">,
  { engine, log }: { readonly engine: Pick<Engine, "tagImage">; readonly log: Log },
): Promise<void> {
  if (imageReference.includes("@") || /^(sha256:)?[0-9a-f]{12,64}$/.test(imageReference)) return;
  await engine.tagImage(imageId, imageReference).catch((error: unknown) => {
    log.warn({ err: error }, `${imageReference} could not be given back its image`);
  });
}
