// The clock as a trigger: at each cron tick every project is enqueued once, each after its own jitter. Decides nothing else.
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

/** Starts ticking. A project whose jittered turn is still ahead at the next tick is not enqueued twice. */
export function startSchedule(options: ScheduleOptions): Schedule {
  const { clock, log } = options;
  const stopped = new AbortController();
  const waiting = new Set<string>();

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

  const task = createTask(
    options.expression,
    () => {
      // Not awaited by node-cron: a jitter longer than the interval must not make it call a tick missed.
      void tick();
    },
    {
      ...(options.timezone === null ? {} : { timezone: options.timezone }),
      suppressMissedWarning: true,
      logger: cronLogger(log),
    },
  );
  void task.start();

  return {
    stop() {
      stopped.abort(new Error("the schedule was stopped"));
      void task.destroy();
    },
    nextAt() {
      return stopped.signal.aborted ? null : (task.getNextRun()?.getTime() ?? null);
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
