import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Trigger } from "../../src/core/model/index.ts";
import type { Clock, Log } from "../../src/ports/index.ts";
import { isValidCron, type Schedule, startSchedule } from "../../src/triggers/schedule.ts";

const START = Date.UTC(2026, 10, 21, 10, 2, 30);
let running: Schedule[];
beforeEach(() => {
  running = [];
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  for (const schedule of running) schedule.stop();
  vi.useRealTimers();
});

function start(options: {
  readonly expression: string;
  readonly jitterMs?: number;
  readonly timezone?: string | null;
  readonly projects?: () => Promise<readonly string[]>;
  readonly random?: readonly number[];
}) {
  const triggers: (Trigger & { readonly at: number })[] = [];
  const lines: string[] = [];
  const random = [...(options.random ?? [])];
  const clock: Clock = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => random.shift() ?? 0,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const aborted = (): void => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener("abort", aborted);
          resolve();
        }, ms);
        signal?.addEventListener("abort", aborted);
      }),
  };
  const add = (_fields: unknown, message: string): void => {
    lines.push(message);
  };
  const log: Log = { debug: () => undefined, info: add, warn: add, error: add };
  const schedule = startSchedule({
    expression: options.expression,
    timezone: options.timezone ?? "UTC",
    jitterMs: options.jitterMs ?? 0,
    projects: options.projects ?? (async () => ["db", "web"]),
    enqueue: (trigger) => triggers.push({ ...trigger, at: Date.now() - START }),
    clock,
    log,
  });
  running.push(schedule);
  return { schedule, triggers, lines };
}

describe("the schedule", () => {
  it("must enqueue every project at each tick, asking the registries and forcing nothing", async () => {
    const { triggers } = start({ expression: "*/5 * * * *" });
    await vi.advanceTimersByTimeAsync(149_000);
    expect(triggers).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(triggers.map(({ at: _, ...trigger }) => trigger)).toEqual([
      { project: "db", cause: "schedule", refresh: true, force: false },
      { project: "web", cause: "schedule", refresh: true, force: false },
    ]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(triggers).toHaveLength(6);
  });

  it("must let each project wait its own part of the jitter", async () => {
    const { triggers } = start({ expression: "0 * * * * *", jitterMs: 20_000, random: [0.5, 0.1] });
    await vi.advanceTimersByTimeAsync(55_000);
    expect(triggers.map(({ project, at }) => [project, Math.round(at / 1000)])).toEqual([
      ["web", 32],
      ["db", 40],
    ]);
  });

  it("must not enqueue a project twice whose turn is still ahead at the next tick", async () => {
    const { triggers } = start({
      expression: "*/10 * * * * *",
      jitterMs: 100_000,
      projects: async () => ["web"],
      random: [0.25, 0.9],
    });
    await vi.advanceTimersByTimeAsync(36_000);
    expect(triggers.map(({ at }) => Math.round(at / 1000))).toEqual([35]);
  });

  it("must tell when it ticks next, in its time zone", () => {
    expect(start({ expression: "0 4 * * *", timezone: "Asia/Tokyo" }).schedule.nextAt()).toBe(
      Date.UTC(2026, 10, 21, 19, 0, 0),
    );
    expect(start({ expression: "*/5 * * * *" }).schedule.nextAt()).toBe(Date.UTC(2026, 10, 21, 10, 5, 0));
  });

  it("must go on ticking when the projects cannot be listed once", async () => {
    let calls = 0;
    const projects = async (): Promise<readonly string[]> => {
      calls += 1;
      if (calls === 1) throw new Error("the disk is away");
      return ["web"];
    };
    const { triggers, lines } = start({ expression: "* * * * *", projects });
    await vi.advanceTimersByTimeAsync(120_000);
    expect([triggers.length, lines.length]).toEqual([1, 1]);
  });

  it("must be silent after it was stopped, in the middle of a jitter too", async () => {
    const { schedule, triggers, lines } = start({
      expression: "* * * * *",
      jitterMs: 10_000,
      random: [0.9, 0.9],
    });
    await vi.advanceTimersByTimeAsync(32_000);
    schedule.stop();
    await vi.advanceTimersByTimeAsync(300_000);
    expect([triggers, lines, schedule.nextAt()]).toEqual([[], [], null]);
  });
});

describe("a clock that is set while the schedule runs", () => {
  const YEARS = 56 * 365 * 86_400_000;

  /** How many ticks come within `ms`, the clock having been moved by `jump` first. */
  async function ticksAfter(expression: string, jump: number, ms: number): Promise<number> {
    const { triggers } = start({ expression, projects: async () => ["web"] });
    await vi.advanceTimersByTimeAsync(10_000);
    const before = triggers.length;
    vi.setSystemTime(Date.now() + jump);
    await vi.advanceTimersByTimeAsync(ms);
    return triggers.length - before;
  }

  it.each([
    ["* * * * * *", 30],
    ["*/5 * * * *", 1],
    ["0 4 * * *", 1],
    ["0 0 1 1 *", 1],
  ])("by years forward must bring %s one tick for all that passed, soon", async (expression, ticks) => {
    const seen = await ticksAfter(expression, YEARS, 30_000);
    expect(Math.abs(seen - ticks)).toBeLessThanOrEqual(expression === "* * * * * *" ? 1 : 0);
  });

  it.each([
    ["* * * * * *", 60_000, 30],
    ["*/5 * * * *", 600_000, 1],
    ["0 * * * *", 7_200_000, 1],
  ])("by years back must not keep %s from ticking", async (expression, ms, atLeast) => {
    expect(await ticksAfter(expression, -YEARS, ms)).toBeGreaterThanOrEqual(atLeast);
  });

  it("by seconds again and again must neither stop it nor make a storm", async () => {
    const { triggers } = start({ expression: "*/10 * * * * *", projects: async () => ["web"] });
    for (let n = 0; n < 60; n += 1) {
      await vi.advanceTimersByTimeAsync(5_000);
      vi.setSystemTime(Date.now() + (n % 2 === 0 ? 3_000 : -3_000));
    }
    expect(triggers.length).toBeGreaterThan(20);
    expect(triggers.length).toBeLessThan(50);
  });
});

describe("cron expressions", () => {
  it.each(["*/5 * * * *", "0 4 * * sun", "30 0 4 * * *"])("%s must be accepted", (expression) => {
    expect(isValidCron(expression)).toBe(true);
  });

  it.each(["", "every day", "* * * *", "61 * * * *", "* * * * * * *", "*/0 * * * *", "0 0 30 2 *"])(
    "%j must be refused",
    (expression) => {
      expect(isValidCron(expression)).toBe(false);
    },
  );
});
