import { describe, expect, it } from "vitest";
import type { ObservedContainer } from "../../../src/core/model/index.ts";
import { planRollback, renderPlan } from "../../../src/core/plan/index.ts";
import { container, observed, retired, service } from "../../support/builders.ts";

const web = service("web");
const old = container(web, "1");
const failed = container(web, "2", { health: "unhealthy" });

type Parts = Partial<Parameters<typeof planRollback>[0]>;

function back(containers: readonly ObservedContainer[], parts: Parts = {}) {
  return planRollback({
    observed: observed(containers),
    order: [],
    moved: [],
    fresh: [],
    jobs: [],
    good: new Map(),
    restart: new Map(),
    startFirst: new Set(),
    restarts: new Map(),
    services: new Map(),
    healthTimeoutMs: 300_000,
    reason: "web is unhealthy",
    ...parts,
  });
}

function kinds(containers: readonly ObservedContainer[], parts: Parts = {}): readonly string[] {
  return back(containers, parts).steps.map((step) => `${step.service} ${step.kind}`);
}

describe("the way back", () => {
  it("must stop and remove what failed, and give the old container its name, its restart policy and its start", () => {
    expect(renderPlan(back([failed, retired(old)])).replace(/ {2,}/g, "  ")).toBe(
      [
        "#1 web stopContainer  p-web-1  : web is unhealthy",
        "#2 web removeContainer  p-web-1  : web is unhealthy",
        `#3 web renameContainer  ${retired(old).name} -> p-web-1  : back to what worked: web is unhealthy`,
        "#4 web startContainer  p-web-1  : back to what worked: web is unhealthy",
        "#5 web setRestartPolicy  p-web-1 unless-stopped  : back to what worked: web is unhealthy",
        `#6 web tagImage  ${old.imageId.slice(7, 19)} as reg:5000/web:latest  : the tag means what runs here`,
        "#7 web awaitHealthy  p-web-1, 300 s  : the old one should be well again",
      ].join("\n"),
    );
  });

  it("must have the old container up before it stops what may run beside it, and then give it its name", () => {
    const startFirst = new Set(["web"]);
    const next = container(web, "2", { name: "p-web-1.next" });
    for (const bad of [failed, next])
      expect(renderPlan(back([bad, retired(old)], { startFirst })).replace(/ {2,}/g, "  ")).toBe(
        [
          `#1 web startContainer  ${retired(old).name}  : back to what worked: web is unhealthy`,
          `#2 web awaitHealthy  ${retired(old).name}, 300 s  : the old one should be well again`,
          `#3 web stopContainer  ${bad.name}  : web is unhealthy`,
          `#4 web removeContainer  ${bad.name}  : web is unhealthy`,
          `#5 web renameContainer  ${retired(old).name} -> p-web-1  : back to what worked: web is unhealthy`,
          "#6 web setRestartPolicy  p-web-1 unless-stopped  : back to what worked: web is unhealthy",
          `#7 web tagImage  ${old.imageId.slice(7, 19)} as reg:5000/web:latest  : the tag means what runs here`,
        ].join("\n"),
      );
    const cutOff = { ...retired(old), state: "running" as const };
    expect(kinds([failed, cutOff], { startFirst })).toEqual([
      "web stopContainer",
      "web removeContainer",
      "web renameContainer",
      "web setRestartPolicy",
      "web tagImage",
      "web awaitHealthy",
    ]);
  });

  it("must lose no time with what is down anyway, whatever may run beside it", () => {
    const down = { ...failed, state: "exited" as const };
    expect(kinds([down, retired(old)], { startFirst: new Set(["web"]) })).toEqual(
      kinds([down, retired(old)]),
    );
  });

  it("must only remove the replacement while the old container still holds its name", () => {
    const next = container(web, "2", { name: "p-web-1.next", state: "created" });
    expect(kinds([old, next])).toEqual(["web removeContainer"]);
  });

  it("must not stop the old container when only its name was taken", () => {
    const named = { ...retired(old), state: "running" as const, restartPolicy: "unless-stopped" };
    const placed = container(web, "2", { state: "created" });
    expect(kinds([placed, named])).toEqual([
      "web removeContainer",
      "web renameContainer",
      "web tagImage",
      "web awaitHealthy",
    ]);
  });

  it("must take the policy from the file where an adopted container has no label", () => {
    const theirs = { ...retired(old), labels: {} };
    const step = back([failed, theirs], { restart: new Map([["web", "always"]]) }).steps.find(
      (s) => s.kind === "setRestartPolicy",
    );
    expect(step?.kind === "setRestartPolicy" && step.policy).toBe("always");
  });

  it("must choose the retired container of the good revision among several", () => {
    const older = { ...retired(container(web, "0")), startedAt: 1 };
    const good = new Map([
      ["web", { definitionHash: web.definitionHash, platformDigest: older.platformDigest }],
    ]);
    const rename = (parts: Parts) =>
      back([failed, retired(old), older], parts).steps.find((s) => s.kind === "renameContainer");
    expect(rename({ good })).toMatchObject({ from: older.name });
    expect(rename({})).toMatchObject({ from: retired(old).name });
  });

  it("must not remove a container that others made", () => {
    const theirs = container(web, "2", { definitionHash: null, name: "abc_p-web-1" });
    expect(kinds([theirs, retired(old)]).filter((k) => k === "web removeContainer")).toEqual([]);
  });

  it("must remove a service that the good revision did not have, and leave it where there is no good revision", () => {
    expect(kinds([failed], { fresh: ["web"] })).toEqual(["web stopContainer", "web removeContainer"]);
    expect(kinds([failed])).toEqual([]);
  });

  it("must put a job back without running it again", () => {
    expect(kinds([failed, retired(old)], { jobs: ["web"] })).not.toContain("web startContainer");
  });

  it("must bring dependencies back first, and free a port before its owner starts", () => {
    const db = service("db", { hostPorts: [":80/tcp"] });
    const dbOld = { ...retired(container(db, "1")), hostPorts: [":80/tcp"] };
    const dbNew = container(db, "2", { hostPorts: [] });
    const webNew = { ...failed, hostPorts: ["0.0.0.0:80/tcp"] };
    const order = kinds([webNew, retired(old), dbNew, dbOld], { order: ["db", "web"] });
    expect(order.indexOf("web stopContainer")).toBeLessThan(order.indexOf("db startContainer"));
    expect(order.indexOf("db startContainer")).toBeLessThan(order.indexOf("web startContainer"));
    expect(order.filter((k) => k === "web stopContainer")).toHaveLength(1);
  });

  it("that was cut off before the start, or before the policy, must be taken to its end", () => {
    const named = { ...retired(old), name: "p-web-1" };
    expect(kinds([named], { moved: ["web"] })).toEqual([
      "web startContainer",
      "web setRestartPolicy",
      "web tagImage",
      "web awaitHealthy",
    ]);
    const started = { ...old, restartPolicy: "no" };
    expect(kinds([started])).toEqual(["web setRestartPolicy", "web tagImage", "web awaitHealthy"]);
  });

  it("of a service that may never restart must be taken to its end by what the good revision ran", () => {
    const once = service("web", { restart: "no" });
    const ended = container(once, "1", { state: "exited", exitCode: 143 });
    const good = new Map([
      ["web", { definitionHash: once.definitionHash, platformDigest: ended.platformDigest }],
    ]);
    expect(kinds([ended], { moved: ["web"], good })).toContain("web startContainer");
    expect(kinds([ended], { good })).toEqual([]);
    expect(kinds([ended], { moved: ["web"], good, jobs: ["web"] })).toEqual([]);
    expect(kinds([{ ...ended, platformDigest: null }], { moved: ["web"], good })).toEqual([]);
    expect(kinds([{ ...ended, definitionHash: null }], { moved: ["web"] })).toContain("web startContainer");
  });

  it("must be empty when nothing was replaced", () => {
    expect(renderPlan(back([old]))).toBe("nothing to do");
  });
});
