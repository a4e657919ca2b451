import { describe, expect, it } from "vitest";
import type { PushHint, Trigger } from "../../../src/core/model/index.ts";
import type { Clock, PushedProjects, PushTarget } from "../../../src/ports/index.ts";
import { PushLooks } from "../../../src/triggers/webhooks/looks.ts";

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const MINUTES = 60_000;

function hint(tag: string): PushHint {
  return { registry: "docker.io", repository: "user/app", tag };
}

/** A clock that stands still until it is told to go on; wakes sleepers in their order. */
function stoppedClock() {
  let now = 0;
  const sleepers: { at: number; wake: () => void; gone: boolean }[] = [];
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    random: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: now + ms, wake: resolve, gone: false };
        sleepers.push(sleeper);
        signal?.addEventListener("abort", () => {
          sleeper.gone = true;
          reject(signal.reason);
        });
      }),
  };
  const waiting = () => sleepers.filter(({ gone }) => !gone);
  return {
    clock,
    sleeping: () => waiting().length,
    async pass(ms: number) {
      const end = now + ms;
      for (;;) {
        await turn();
        const next = waiting().sort((a, b) => a.at - b.at)[0];
        if (next === undefined || next.at > end) break;
        now = Math.max(now, next.at);
        next.gone = true;
        next.wake();
      }
      now = end;
      await turn();
    },
  };
}

/** Tags are used by the services of the same name: `web` and `db` of `one`, `web` of `two`. */
function bench(options: { limit?: number; unread?: boolean } = {}) {
  const time = stoppedClock();
  const looks: { at: number; trigger: Trigger }[] = [];
  const offered = new Map<string, string | null>();
  let unread = options.unread ?? false;
  const all: readonly PushTarget[] = [
    { project: "one", service: "web" },
    { project: "one", service: "db" },
    { project: "two", service: "web" },
  ];
  const projects: PushedProjects = {
    interested: ({ tag }) => (unread ? [] : all.filter(({ service }) => service === tag)),
    hasUnread: () => unread,
    readUnread: async () => {
      await Promise.resolve();
      unread = false;
    },
    offered: ({ project, service }) => offered.get(`${project}/${service}`) ?? null,
  };
  const sink = new PushLooks({
    projects,
    enqueue: (trigger) => void looks.push({ at: time.clock.monotonic(), trigger }),
    clock: time.clock,
    log,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
  });
  const at = (project: string) =>
    looks.filter(({ trigger }) => trigger.project === project).map((one) => one.at);
  const show = (digest: string | null, ...services: string[]) => {
    for (const one of services) offered.set(one, digest);
  };
  return { ...time, sink, looks, at, show };
}

describe("a push", () => {
  it("of what no project uses must be counted and nothing else", async () => {
    const { sink, looks, pass, sleeping } = bench();
    expect(sink.offer(hint("other"))).toBe("unknown");
    await pass(60 * MINUTES);
    expect([looks, sleeping(), sink.last()?.state]).toEqual([[], 0, "unknown"]);
  });

  it("must become one look at each project that uses it, which asks the registry and forces nothing", async () => {
    const { sink, looks, pass } = bench();
    expect(sink.offer(hint("web"))).toBe("taken");
    await pass(1000);
    expect(looks.map(({ trigger }) => trigger)).toEqual([
      { project: "one", cause: "webhook", refresh: true, force: false },
      { project: "two", cause: "webhook", refresh: true, force: false },
    ]);
  });

  it("told twenty times in a burst, of two images, must be one look at a project", async () => {
    const { sink, at, pass } = bench();
    for (let i = 0; i < 20; i++) {
      sink.offer(hint("web"));
      sink.offer(hint("db"));
      await pass(10);
    }
    await pass(1000);
    expect(at("one")).toEqual([250]);
  });

  it("told again and again must be looked for once a second at most, and after the last one", async () => {
    const { sink, at, pass } = bench();
    for (let i = 0; i < 1000; i++) {
      sink.offer(hint("db"));
      await pass(10);
    }
    await pass(1000);
    expect(at("one").length).toBeLessThanOrEqual(11);
    expect(at("one").at(-1)).toBeGreaterThanOrEqual(10_000);
  });
});

