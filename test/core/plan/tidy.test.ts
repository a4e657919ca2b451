import { describe, expect, it } from "vitest";
import type { ObservedContainer, Rollout } from "../../../src/core/model/index.ts";
import { plan } from "../../../src/core/plan/index.ts";
import { container, input, retired, service } from "../../support/builders.ts";
import { detailed } from "./detailed.ts";

const web = service("web");
const running = container(web, "2");
const left = retired(container(web, "1"));
const shown = (...args: Parameters<typeof input>) => detailed(plan(input(...args)));

describe("retired containers", () => {
  const older = { ...retired(container(web, "0")), startedAt: 1 };
  const removed = (current: ObservedContainer, rollout: Rollout = { kind: "idle", good: null }) =>
    plan(input([web], { web: "2" }, [current, left], { rollout })).steps.filter(
      (step) => step.kind === "removeContainer",
    ).length;

  it("must go by id once their successor is well, and a failure to remove them must not matter", () => {
    const text = shown([web], { web: "2" }, [running, left, older]);
    expect(shown([web], { web: "2" }, [older, left, running])).toBe(text);
    expect(text).toMatchInlineSnapshot(`
      "1? web removeContainer ref=<web-1 0> name=p-web-1.retired-<web-1 0> : its successor has proved itself
      2? web removeContainer ref=<web-1 1> name=p-web-1.retired-<web-1 1> : its successor has proved itself
      note p-web-1 has 2 retired containers
      p moves "
    `);
  });

  it("must go before anything is made, so that a failure does not lead back past what was proven", () => {
    const kinds = (...args: Parameters<typeof input>) => plan(input(...args)).steps.map((step) => step.kind);
    expect(kinds([web], { web: "3" }, [running, left]).slice(0, 2)).toEqual(["removeContainer", "pullImage"]);
    const ill = { ...running, health: "unhealthy" } as const;
    expect(kinds([web], { web: "3" }, [ill, left])).not.toContain("removeContainer");
    expect(kinds([web], { web: "3" }, [left])).not.toContain("removeContainer");
  });

  it("must stay while their successor is not well", () => {
    expect(removed(running)).toBe(1);
    expect(removed({ ...running, health: "healthy" })).toBe(1);
    expect(removed({ ...running, health: "starting" })).toBe(0);
    expect(removed({ ...running, health: "unhealthy" })).toBe(0);
    expect(removed({ ...running, state: "restarting" })).toBe(0);
  });

  it("must go where their successor is a job that did what it was for", () => {
    const job = service("web", { restart: "no" });
    const ended = container(job, "2", { state: "exited", exitCode: 0 });
    expect(plan(input([job], { web: "2" }, [ended, left])).steps.map((step) => step.kind)).toEqual([
      "removeContainer",
    ]);
  });

  it("must stay while anything is under way", () => {
    const base = { good: "a", to: "b", moved: [], jobs: [] } as const;
    expect(removed(running, { kind: "progressing", ...base })).toBe(0);
    expect(removed(running, { kind: "monitoring", ...base, until: 1 })).toBe(0);
    expect(
      removed(running, { kind: "stalled", good: null, failed: "r", reason: "x", rolledBack: true }),
    ).toBe(0);
  });

  it("must go where a person stopped the successor, and stay where it is held for another reason", () => {
    expect(removed({ ...running, state: "exited", exitCode: 137 })).toBe(1);
    expect(removed({ ...running, state: "paused" })).toBe(1);
    const off = service("web", { update: "off" });
    const dead = container(off, "2", { state: "dead", exitCode: 1 });
    expect(plan(input([off], { web: "3" }, [dead, left])).steps).toEqual([]);
    expect(plan(input([off], { web: "3" }, [running, left])).steps.map((step) => step.kind)).toEqual([
      "removeContainer",
    ]);
  });

  it("must stay while their successor is only being made", () => {
    expect(removed({ ...running, state: "created", startedAt: null })).toBe(0);
  });
});

describe("containers nobody wants", () => {
  const old = service("old");

  it("beyond the replicas must be stopped where they run and removed, by name", () => {
    const third = container(web, "2", { number: 3, state: "exited" });
    const second = container(web, "2", { number: 2, stopGraceMs: 2000 });
    expect(shown([web], { web: "2" }, [third, second, running])).toMatchInlineSnapshot(`
      "1? web stopContainer ref=<web-2 2> name=p-web-2 graceMs=2000 : only 1 wanted
      2? web removeContainer ref=<web-2 2> name=p-web-2 <- 1 : only 1 wanted
      3? web removeContainer ref=<web-3 2> name=p-web-3 : only 1 wanted
      p moves "
    `);
  });

  it("of services that are gone must be removed only where that is asked for", () => {
    const there = [running, container(old, "1")];
    expect(shown([web], { web: "2" }, there, { orphans: "remove" })).toMatchInlineSnapshot(`
      "1? old stopContainer ref=<old-1 1> name=p-old-1 graceMs=null : orphans: remove
      2? old removeContainer ref=<old-1 1> name=p-old-1 <- 1 : orphans: remove
      p moves "
    `);
    expect(shown([web], { web: "2" }, there)).toBe(
      "note p-old-1 is an orphan: no service old in the file\np moves ",
    );
  });

  it("of a service that a profile switched off must stay, but not what is beyond the replicas of another", () => {
    const given = input(
      [web],
      { web: "2" },
      [running, container(old, "1"), container(web, "2", { number: 2 })],
      {
        orphans: "remove",
      },
    );
    const made = plan({ ...given, desired: { ...given.desired, disabledServices: ["old", "web"] } });
    expect(made.steps.map((step) => step.service)).toEqual(["web", "web"]);
  });
});
