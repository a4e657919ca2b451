// What only has to be started comes before anything is made, unless it waits for something itself.
import { describe, expect, it } from "vitest";
import type { Dependency, ObservedContainer, Step } from "../../../src/core/model/index.ts";
import { plan } from "../../../src/core/plan/index.ts";
import { container, input, retired, service } from "../../support/builders.ts";

const stopped = { state: "exited", exitCode: 137 } as const;
const fresh = service("new");
const web = service("web");
const asked = { force: true };

const needs = (
  name: string,
  condition: Dependency["condition"] = "service_started",
): readonly Dependency[] => [{ service: name, condition, restart: false, required: true }];

/** `kind service` of every step that makes, starts or proves something. */
function order(...given: Parameters<typeof input>): readonly string[] {
  const shown = (step: Step) => /^(create|copy|run|start|await)/.test(step.kind);
  return plan(input(...given))
    .steps.filter(shown)
    .map((step) => `${step.kind} ${step.service}`);
}

const MADE = ["createContainer new", "startContainer new", "awaitHealthy new"];
const LAST = [
  "createContainer new",
  "startContainer new",
  "awaitHealthy new",
  "startContainer web",
  "awaitHealthy web",
];

describe("a service that only has to be started", () => {
  const old = container(web, "1", stopped);

  it("must be up and proven before anything is made, whatever the order of names", () => {
    const first = ["startContainer web", "awaitHealthy web"];
    expect(order([fresh, web], { new: "1", web: "1" }, [old], asked)).toEqual([...first, ...MADE]);
    const plain = plan(input([fresh, web], { new: "1", web: "1" }, [old], asked));
    expect(plain.steps[0]).toMatchObject({ kind: "startContainer", n: 1, after: [], name: "p-web-1" });
    expect(plain.moved).toEqual(["new", "web"]);
  });

  it("must get its texts before and its hooks after its start, each once", () => {
    const file = {
      kind: "secret",
      source: "s",
      target: "/s",
      mounted: null,
      uid: null,
      gid: null,
      mode: 0,
    } as const;
    const hooked = service("web", {
      files: [file],
      spec: { image: "web", post_start: [{ command: ["x"] }] },
    });
    const there = [container(hooked, "1", stopped)];
    expect(order([fresh, hooked], { new: "1", web: "1" }, there, asked)).toEqual([
      ...["copyFile web", "startContainer web", "runHook web", "awaitHealthy web"],
      ...MADE,
    ]);
  });

  it("must come with what it depends on or joins, where that only has to be started too", () => {
    const db = service("db");
    const joining = service("web", { dependsOn: needs("db", "service_healthy"), sharesWith: ["db"] });
    const dbNow = container(db, "1", stopped);
    const there = [dbNow, container(joining, "1", { ...stopped, sharedWith: [dbNow.id] })];
    expect(order([fresh, joining, db], { new: "1", web: "1", db: "1" }, there, asked)).toEqual([
      ...["startContainer db", "awaitHealthy db", "startContainer web", "awaitHealthy web"],
      ...MADE,
    ]);
  });

  it("must follow what it depends on where that has to be made", () => {
    const dependent = service("web", { dependsOn: needs("new") });
    expect(
      order([fresh, dependent], { new: "1", web: "1" }, [container(dependent, "1", stopped)], asked),
    ).toEqual(LAST);
  });

  it.each<[string, Dependency["condition"], Partial<ObservedContainer>, boolean]>([
    ["runs", "service_started", {}, true],
    ["is healthy", "service_healthy", { health: "healthy" }, true],
    ["is not healthy yet", "service_healthy", { health: "starting" }, false],
    ["has done its work", "service_completed_successfully", { state: "exited" }, true],
    ["is still at work", "service_completed_successfully", {}, false],
  ])("must start at once where what it depends on stays and %s (%s)", (_words, condition, db, first) => {
    const provider = service("db", { restart: "no" });
    const dependent = service("web", { dependsOn: needs("db", condition) });
    const there = [container(provider, "1", db), container(dependent, "1", stopped)];
    const steps = order([fresh, dependent, provider], { new: "1", web: "1", db: "1" }, there, asked);
    expect(steps.indexOf("startContainer web") < steps.indexOf("createContainer new")).toBe(first);
  });

  it("must keep its place where the engine could not start it, or where it failed before", () => {
    const refused = container(web, "1", { ...stopped, error: "port is already allocated" });
    expect(order([fresh, web], { new: "1", web: "1" }, [refused], asked)).toEqual(LAST);
    const rollout = {
      kind: "stalled",
      good: null,
      failed: "r",
      reason: "it failed",
      rolledBack: false,
    } as const;
    expect(order([fresh, web], { new: "1", web: "1" }, [old], { ...asked, rollout })).toEqual(LAST);
  });

  it("must keep its place where another one's old container has its port, or its own is to be retired", () => {
    const hostPorts = [":80/tcp"];
    const taker = service("web", { hostPorts });
    const holder = container(fresh, "1", { hostPorts });
    const there = [holder, container(taker, "1", stopped)];
    const steps = order([fresh, taker], { new: "2", web: "1" }, there, asked);
    expect(steps.indexOf("startContainer web")).toBeGreaterThan(steps.indexOf("createContainer new"));
    const up: ObservedContainer = { ...retired(container(web, "0")), state: "running" };
    const begun = order([fresh, web], { new: "1", web: "1" }, [container(web, "1", stopped), up], asked);
    expect(begun.indexOf("startContainer web")).toBeGreaterThan(begun.indexOf("createContainer new"));
  });

  it("must keep its place where a rollout that was cut off has still to prove what it depends on", () => {
    const db = service("db");
    const dependent = service("web", { dependsOn: needs("db") });
    const rollout = {
      kind: "progressing",
      good: null,
      to: "r",
      moved: ["db", "new", "web"],
      jobs: [],
    } as const;
    const there = [container(db, "1"), container(dependent, "1", { state: "created", startedAt: null })];
    const steps = order([fresh, dependent, db], { new: "1", web: "1", db: "1" }, there, { rollout });
    expect(steps.indexOf("startContainer web")).toBeGreaterThan(steps.indexOf("awaitHealthy db"));
    expect(steps.indexOf("startContainer web")).toBeGreaterThan(steps.indexOf("createContainer new"));
  });

  it("must follow whom it joins where that one has still to take its place", () => {
    const vpn = service("vpn");
    const guest = service("web", { sharesWith: ["vpn"] });
    const next = container(vpn, "2", { name: "p-vpn-1.next", state: "created", startedAt: null });
    const joined = container(guest, "1", { state: "created", startedAt: null, sharedWith: [next.id] });
    const there = [container(vpn, "1"), next, joined];
    expect(order([fresh, guest, vpn], { new: "1", web: "1", vpn: "2" }, there, asked)).toEqual([
      ...MADE,
      ...["startContainer vpn", "awaitHealthy vpn", "startContainer web", "awaitHealthy web"],
    ]);
  });

  it("must come in its turn where nothing is made", () => {
    const next = container(fresh, "2", { name: "p-new-1.next", state: "created", startedAt: null });
    const there = [container(fresh, "1"), next, old];
    expect(order([fresh, web], { new: "2", web: "1" }, there, asked)).toEqual([
      ...["startContainer new", "awaitHealthy new", "startContainer web", "awaitHealthy web"],
    ]);
  });
});
