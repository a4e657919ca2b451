import { describe, expect, it } from "vitest";
import type { ObservedContainer, Rollout } from "../../src/core/model/index.ts";
import { monitorMsOf, watch } from "../../src/reconcile/watch.ts";
import { Windows } from "../../src/reconcile/windows.ts";
import { container, observed, project, retired, service } from "../support/builders.ts";

const web = service("web");
const job = service("job", { restart: "no" });
const WINDOW = 30_000;
type Monitoring = Extract<Rollout, { kind: "monitoring" }>;
const state: Monitoring = {
  kind: "monitoring",
  good: "g",
  to: "r",
  moved: ["web"],
  jobs: [],
  until: 0,
};

function seen(containers: readonly ObservedContainer[], openMs: number, parts: Partial<Monitoring> = {}) {
  return watch({ ...state, ...parts }, observed(containers), {
    openMs,
    monitorMs: WINDOW,
    healthTimeoutMs: 60_000,
    actionOf: (name) => (name === "lax" ? "continue" : "rollback"),
  });
}

describe("the monitor window", () => {
  it("must be waited for, looked at at least each second, and end in proof", () => {
    expect(seen([container(web, "2")], WINDOW - 5000)).toEqual({ kind: "wait", ms: 1000 });
    expect(seen([container(web, "2")], WINDOW - 300)).toEqual({ kind: "wait", ms: 300 });
    expect(seen([container(web, "2")], WINDOW)).toEqual({ kind: "proven" });
  });

  it("must be measured from its first look, whatever the clock shows, and anew for the next rollout", () => {
    const windows = new Windows();
    expect(windows.openMs("web", "r1 5", 1000)).toBe(0);
    expect(windows.openMs("web", "r1 5", 21_000)).toBe(20_000);
    expect(windows.openMs("db", "r1 5", 21_000)).toBe(0);
    expect(windows.openMs("web", "r2 9", 22_000)).toBe(0);
    windows.close("web");
    expect(windows.openMs("web", "r2 9", 23_000)).toBe(0);
  });

  it.each([
    ["restarts", { restartCount: 1 }],
    ["is unhealthy", { health: "unhealthy" }],
    ["ends with an error where the engine leaves it", { state: "exited", exitCode: 3, restartPolicy: "no" }],
  ] as const)("must fail at once when a moved container %s", (_what, parts) => {
    expect(seen([container(web, "2", parts)], WINDOW - 5000)).toMatchObject({
      kind: "failed",
      service: "web",
      reason: expect.stringContaining("p-web-1"),
    });
  });

  it("must not fail for what a person paused or stopped, for retired ones, others, or where failures count not", () => {
    const lax = service("lax");
    const fine = [
      container(web, "2", { state: "exited", exitCode: 137 }),
      retired(container(web, "1")),
      container(service("other"), "1", { health: "unhealthy" }),
      container(lax, "1", { health: "unhealthy" }),
    ];
    expect(seen(fine, WINDOW, { moved: ["web", "lax"] })).toEqual({ kind: "proven" });
    expect(seen([container(web, "2", { state: "paused" })], WINDOW)).toEqual({ kind: "proven" });
  });

  it("must take a job's end with code 0 for well, and only a job's", () => {
    const ended = container(job, "2", { state: "exited", exitCode: 0 });
    expect(seen([ended], WINDOW, { moved: ["job"], jobs: ["job"] })).toEqual({ kind: "proven" });
    expect(seen([ended], WINDOW, { moved: ["job"] })).toMatchObject({ kind: "failed" });
  });

  it("must go on while a health check has not spoken, up to the health timeout", () => {
    const starting = [container(web, "2", { health: "starting" })];
    expect(seen(starting, WINDOW + 59_999)).toEqual({ kind: "wait", ms: 1000 });
    expect(seen(starting, WINDOW + 60_000)).toMatchObject({ kind: "failed", service: "web" });
  });
});

describe("the length of the window", () => {
  it("must be the longest that a moved service asks for", () => {
    const slow = service("slow", { rollout: { order: null, monitorMs: 9000, failureAction: null } });
    const desired = project([web, slow]);
    expect(monitorMsOf(desired, ["web"], 2000)).toBe(2000);
    expect(monitorMsOf(desired, ["web", "slow"], 2000)).toBe(9000);
    expect(monitorMsOf(desired, [], 2000)).toBe(0);
  });
});
