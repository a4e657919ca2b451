// One slot a project: looks at the same project never overlap, and what arrives meanwhile becomes one more look.
// Bounded by the number of projects; decides nothing about what a look does.
import type { Trigger } from "../core/model/index.ts";
import type { Clock, Log } from "../ports/index.ts";

/** A trigger, and what a person asked for beside it. */
export interface Request {
  readonly trigger: Trigger;
  /** Go back to the last good revision: all services (`[]`) or these; null when nobody asked. */
  readonly rollback: readonly string[] | null;
}

export interface QueueOptions {
  /** Does the work; resolves with the ms after which the project wants another look, or null. */
  readonly look: (request: Request) => Promise<number | null>;
  readonly clock: Clock;
  readonly log: Log;
  /** Projects worked on at once. */
  readonly parallelism: number;
  /** Waiting projects; beyond that a request is refused. */
  readonly limit?: number;
}

interface Slot {
  running: boolean;
  waiting: Request | null;
  timer: AbortController | null;
}

export class ProjectQueue {
  readonly #options: QueueOptions;
  readonly #slots = new Map<string, Slot>();
  readonly #idleWaiters = new Set<() => void>();
  #active = 0;
  #stopped = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Asks for a look; false when the queue is full or stopped. */
  enqueue(request: Request): boolean {
    if (this.#stopped) return false;
    const { project } = request.trigger;
    const slot = this.#slots.get(project);
    if (slot === undefined && this.#slots.size >= (this.#options.limit ?? 1000)) return false;
    const own = slot ?? { running: false, waiting: null, timer: null };
    own.waiting = own.waiting === null ? request : merge(own.waiting, request);
    own.timer?.abort();
    own.timer = null;
    this.#slots.set(project, own);
    this.#pump();
    return true;
  }

  isBusy(project: string): boolean {
    const slot = this.#slots.get(project);
    return slot !== undefined && (slot.running || slot.waiting !== null);
  }

  /** Whether anything more will be looked at without being asked for: now, next, or when a pause has passed. */
  isPending(project: string): boolean {
    return this.isBusy(project) || (this.#slots.get(project)?.timer ?? null) !== null;
  }

  /** Resolves when nothing runs and nothing waits; pending timers do not count. */
  async idle(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => this.#idleWaiters.add(resolve));
  }

  /** Takes nothing more, drops what waits, and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const slot of this.#slots.values()) {
      slot.timer?.abort();
      slot.waiting = null;
    }
    await this.idle();
  }

  #isIdle(): boolean {
    return [...this.#slots.values()].every((slot) => !slot.running && slot.waiting === null);
  }

  #pump(): void {
    for (const [project, slot] of this.#slots) {
      if (this.#active >= this.#options.parallelism) return;
      if (slot.running || slot.waiting === null) continue;
      const request = slot.waiting;
      slot.waiting = null;
      slot.running = true;
      this.#active += 1;
      void this.#run(project, slot, request);
    }
  }

  async #run(project: string, slot: Slot, request: Request): Promise<void> {
    let again: number | null = null;
    try {
      again = await this.#options.look(request);
    } catch (error) {
      // A look reports its own failures; what arrives here is a bug, and the other projects must go on.
      this.#options.log.error({ project, err: error }, "a look failed unexpectedly");
    }
    slot.running = false;
    this.#active -= 1;
    if (again !== null && !this.#stopped && slot.waiting === null) this.#later(project, slot, again);
    this.#pump();
    if (this.#isIdle()) {
      for (const waiter of this.#idleWaiters) waiter();
      this.#idleWaiters.clear();
    }
  }

  #later(project: string, slot: Slot, ms: number): void {
    const timer = new AbortController();
    slot.timer = timer;
    this.#options.clock.sleep(ms, timer.signal).then(
      () => {
        if (slot.timer !== timer) return;
        const trigger: Trigger = { project, cause: "retry", refresh: false, force: false };
        this.enqueue({ trigger, rollback: null });
      },
      () => undefined,
    );
  }
}

/** Somebody told of something: what was not there a moment ago is asked for again. */
const STRONG: readonly Trigger["cause"][] = ["manual", "webhook"];

/** Whether a person or a push asked, which passes over the waits of single images. */
export function asksAnew({
  force,
  cause,
}: Pick<Trigger, "force"> & Partial<Pick<Trigger, "cause">>): boolean {
  return force || (cause !== undefined && STRONG.includes(cause));
}

/** Two requests for one project as one: the stronger wish of each kind wins. */
function merge(a: Request, b: Request): Request {
  const rollback =
    a.rollback === null || b.rollback === null ? (a.rollback ?? b.rollback) : widest(a.rollback, b.rollback);
  return {
    trigger: {
      project: a.trigger.project,
      cause: strongerCause(b.trigger.cause, a.trigger.cause),
      refresh: a.trigger.refresh || b.trigger.refresh,
      force: a.trigger.force || b.trigger.force,
    },
    rollback,
  };
}

/** The cause that asks for more; the first where neither does. */
export function strongerCause(a: Trigger["cause"], b: Trigger["cause"]): Trigger["cause"] {
  return STRONG.find((cause) => cause === a || cause === b) ?? a;
}

/** An empty list stands for every service. */
function widest(a: readonly string[], b: readonly string[]): readonly string[] {
  return a.length === 0 || b.length === 0 ? [] : [...new Set([...a, ...b])].sort();
}
