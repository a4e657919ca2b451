// Growing pauses between attempts at a revision that fails without being to blame (a mount is missing, a port taken).
// In memory only: a restart of the agent may try at once.

const FIRST_MS = 30_000;
const LONGEST_MS = 3_600_000;
const LIMIT = 1000;

interface Attempt {
  readonly revision: string;
  readonly count: number;
  /** Monotonic ms. */
  readonly notBefore: number;
}

export class Attempts {
  readonly #byProject = new Map<string, Attempt>();

  /** ms to wait before this revision is tried again; 0 when it may be tried now. */
  waitMs(project: string, revision: string, now: number): number {
    const attempt = this.#byProject.get(project);
    return attempt === undefined || attempt.revision !== revision ? 0 : Math.max(0, attempt.notBefore - now);
  }

  /** Notes a failure; the pause doubles each time, up to an hour. Returns it. */
  failed(project: string, revision: string, now: number): number {
    const before = this.#byProject.get(project);
    const count = before?.revision === revision ? before.count + 1 : 1;
    const pause = Math.min(FIRST_MS * 2 ** (count - 1), LONGEST_MS);
    if (this.#byProject.size < LIMIT || before !== undefined) {
      this.#byProject.set(project, { revision, count, notBefore: now + pause });
    }
    return pause;
  }

  succeeded(project: string): void {
    this.#byProject.delete(project);
  }
}
