// What is remembered about room on the disk of images while the agent runs: what is booked, and which pulls ran out of it.

const RAN_OUT_MAX = 200;

export class Space {
  readonly #booked = new Map<string, number>();
  readonly #ranOut = new Map<string, number>();

  /** Platform digests whose pull ran out of space, and the bytes that were free when it began. */
  get ranOut(): ReadonlyMap<string, number> {
    return this.#ranOut;
  }

  /** The bytes that the pulls of this project need until they are released. */
  book(project: string, bytes: number): void {
    this.#booked.set(project, bytes);
  }

  release(project: string): void {
    this.#booked.delete(project);
  }

  /** Bytes that other projects have booked. */
  bookedBeside(project: string): number {
    const others = [...this.#booked].filter(([name]) => name !== project);
    return others.reduce((sum, [, bytes]) => sum + bytes, 0);
  }

  /** Not pulled again until more than this is free: each try writes the disk full. */
  noteRanOut(digest: string, freeBytes: number): void {
    this.#ranOut.delete(digest);
    this.#ranOut.set(digest, freeBytes);
    const [oldest] = this.#ranOut.keys();
    if (oldest !== undefined && this.#ranOut.size > RAN_OUT_MAX) this.#ranOut.delete(oldest);
  }
}
