// Whether the images that a plan pulls fit: the layers that are missing, each counted once for the whole plan, at the
// moment when they take most. A service whose image does not fit is held; what needs less goes on.
import { type Chain, chainOf, isLocal, LayerTree } from "../image/index.ts";
import type { EngineFacts, LayerSize, PinnedImage, Plan } from "../model/index.ts";
import type { ServiceChoice } from "./choice.ts";
import type { PlanInput } from "./input.ts";

/**
 * What a layer unpacks to, as a multiple of its compressed size. No manifest says it. Measured: Debian with Node.js 2.9,
 * Debian's programs 2.7, Python's library 4.3, a static busybox 1.9; `minFreeBytes` is there for what is denser.
 */
const UNPACKED = 3;

type Store = EngineFacts["store"];

interface Bytes {
  /** While the image is pulled. */
  readonly most: number;
  /** What stays of it. */
  readonly after: number;
}

/** Adds up images in the order in which they are pulled: one after the other. */
export class Room {
  readonly #store: Store;
  readonly #here = new LayerTree();
  #taken = 0;
  #most = 0;

  constructor(store: Store, here: readonly Chain[]) {
    this.#store = store;
    for (const chain of here) this.#here.add(chain);
  }

  /** Bytes that those taken so far leave behind. */
  get taken(): number {
    return this.#taken;
  }

  /** Bytes that those taken so far need while they are pulled. */
  get most(): number {
    return this.#most;
  }

  /** What this image needs beside those taken so far. */
  needs(image: PinnedImage): Bytes {
    const missing = image.layers.slice(this.#here.shared(chainOf(image)));
    return bytesOf(missing, this.#store);
  }

  take(image: PinnedImage): void {
    const { most, after } = this.needs(image);
    this.#most = Math.max(this.#most, this.#taken + most);
    this.#taken += after;
    this.#here.add(chainOf(image));
  }
}

/**
 * The classic store downloads all layers while it unpacks them one after the other from the bottom, and drops each
 * download as soon as it is unpacked; on a fast network the first one unpacks beside all of them. The containerd store
 * keeps the compressed layers too.
 */
function bytesOf(layers: readonly LayerSize[], store: Store): Bytes {
  const compressed = layers.reduce((sum, { size }) => sum + size, 0);
  const unpacked = compressed * UNPACKED;
  if (store === "containerd") return { most: compressed + unpacked, after: compressed + unpacked };
  let most = 0;
  let waiting = compressed;
  let done = 0;
  for (const { size } of layers) {
    done += size * UNPACKED;
    most = Math.max(most, done + waiting);
    waiting -= size;
  }
  return { most, after: unpacked };
}

/** Bytes that these pulls need at most, one after the other. */
export function spaceFor(plan: Plan, store: Store, here: readonly Chain[]): number {
  const room = new Room(store, here);
  for (const step of plan.steps) if (step.kind === "pullImage") room.take(step.image);
  return room.most;
}

/** The words of a NotEnoughSpace hold, or null when there is room (or nobody knows). */
export function missingSpace(choice: ServiceChoice, input: PlanInput, room: Room): string | null {
  const image = pulledFor(choice, input);
  const { freeBytes, minFreeBytes, ranOut } = input.policy;
  if (image === null || freeBytes === null) return null;
  const { most } = room.needs(image);
  const beside = room.taken === 0 ? "" : ` beside ${megabytes(room.taken)} for other services`;
  const free = `only ${megabytes(freeBytes, Math.floor)} is`;
  if (room.taken + most + minFreeBytes > freeBytes)
    return `needs about ${megabytes(most)} for layers that are missing${beside}, and ${megabytes(minFreeBytes)} must stay free, but ${free}`;
  const tried = ranOut.get(image.platformDigest);
  // What is free moves a little by itself: a try is worth it with room for the whole download more.
  const enough = tried === undefined ? 0 : tried + image.layers.reduce((sum, { size }) => sum + size, 0);
  if (tried === undefined || freeBytes >= enough) return null;
  return `ran out of space while it was pulled with ${megabytes(tried, Math.floor)} free; it is tried again with ${megabytes(enough)}, but ${free}`;
}

/** The image that has to be pulled for this choice, or null. */
export function pulledFor({ image }: ServiceChoice, { observed }: PlanInput): PinnedImage | null {
  const pinned = image?.pinned ?? null;
  return pinned === null || isLocal(observed.images, pinned) !== null ? null : pinned;
}

function megabytes(bytes: number, round: (value: number) => number = Math.ceil): string {
  return `${round(bytes / 1e6)} MB`;
}
