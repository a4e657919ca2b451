// The clock as a trigger: at each cron tick every project is enqueued once, each after its own jitter. Decides nothing else.
// A clock that is set while it runs, by years too, brings one tick at most and lets none wait for the time it had before.
import { createTask, validate } from "node-cron";
import type { Trigger } from "../core/model/index.ts";
import type { Clock, Log } from "../ports/index.ts";

export interface ScheduleOptions {
  /** 5 fields, or 6 with seconds; must satisfy isValidCron. */
  readonly expression: string;
  /** Null means the system's. */
  readonly timezone: string | null;
  /** Each project waits a random part of this after a tick, so that boards do not ask a registry all at once. */
  readonly jitterMs: number;
  /** The projects of this moment. */
  readonly projects: () => Promise<readonly string[]>;
  readonly enqueue: (trigger: Trigger) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Schedule {
  stop(): void;
  /** The next tick, ms since the epoch, without jitter; null when there is none. */
  nextAt(): number | null;
}

/** Whether node-cron takes it: 5 fields, or 6 with seconds. */
export function isValidCron(expression: string): boolean {
  try {
    return validate(expression);
  } catch {
    return false;
  }
}

/** Longest sleep, ms: how long a clock that was set back goes unnoticed. */
const LOOK_AT_CLOCK_MS = 30_000;

/** Starts ticking. A project whose jittered turn is still ahead at the next tick is not enqueued twice. */
export function startSchedule(options: ScheduleOptions): Schedule {
  const { clock, log } = options;
  const stopped = new AbortController();
  const waiting = new Set<string>();
  const cron = createCron(options);

  const enqueueLater = async (project: string): Promise<void> => {
    if (waiting.has(project)) return;
    waiting.add(project);
    try {
      await clock.sleep(Math.floor(clock.random() * options.jitterMs), stopped.signal);
      options.enqueue({ project, cause: "schedule", refresh: true, force: false });
    } finally {
      waiting.delete(project);
    }
  };

  const tick = async (): Promise<void> => {
    try {
      const projects = await options.projects();
      await Promise.all(projects.map(enqueueLater));
    } catch (error) {
      if (!stopped.signal.aborted)
        log.error({ error }, "a scheduled look at the projects failed; the next tick tries again");
    }
  };

  const run = async (): Promise<void> => {
    let due = cron.nextAt();
    for (;;) {
      await clock.sleep(Math.min(Math.max(due - clock.now(), 1), LOOK_AT_CLOCK_MS), stopped.signal);
      if (clock.now() < due) {
        // Set back, the clock is before more ticks than the one that was waited for.
        due = Math.min(due, cron.nextAt());
        continue;
      }
      // Not awaited: a jitter longer than the interval must not swallow a tick. However many have passed, one look does.
      void tick();
      due = cron.nextAt();
    }
  };
  void run().catch((error: unknown) => {
    if (!stopped.signal.aborted) log.error({ error }, "the schedule ended");
  });

  return {
    stop() {
      stopped.abort(new Error("the schedule was stopped"));
      cron.end();
    },
    nextAt() {
      const next = stopped.signal.aborted ? Number.POSITIVE_INFINITY : cron.nextAt();
      return Number.isFinite(next) ? next : null;
    },
  };
}

/**
 * node-cron's reading of the expression, without its timer: that one goes through every tick between two times of the
 * clock, one by one, and waits for years when the clock is set back.
 */
function createCron({ expression, timezone, log }: ScheduleOptions) {
  const zone = timezone === null ? {} : { timezone };
  const task = createTask(expression, () => undefined, { ...zone, logger: cronLogger(log) });
  return {
    /** Of the time it is now, ms since the epoch; infinite for a day that never comes, such as 30 February. */
    nextAt(): number {
      try {
        return task.getNextRuns(1)[0]?.getTime() ?? Number.POSITIVE_INFINITY;
      } catch {
        return Number.POSITIVE_INFINITY;
      }
    },
    end(): void {
      void task.destroy();
    },
  };
}

function cronLogger(log: Log) {
  const text = (message: string | Error): string => (message instanceof Error ? message.message : message);
  return {
    info: (message: string) => log.debug({}, message),
    warn: (message: string) => log.warn({}, message),
    error: (message: string | Error) => log.error({}, text(message)),
    debug: (message: string | Error) => log.debug({}, text(message)),
  };
}
