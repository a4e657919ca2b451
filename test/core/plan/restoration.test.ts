import { describe, expect, it } from "vitest";
import type { ObservedContainer } from "../../../src/core/model/index.ts";
import { planRollback } from "../../../src/core/plan/index.ts";
import { container, observed, retired, service } from "../../support/builders.ts";
import { detailed } from "./detailed.ts";

const web = service("web");
const db = service("db");
const old = container(web, "1");
const failed = container(web, "2", { health: "unhealthy", stopGraceMs: 4000 });

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
    healthTimeoutMs: 60_000,
    reason: "it failed",
    ...parts,
  });
}

const shown = (...args: Parameters<typeof back>) => detailed(back(...args));
const kinds = (...args: Parameters<typeof back>) =>
  back(...args).steps.map((step) => `${step.service} ${step.kind}`);
const renames = (...args: Parameters<typeof back>) =>
  back(...args).steps.flatMap((step) => (step.kind === "renameContainer" ? [step.from] : []));

describe("what goes back", () => {
  it("must be every service that moved, each stopped, removed, named, started and looked at", () => {
    const there = [failed, retired(old), container(db, "2"), retired(container(db, "1"))];
    expect(shown(there)).toMatchInlineSnapshot(`
      "1 db stopContainer ref=<db-1 2> name=p-db-1 graceMs=null : it failed
      2 db removeContainer ref=<db-1 2> name=p-db-1 : it failed
      3 db renameContainer ref=<db-1 1> from=p-db-1.retired-<db-1 1> to=p-db-1 : back to what worked: it failed
      4 db startContainer ref=<db-1 1> name=p-db-1 : back to what worked: it failed
      5 db setRestartPolicy ref=<db-1 1> name=p-db-1 policy=unless-stopped : back to what worked: it failed
      6? db tagImage image=<config db 1> reference=reg:5000/db:latest : the tag means what runs here
      7? db awaitHealthy ref=<db-1 1> name=p-db-1 timeoutMs=60000 settleMs=0 mayComplete=false : the old one should be well again
      8 web stopContainer ref=<web-1 2> name=p-web-1 graceMs=4000 : it failed
      9 web removeContainer ref=<web-1 2> name=p-web-1 : it failed
      10 web renameContainer ref=<web-1 1> from=p-web-1.retired-<web-1 1> to=p-web-1 : back to what worked: it failed
      11 web startContainer ref=<web-1 1> name=p-web-1 : back to what worked: it failed
      12 web setRestartPolicy ref=<web-1 1> name=p-web-1 policy=unless-stopped : back to what worked: it failed
      13? web tagImage image=<config web 1> reference=reg:5000/web:latest : the tag means what runs here
      14? web awaitHealthy ref=<web-1 1> name=p-web-1 timeoutMs=60000 settleMs=0 mayComplete=false : the old one should be well again
      p moves db web"
    `);
  });

  it("must go in the order of the services, those without one at the end, by name", () => {
    const of = (name: string, number = 1) => {
      const one = container(service(name), "1", { number });
      return [retired(one), container(service(name), "2", { number })];
    };
    const there = [...of("zoo"), ...of("web"), ...of("db", 2), ...of("db"), ...of("api")];
    const order = (services: readonly string[], list = there) =>
      back(list, { order: services }).steps.flatMap((step) =>
        step.kind === "renameContainer" ? [step.to] : [],
      );
    for (const list of [there, [...there].reverse()]) {
      expect(order(["web", "db"], list)).toEqual(["p-web-1", "p-db-1", "p-db-2", "p-api-1", "p-zoo-1"]);
      expect(order([], list)).toEqual(["p-api-1", "p-db-1", "p-db-2", "p-web-1", "p-zoo-1"]);
    }
    expect(back(there, { order: ["web", "db"] }).moved).toEqual(["api", "db", "web", "zoo"]);
  });

  it("must be the container of the good revision, else the one that ran last", () => {
    const older = { ...retired(container(web, "0")), startedAt: 1 };
    const good = (definitionHash: string, version: string) =>
      new Map([["web", { definitionHash, platformDigest: container(web, version).platformDigest }]]);
    for (const there of [
      [failed, retired(old), older],
      [older, retired(old), failed],
    ]) {
      expect(renames(there)).toEqual([retired(old).name]);
      expect(renames(there, { good: good("v1:web", "0") })).toEqual([older.name]);
      expect(renames(there, { good: good("v1:x", "0") })).toEqual([retired(old).name]);
      expect(renames(there, { good: good("v1:web", "3") })).toEqual([retired(old).name]);
    }
    const other = { ...older, definitionHash: "v1:o" };
    expect(renames([failed, retired(old), other], { good: good("v1:o", "0") })).toEqual([other.name]);
    const twin = { ...older, id: `0${older.id.slice(1)}`, startedAt: null };
    const first = { ...twin, name: `p-web-1.retired-${twin.id.slice(0, 12)}` };
    const second = { ...older, startedAt: null };
    expect(renames([second, first])).toEqual([
      [first, second].sort((a, b) => (a.id < b.id ? -1 : 1))[0]?.name,
    ]);
    expect(renames([first, second])).toEqual(renames([second, first]));
  });

  it("must take everything of ours away that took its place, by name, and nothing else", () => {
    const next = container(web, "3", { name: "p-web-1.next", state: "created" });
    const theirs = container(web, "0", { name: "abc", definitionHash: null });
    const text = shown([next, theirs, failed, retired(old)]);
    expect(shown([failed, retired(old), theirs, next])).toBe(text);
    expect(text.split("\n").filter((line) => /stopContainer|remove/.test(line))).toMatchInlineSnapshot(`
      [
        "1 web stopContainer ref=<web-1 2> name=p-web-1 graceMs=4000 : it failed",
        "2 web removeContainer ref=<web-1 2> name=p-web-1 : it failed",
        "3 web removeContainer ref=<web-1 3> name=p-web-1.next : it failed",
      ]
    `);
  });

  it("must get the policy of its label, else that of the file, else none", () => {
    const policies = (container: ObservedContainer, parts: Parts = {}) =>
      back([failed, container], parts).steps.flatMap((step) =>
        step.kind === "setRestartPolicy" ? [step.policy] : [],
      );
    const restart = new Map([["web", "always"]]);
    expect(policies(retired(old), { restart })).toEqual(["unless-stopped"]);
    expect(policies({ ...retired(old), labels: {} }, { restart })).toEqual(["always"]);
    expect(policies({ ...retired(old), labels: {} })).toEqual([]);
    expect(policies({ ...retired(old), labels: {}, restartPolicy: "always" })).toEqual(["no"]);
    expect(policies({ ...retired(old), restartPolicy: "unless-stopped" })).toEqual([]);
  });

  it("must not be tagged where it was asked for by its digest", () => {
    const byDigest = { ...retired(old), imageReference: `reg:5000/web@${old.imageId}` };
    expect(kinds([failed, byDigest])).not.toContain("web tagImage");
    expect(kinds([failed, { ...byDigest, imageReference: old.imageId }])).not.toContain("web tagImage");
  });

  it("must be named again but neither started nor looked at where it is a job", () => {
    expect(kinds([failed, retired(old)], { jobs: ["web"] })).toEqual([
      "web stopContainer",
      "web removeContainer",
      "web renameContainer",
      "web setRestartPolicy",
      "web tagImage",
    ]);
  });
});

