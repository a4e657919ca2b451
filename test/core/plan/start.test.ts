// What belongs to a start: texts copied before anything is touched, hooks after it, hooks before a stop.
import { describe, expect, it } from "vitest";
import type { ServiceFile, Step } from "../../../src/core/model/index.ts";
import { plan, planRollback, renderPlan } from "../../../src/core/plan/index.ts";
import { container, input, observed, retired, service } from "../../support/builders.ts";

const file = (source: string, mounted: string | null = null): ServiceFile => {
  const target = `/run/secrets/${source}`;
  return { kind: "secret", source, target, mounted, uid: null, gid: null, mode: 0o444 };
};
const files = [file("a"), file("there", "/srv/there"), file("b")];
const hooks = { post_start: [{ command: ["one"] }, { command: ["two"] }], pre_stop: [{ command: ["stop"] }] };
const web = service("web", { files, spec: { image: "web", ...hooks } });

/** `kind what <- waits`, `?` where the plan goes on when it fails. */
function lines(steps: readonly Step[]): readonly string[] {
  return steps
    .filter((step) => !/Image$/.test(step.kind))
    .map((step) => {
      const after = step.after.length === 0 ? "" : ` <- ${step.after.join(" ")}`;
      return `${step.n} ${step.kind}${step.required ? "" : "?"}${detail(step)}${after}`;
    });
}

function detail(step: Step): string {
  if (step.kind === "copyFile") return ` ${step.file.source} ${step.name}`;
  return step.kind === "runHook" ? ` ${step.hook} ${step.index} ${step.name} ${step.timeoutMs}` : "";
}

const shown = (...args: Parameters<typeof input>) => lines(plan(input(...args)).steps);

describe("a replacement", () => {
  it("must get its texts once it is there and before anything is touched, and its hooks before its gate", () => {
    expect(shown([web], { web: "2" }, [container(web, "1")])).toEqual([
      "4 createContainer <- 3",
      "5 copyFile a p-web-1.next <- 4",
      "6 copyFile b p-web-1.next <- 5",
      "7 renameContainer <- 6",
      "8 renameContainer <- 6 7",
      "9 setRestartPolicy <- 7 8",
      "10 stopContainer <- 8 9",
      "11 startContainer <- 8 10",
      "12 runHook post_start 0 p-web-1 300000 <- 11",
      "13 runHook post_start 1 p-web-1 300000 <- 12",
      "14 awaitHealthy <- 13",
    ]);
  });

  it("start-first must run its hooks before the old one is touched", () => {
    const kinds = plan(input([web], { web: "2" }, [container(web, "1")], { order: "start-first" }))
      .steps.map((step) => step.kind)
      .filter((kind) => !/Image$/.test(kind));
    const [create, copy, alsoCopy, start, hook, alsoHook, gate, first] = kinds;
    expect([create, copy, alsoCopy]).toEqual(["createContainer", "copyFile", "copyFile"]);
    expect([start, hook, alsoHook, gate]).toEqual(["startContainer", "runHook", "runHook", "awaitHealthy"]);
    expect(first).toBe("renameContainer");
  });

  it("must be copied to anew when it is there already, but not when it runs", () => {
    const next = container(web, "2", { name: "p-web-1.next", state: "created", startedAt: null });
    const old = container(web, "1");
    expect(shown([web], { web: "2" }, [old, next]).slice(0, 3)).toEqual([
      "1 copyFile a p-web-1.next",
      "2 copyFile b p-web-1.next <- 1",
      "3 renameContainer <- 2",
    ]);
    const running = { ...next, state: "running", startedAt: 5 } as const;
    const again = shown([web], { web: "2" }, [old, running], { order: "start-first" });
    expect(again.filter((line) => line.includes("copyFile"))).toEqual([]);
    expect(again.filter((line) => line.includes("runHook"))).toHaveLength(2);
  });

  it("must run its hooks again where a rollout that was cut off had started it, unless it has ended", () => {
    const rollout = { kind: "progressing", good: null, to: "r", moved: ["web"], jobs: [] } as const;
    const there = [retired(container(web, "1")), container(web, "2")];
    expect(shown([web], { web: "2" }, there, { rollout })).toEqual([
      "1 runHook post_start 0 p-web-1 300000",
      "2 runHook post_start 1 p-web-1 300000 <- 1",
      "3 awaitHealthy <- 2",
    ]);
    const ended = container(web, "2", { state: "exited", exitCode: 1, startedAt: 9000 });
    expect(shown([web], { web: "2" }, [retired(container(web, "1")), ended], { rollout })).toEqual([
      "1 awaitHealthy",
    ]);
  });
});