describe("while the registry shows nothing new", () => {
  it("more looks must follow with growing pauses for 15 minutes, and then none", async () => {
    const { sink, at, pass, show, sleeping } = bench();
    show("old", "one/db");
    sink.offer(hint("db"));
    await pass(60 * MINUTES);
    const pauses = at("one").map((ms, index, all) => ms - (all[index - 1] ?? 0));
    expect(pauses).toEqual([250, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000]);
    expect([sink.last()?.state, sleeping()]).toEqual(["nothingNew", 0]);
  });

  it("another push must begin it anew", async () => {
    const { sink, at, pass } = bench();
    sink.offer(hint("db"));
    await pass(14 * MINUTES);
    const before = at("one").length;
    sink.offer(hint("db"));
    await pass(8000);
    expect(
      at("one")
        .slice(before)
        .map((ms) => ms - 14 * MINUTES),
    ).toEqual([250, 2250, 6250]);
  });

  it("another service's news must not end the wait for this one", async () => {
    const { sink, at, pass, show } = bench();
    show("old", "one/db", "one/web", "two/web");
    sink.offer(hint("db"));
    sink.offer(hint("web"));
    await pass(1000);
    show("new", "one/web");
    await pass(60_000);
    expect(at("one").length).toBeGreaterThan(4);
  });
});

describe("once the registry shows something new", () => {
  it("no more looks must follow", async () => {
    const { sink, at, pass, show, sleeping } = bench();
    show("old", "one/db");
    sink.offer(hint("db"));
    await pass(5000);
    show("new", "one/db");
    await pass(60 * MINUTES);
    expect(at("one")).toEqual([250, 2250]);
    expect([sink.last(), sleeping()]).toEqual([expect.objectContaining({ state: "arrived" }), 0]);
  });

  it("it must be said at once, before the next look would be due", async () => {
    const { sink, pass, show } = bench();
    show("old", "one/db");
    sink.offer(hint("db"));
    await pass(100);
    show("found by the schedule", "one/db");
    expect(sink.last()?.state).toBe("looking");
    show("old", "one/db");
    await pass(400);
    expect(sink.last()?.state).toBe("looking");
    show("new", "one/db");
    expect(sink.last()?.state).toBe("arrived");
  });

  it("what offers nothing for this board yet must be waited for", async () => {
    const { sink, at, pass, show } = bench();
    show("old", "one/db");
    sink.offer(hint("db"));
    await pass(1000);
    show(null, "one/db");
    await pass(10_000);
    show("new", "one/db");
    await pass(MINUTES);
    expect(at("one")).toEqual([250, 2250, 6250]);
  });

  it("what another look found before the push's own must not stand for it", async () => {
    const { sink, at, pass, show } = bench();
    show("old", "one/db");
    sink.offer(hint("db"));
    show("found by the schedule", "one/db");
    await pass(1000);
    expect(at("one")).toEqual([250]);
  });
});

describe("what is remembered must be bounded", () => {
  it("more projects than the limit must be refused, and those that wait must still be looked at", async () => {
    const { sink, at, pass } = bench({ limit: 1 });
    expect(sink.offer(hint("db"))).toBe("taken");
    expect(sink.offer(hint("web"))).toBe("taken");
    await pass(1000);
    expect([at("one"), at("two")]).toEqual([[250], []]);
    const none = bench({ limit: 0 });
    expect(none.sink.offer(hint("db"))).toBe("full");
    expect(none.sink.last()?.state).toBe("full");
  });

  it("after a stop nothing must be looked at", async () => {
    const { sink, looks, pass, sleeping } = bench();
    sink.offer(hint("web"));
    sink.stop();
    await pass(MINUTES);
    expect([looks, sleeping()]).toEqual([[], 0]);
  });
});

describe("right after the start", () => {
  it("a push must wait until the projects were read, and then be looked for", async () => {
    const { sink, at, pass } = bench({ unread: true });
    expect(sink.offer(hint("db"))).toBe("taken");
    expect(sink.offer(hint("other"))).toBe("taken");
    await pass(1000);
    expect([at("one"), at("two")]).toEqual([[250], []]);
    expect(sink.last()?.state).toBe("unknown");
  });

  it("no more pushes than the limit may wait for that", () => {
    const { sink } = bench({ unread: true, limit: 2 });
    expect(["a", "b", "c", "a"].map((tag) => sink.offer(hint(tag)))).toEqual([
      "taken",
      "taken",
      "full",
      "taken",
    ]);
  });
});
