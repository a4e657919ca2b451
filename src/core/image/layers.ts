// Which layers of an image are on this engine already. A layer is stored on top of those below it, so what two images
// share is the beginning of their chains of diff ids and nothing else.
import type { Digest, PinnedImage } from "../model/image.ts";
import { isDigest } from "./reference.ts";

/** Diff ids from the bottom up (image-spec config.md, `rootfs`). */
export type Chain = readonly string[];

interface Branch {
  readonly above: Map<string, Branch>;
}

/** Every layer that is stored, each once. */
export class LayerTree {
  readonly #root: Branch = { above: new Map() };

  add(chain: Chain): void {
    let branch = this.#root;
    for (const id of chain) {
      const next = branch.above.get(id) ?? { above: new Map() };
      branch.above.set(id, next);
      branch = next;
    }
  }

  /** How many layers of the chain are stored, counted from its bottom. */
  shared(chain: Chain): number {
    let branch: Branch | undefined = this.#root;
    for (const [index, id] of chain.entries()) {
      branch = branch.above.get(id);
      if (branch === undefined) return index;
    }
    return chain.length;
  }
}

/** What the image's layers are stored as; where nobody read its config, names that no stored layer has. */
export function chainOf({ diffIds, layers }: PinnedImage): Chain {
  return diffIds ?? layers.map(({ digest }) => `compressed ${digest}`);
}

/** The diff ids of an image config; null where they are none, or are not one for each of `count` layers. */
export function configDiffIds(config: unknown, count: number): readonly Digest[] | null {
  if (typeof config !== "object" || config === null) return null;
  const { rootfs } = config as Readonly<Record<string, unknown>>;
  if (typeof rootfs !== "object" || rootfs === null) return null;
  const { diff_ids: ids } = rootfs as Readonly<Record<string, unknown>>;
  return Array.isArray(ids) && ids.length === count && ids.every(isDigest) ? ids : null;
}
