// Growing pauses between attempts at what fails without being to blame (a mount is missing, a port taken).
// In memory only: a restart of the agent may try at once.
import type { Step } from "../core/model/index.ts";

const FIRST_MS = 30_000;
const LONGEST_MS = 3_600_000;
const LIMIT = 1000;
const WORK_LIMIT = 20;

interface Attempt {
  readonly revision: string;
  readonly count: number;
  /** Monotonic ms until which each kind of work waits. */
  readonly notBefore: ReadonlyMap<string, number>;
}

/** Failed by what was seen afterwards and not by a step: nothing towards the revision is tried before its time. */
export const ANY_WORK = "";

/** What steps do, without the ids that change from one attempt to the next. */
export function workOf(steps: readonly Pick<Step, "kind" | "service">[]): string {
  return steps.map(({ kind, service }) => `${kind} ${service}`).join(", ");
}

/** Other work on the same revision is not held back: what an engine's crash ended is started at once. */
export class Attempts {
  readonly #byProject = new Map<string, Attempt>();

  /** ms to wait before this work towards this revision is tried again; 0 when it may be tried now. */
  waitMs(project: string, revision: string, work: string, now: number): number {
    const attempt = this.#byProject.get(project);
    if (attempt === undefined || attempt.revision !== revision) return 0;
    const { notBefore } = attempt;
    return Math.max(0, ...[work, ANY_WORK].map((one) => (notBefore.get(one) ?? now) - now));
  }

  /** Notes a failure; the pause doubles each time, whatever the work, up to an hour. Returns it. */
  failed(project: string, revision: string, work: string, now: number): number {
    const before = this.#byProject.get(project);
    const same = before?.revision === revision ? before : null;
    const count = (same?.count ?? 0) + 1;
    const pause = Math.min(FIRST_MS * 2 ** (count - 1), LONGEST_MS);
    if (this.#byProject.size < LIMIT || before !== undefined) {
      const known = same?.notBefore ?? new Map<string, number>();
      const key = known.size < WORK_LIMIT || known.has(work) ? work : ANY_WORK;
      const notBefore = new Map(known).set(key, now + pause);
      this.#byProject.set(project, { revision, count, notBefore });
    }
    return pause;
  }

  succeeded(project: string): void {
    this.#byProject.delete(project);
  }
}