describe("what does not go back", () => {
  const next = container(web, "2", { name: "p-web-1.next" });

  it("must be an old one in its place: only the replacement goes", () => {
    expect(shown([next, old])).toMatchInlineSnapshot(`
      "1 web stopContainer ref=<web-1 2> name=p-web-1.next graceMs=null : it failed
      2 web removeContainer ref=<web-1 2> name=p-web-1.next : it failed
      p moves web"
    `);
  });

  it("must be a replacement that is all there is, unless it is of a new service", () => {
    expect(kinds([next])).toEqual([]);
    expect(kinds([next], { fresh: ["web"] })).toEqual(["web stopContainer", "web removeContainer"]);
  });

  it("must be a new service: all of ours of it go, and nobody else's", () => {
    const fresh = { fresh: ["web"] };
    const theirs = { ...failed, id: "0", name: "abc", definitionHash: null };
    expect(shown([failed], fresh)).toMatchInlineSnapshot(`
      "1 web stopContainer ref=<web-1 2> name=p-web-1 graceMs=4000 : it failed
      2 web removeContainer ref=<web-1 2> name=p-web-1 : it failed
      p moves web"
    `);
    expect(kinds([theirs], fresh)).toEqual([]);
    expect(kinds([theirs, { ...failed, state: "exited" }], fresh)).toEqual(["web removeContainer"]);
    expect(kinds([failed], { fresh: ["db"] })).toEqual([]);
    expect(back([old, container(db, "1")], { fresh: ["db"] }).moved).toEqual(["db"]);
  });
});

