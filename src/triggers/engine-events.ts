// Engine events as triggers: a container that dies, starts or changes its health makes its project worth a look.
// An event says only which project; what happened is read from the engine by the look itself.
import { BoardhandError, type EngineEvent, type Trigger } from "../core/model/index.ts";
import type { Clock, Engine, Log } from "../ports/index.ts";

export interface EngineEventsOptions {
  readonly engine: Pick<Engine, "events">;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly enqueue: (trigger: Trigger) => void;
  /** Called when a stream breaks, and where there is none to begin with; not again before there was one. */
  readonly onLost: () => void;
  /** Called when there is a stream again: anything may have happened meanwhile. */
  readonly onBack: () => void;
}

/** A burst (stop, die, destroy, start) becomes one look. */
const DEBOUNCE_MS = 300;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

const INTERESTING: ReadonlySet<string> = new Set([
  "die",
  "start",
  "destroy",
  "oom",
  "pause",
  "unpause",
  "rename",
]);

/** Follows the engine until the signal aborts; reconnects with growing pauses. */
export async function followEngine(options: EngineEventsOptions): Promise<void> {
  const { engine, clock, log, signal } = options;
  let pause = FIRST_PAUSE_MS;
  /** When the stream was opened (at the start: as if it were, so that its first opening is no return); null while it is broken. */
  let since: number | null = clock.monotonic();
  while (!signal.aborted) {
    try {
      const debounce = new Debounce(options);
      const opened = (): void => {
        if (since === null) options.onBack();
        since = clock.monotonic();
      };
      for await (const event of engine.events(signal, opened)) {
        if (isInteresting(event)) debounce.note(event.project);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof BoardhandError)) throw error;
      log.debug({ code: error.code }, "the engine's event stream broke");
    }
    // Whether or not it had anything to say: a board where nothing happens loses its engine like any other.
    if (since !== null) {
      options.onLost();
      if (clock.monotonic() - since >= LONGEST_PAUSE_MS) pause = FIRST_PAUSE_MS;
    }
    since = null;
    if (!(await slept(clock, pause, signal))) return;
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

function isInteresting(event: EngineEvent): boolean {
  return INTERESTING.has(event.action) || event.action.startsWith("health_status");
}

class Debounce {
  readonly #options: EngineEventsOptions;
  readonly #waiting = new Set<string>();

  constructor(options: EngineEventsOptions) {
    this.#options = options;
  }

  note(project: string): void {
    if (this.#waiting.has(project)) return;
    this.#waiting.add(project);
    void slept(this.#options.clock, DEBOUNCE_MS, this.#options.signal).then((inTime) => {
      this.#waiting.delete(project);
      if (inTime) this.#options.enqueue({ project, cause: "engine", refresh: false, force: false });
    });
  }
}

/** False when the signal aborted the pause. */
async function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
}
