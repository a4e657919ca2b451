// Which deliveries were heard before, by their id: bounded in number and time. By monotonic time, since the wall clock of a
// board jumps when it first hears from a time server.
import { createHash } from "node:crypto";

const LIMIT = 4_096;
const KEPT_MS = 15 * 60_000;

export class Seen {
  readonly #monotonic: () => number;
  /** When each was heard; oldest first. */
  readonly #heardAt = new Map<string, number>();

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  has(id: string): boolean {
    const at = this.#heardAt.get(digest(id));
    return at !== undefined && this.#monotonic() - at < KEPT_MS;
  }

  add(id: string): void {
    const key = digest(id);
    this.#heardAt.delete(key);
    this.#heardAt.set(key, this.#monotonic());
    if (this.#heardAt.size <= LIMIT) return;
    const [oldest] = this.#heardAt.keys();
    if (oldest !== undefined) this.#heardAt.delete(oldest);
  }
}

/** Of one length, however long the sender's id is. */
function digest(id: string): string {
  return createHash("sha256").update(id, "utf8").digest("base64").slice(0, 22);
}