describe("host ports on the way back", () => {
  const dbOld = { ...retired(container(db, "1")), hostPorts: [":81/tcp", ":80/tcp"] };
  const dbNew = container(db, "2", { hostPorts: [] });
  const webNew = (ports: readonly string[]) => ({ ...failed, hostPorts: ports });
  const stops = (there: readonly ObservedContainer[]) =>
    kinds(there, { order: ["db", "web"] }).filter((kind) => /stopContainer|startContainer/.test(kind));

  it("must be free before their owner starts, and what holds them is stopped once", () => {
    expect(stops([webNew([":90/tcp", "10.0.0.1:80/tcp"]), retired(old), dbNew, dbOld])).toEqual([
      "db stopContainer",
      "web stopContainer",
      "db startContainer",
      "web startContainer",
    ]);
  });

  it("must not be freed by what holds others", () => {
    expect(stops([webNew([":90/tcp"]), retired(old), dbNew, dbOld])).toEqual([
      "db stopContainer",
      "db startContainer",
      "web stopContainer",
      "web startContainer",
    ]);
  });

  it("must not be freed for a service of which nothing comes back", () => {
    const there = [webNew([":80/tcp"]), retired(old), container(db, "2", { hostPorts: [":80/tcp"] })];
    expect(
      kinds(there, { order: ["db", "web"], fresh: ["db"] }).filter((kind) => kind.includes("stop")),
    ).toEqual(["db stopContainer", "web stopContainer"]);
    expect(kinds(there, { order: ["db", "web"], fresh: ["db"] })[1]).toBe("db removeContainer");
  });
});

describe("what hangs on what goes back", () => {
  const inside = container(service("api"), "1", { sharedWith: [old.id], stopGraceMs: 7000 });
  const follows = (...args: Parameters<typeof back>) =>
    detailed(back(...args))
      .split("\n")
      .filter((line) => line.includes(" api "));

  it("must be started anew at the end, with its own grace", () => {
    expect(follows([inside, failed, retired(old)])).toMatchInlineSnapshot(`
      [
        "8 api stopContainer ref=<api-1 1> name=p-api-1 graceMs=7000 : web was started again",
        "9 api startContainer ref=<api-1 1> name=p-api-1 <- 8 : web was started again",
        "10? api awaitHealthy ref=<api-1 1> name=p-api-1 timeoutMs=60000 settleMs=0 mayComplete=false <- 9 : web was started again",
      ]
    `);
  });

  it("must be left alone where it goes back itself, is taken away, or nothing was started", () => {
    expect(follows([inside, failed, retired(old)], { jobs: ["web"] })).toEqual([]);
    expect(follows([inside, failed, retired(old)], { fresh: ["api"] }).join("\n")).not.toContain(
      "was started",
    );
    const apiBack = [retired(inside), container(service("api"), "2", { sharedWith: [old.id] })];
    expect(follows([...apiBack, failed, retired(old)]).join("\n")).not.toContain("was started");
    const up: ObservedContainer = { ...retired(inside), state: "running" };
    expect(follows([up, failed, retired(old)]).join("\n")).not.toContain("was started");
  });

  it("must be started anew after one that started later, in the order of services and by name", () => {
    const owner = { ...old, startedAt: 2000 };
    const twin = { ...inside, id: "f", name: "p-aaa-1", service: "aaa" };
    const names = (order: readonly string[], there: readonly ObservedContainer[]) =>
      back(there, { order }).steps.flatMap((step) => (step.kind === "startContainer" ? [step.name] : []));
    expect(names([], [inside, twin, owner])).toEqual(["p-aaa-1", "p-api-1"]);
    expect(names([], [twin, inside, owner])).toEqual(["p-aaa-1", "p-api-1"]);
    expect(names(["api"], [twin, inside, owner])).toEqual(["p-api-1", "p-aaa-1"]);
    expect(names([], [{ ...inside, startedAt: null }, owner])).toEqual(["p-api-1"]);
    expect(names([], [inside, { ...owner, startedAt: null }])).toEqual([]);
    expect(names([], [inside, { ...owner, startedAt: inside.startedAt }])).toEqual([]);
    expect(names([], [inside, { ...owner, state: "exited" }])).toEqual([]);
    expect(names([], [container(service("api"), "1"), owner])).toEqual([]);
  });
});