describe("a container that is only started or stopped", () => {
  it("must get its texts and hooks when it is started again", () => {
    const stopped = container(web, "1", { state: "exited", exitCode: 1 });
    expect(shown([web], { web: "1" }, [stopped], { force: true })).toEqual([
      "1 copyFile a p-web-1",
      "2 copyFile b p-web-1 <- 1",
      "3 startContainer <- 2",
      "4 runHook post_start 0 p-web-1 300000 <- 3",
      "5 runHook post_start 1 p-web-1 300000 <- 4",
      "6 awaitHealthy <- 5",
    ]);
  });

  it("must be prepared before it stops when it follows a dependency that was replaced", () => {
    const db = service("db");
    const dependsOn = [
      { service: "db", condition: "service_started", restart: true, required: true },
    ] as const;
    const follower = service("web", { ...web, dependsOn });
    const there = [container(db, "1"), container(follower, "1")];
    const found = shown([db, follower], { db: "2", web: "1" }, there).slice(-8);
    expect(found.map((line) => line.replace(/^\d+ /, "").replace(/ <-.*/, ""))).toEqual([
      "copyFile a p-web-1",
      "copyFile b p-web-1",
      "runHook pre_stop 0 p-web-1 300000",
      "stopContainer",
      "startContainer",
      "runHook post_start 0 p-web-1 300000",
      "runHook post_start 1 p-web-1 300000",
      "awaitHealthy",
    ]);
  });

  it("must run its hook before it is removed as surplus, if it runs, and no orphan has any", () => {
    const surplus = container(web, "1", { number: 2 });
    expect(shown([web], { web: "1" }, [container(web, "1"), surplus])).toEqual([
      "1 runHook? pre_stop 0 p-web-2 300000",
      "2 stopContainer? <- 1",
      "3 removeContainer? <- 2",
    ]);
    const paused = { ...surplus, state: "paused" } as const;
    const orphan = container(service("old", { spec: web.spec }), "1");
    const kinds = shown([web], { web: "1" }, [container(web, "1"), paused, orphan], { orphans: "remove" });
    expect(kinds.filter((line) => line.includes("runHook"))).toEqual([]);
    expect(kinds.filter((line) => line.includes("removeContainer"))).toHaveLength(2);
  });
});

describe("the way back", () => {
  it("must copy nothing, and run the good revision's hooks without depending on them", () => {
    const there = [retired(container(web, "1")), container(web, "2", { health: "unhealthy" })];
    const parts = { order: [], moved: [], fresh: [], jobs: [], good: new Map(), restart: new Map() };
    const back = (
      services: ReadonlyMap<string, typeof web>,
      jobs: readonly string[] = [],
      containers = there,
    ) =>
      lines(
        planRollback({
          ...parts,
          jobs,
          observed: observed(containers),
          startFirst: new Set(),
          restarts: new Map(),
          services,
          healthTimeoutMs: 60_000,
          reason: "it failed",
        }).steps,
      );
    const good = new Map([["web", web]]);
    expect(back(good)).toEqual([
      "1 stopContainer",
      "2 removeContainer",
      "3 renameContainer",
      "4 startContainer",
      "5 setRestartPolicy",
      "7 runHook? post_start 0 p-web-1 60000 <- 4",
      "8 runHook? post_start 1 p-web-1 60000 <- 7",
      "9 awaitHealthy?",
    ]);
    expect(back(new Map()).filter((line) => line.includes("runHook"))).toEqual([]);
    const stillUp = [{ ...retired(container(web, "1")), state: "running" as const }, container(web, "2")];
    expect(back(good, [], stillUp).filter((line) => line.includes("runHook"))).toEqual([]);
    expect(back(good, ["web"]).filter((line) => line.includes("runHook"))).toEqual([]);
  });

  it("must run the hooks of what it restarts because it hangs on what went back", () => {
    const vpn = service("vpn");
    const old = retired(container(vpn, "1"));
    const follower = container(web, "1", { sharedWith: [old.id] });
    const { steps } = planRollback({
      observed: observed([old, container(vpn, "2"), follower]),
      order: ["vpn", "web"],
      moved: ["vpn"],
      fresh: [],
      jobs: [],
      good: new Map(),
      restart: new Map(),
      startFirst: new Set(),
      restarts: new Map(),
      services: new Map([["web", web]]),
      healthTimeoutMs: 60_000,
      reason: "it failed",
    });
    const own = steps.filter((step) => step.service === "web").map((step) => step.kind);
    expect(own).toEqual(["stopContainer", "startContainer", "runHook", "runHook", "awaitHealthy"]);
  });
});

describe("the plan's text", () => {
  it("must name files and hooks, and no command", () => {
    const text = renderPlan(plan(input([web], { web: "2" }, [container(web, "1")])));
    expect(text).toContain("copyFile          secret a to p-web-1.next:/run/secrets/a <- #4");
    expect(text).toContain("runHook          p-web-1, post_start 2, 300 s <- #12");
    expect(text).not.toContain("two");
  });
});
