import { describe, expect, it } from "vitest";
import type { Dependency, DesiredService, ObservedContainer } from "../../../src/core/model/index.ts";
import { plan } from "../../../src/core/plan/index.ts";
import { container, input, retired, service } from "../../support/builders.ts";
import { detailed, detailedSwap } from "./detailed.ts";

const shown = (...args: Parameters<typeof input>) => detailed(plan(input(...args)));
const swaps = (...args: Parameters<typeof input>) => detailedSwap(plan(input(...args)));
const db = service("db");
const dbNow = container(db, "1");

function on(condition: Dependency["condition"], parts: Partial<Dependency> = {}): DesiredService {
  return service("web", {
    dependsOn: [{ service: "db", condition, restart: false, required: true, ...parts }],
  });
}

/** What is waited for before `web` is made where `db` is there as given. */
function waits(dependent: DesiredService, there: ObservedContainer, dbService = db) {
  const { steps } = plan(input([dependent, dbService], { web: "1", db: "1" }, [there]));
  return steps
    .filter((step) => step.kind.startsWith("await") && step.cause !== "health gate")
    .map(
      (step) =>
        `${step.kind} ${step.cause} ${step.required} ${"settleMs" in step ? `${step.settleMs} ${step.mayComplete}` : ""}`,
    );
}

describe("a dependency that is moved too", () => {
  const webNow = container(service("web"), "1");

  it("must be proved before the dependent is touched, each replica of it", () => {
    const two = service("db", { replicas: 2 });
    const there = [webNow, dbNow, container(db, "1", { number: 2 })];
    expect(swaps([on("service_started"), two], { web: "2", db: "2" }, there)).toMatchInlineSnapshot(`
      "7 db createContainer number=1 name=p-db-1.next finalName=p-db-1 image=reg:5000/db:latest at reg:5000/db@<db 2> pinned inherit=<db-1 1> networks=[] shares={} <- 3 : image moved from <db 1> to <db 2>
      8 db createContainer number=2 name=p-db-2.next finalName=p-db-2 image=reg:5000/db:latest at reg:5000/db@<db 2> pinned inherit=<db-2 1> networks=[] shares={} <- 3 : image moved from <db 1> to <db 2>
      9 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web:latest at reg:5000/web@<web 2> pinned inherit=<web-1 1> networks=[] shares={} <- 6 : image moved from <web 1> to <web 2>
      10 db renameContainer ref=<db-1 1> from=p-db-1 to=p-db-1.retired-<db-1 1> <- 7 : kept for the way back
      11 db renameContainer ref=#7 from=p-db-1.next to=p-db-1 <- 7 10 : take the name
      12 db setRestartPolicy ref=<db-1 1> name=p-db-1.retired-<db-1 1> policy=no <- 10 11 : a retired container must not come back by itself
      13 db stopContainer ref=<db-1 1> name=p-db-1.retired-<db-1 1> graceMs=null <- 11 12 : replaced by p-db-1
      14 db startContainer ref=#7 name=p-db-1 <- 11 13 : new revision
      15 db awaitHealthy ref=#7 name=p-db-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 14 : health gate
      16 db renameContainer ref=<db-2 1> from=p-db-2 to=p-db-2.retired-<db-2 1> <- 8 : kept for the way back
      17 db renameContainer ref=#8 from=p-db-2.next to=p-db-2 <- 8 16 : take the name
      18 db setRestartPolicy ref=<db-2 1> name=p-db-2.retired-<db-2 1> policy=no <- 16 17 : a retired container must not come back by itself
      19 db stopContainer ref=<db-2 1> name=p-db-2.retired-<db-2 1> graceMs=null <- 17 18 : replaced by p-db-2
      20 db startContainer ref=#8 name=p-db-2 <- 17 19 : new revision
      21 db awaitHealthy ref=#8 name=p-db-2 timeoutMs=300000 settleMs=0 mayComplete=false <- 20 : health gate
      22 web renameContainer ref=<web-1 1> from=p-web-1 to=p-web-1.retired-<web-1 1> <- 9 15 21 : kept for the way back
      23 web renameContainer ref=#9 from=p-web-1.next to=p-web-1 <- 9 15 21 22 : take the name
      24 web setRestartPolicy ref=<web-1 1> name=p-web-1.retired-<web-1 1> policy=no <- 22 23 : a retired container must not come back by itself
      25 web stopContainer ref=<web-1 1> name=p-web-1.retired-<web-1 1> graceMs=null <- 23 24 : replaced by p-web-1
      26 web startContainer ref=#9 name=p-web-1 <- 23 25 : new revision
      27 web awaitHealthy ref=#9 name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 26 : health gate
      p moves db web"
    `);
  });

  it("must be waited for by its end where it is a job", () => {
    const job = service("db", { restart: "no" });
    const there = [webNow, container(job, "1", { state: "exited" })];
    const dependent = on("service_completed_successfully");
    expect(swaps([dependent, job], { web: "2", db: "2" }, there)).toMatchInlineSnapshot(`
      "7 db createContainer number=1 name=p-db-1.next finalName=p-db-1 image=reg:5000/db:latest at reg:5000/db@<db 2> pinned inherit=<db-1 1> networks=[] shares={} <- 3 : image moved from <db 1> to <db 2>
      8 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web:latest at reg:5000/web@<web 2> pinned inherit=<web-1 1> networks=[] shares={} <- 6 : image moved from <web 1> to <web 2>
      9 db renameContainer ref=<db-1 1> from=p-db-1 to=p-db-1.retired-<db-1 1> <- 7 : kept for the way back
      10 db renameContainer ref=#7 from=p-db-1.next to=p-db-1 <- 7 9 : take the name
      11 db startContainer ref=#7 name=p-db-1 <- 9 10 : new revision
      12 db awaitCompleted ref=#7 name=p-db-1 timeoutMs=300000 <- 11 : others wait for its end
      13 web renameContainer ref=<web-1 1> from=p-web-1 to=p-web-1.retired-<web-1 1> <- 8 12 : kept for the way back
      14 web renameContainer ref=#8 from=p-web-1.next to=p-web-1 <- 8 12 13 : take the name
      15 web setRestartPolicy ref=<web-1 1> name=p-web-1.retired-<web-1 1> policy=no <- 13 14 : a retired container must not come back by itself
      16 web stopContainer ref=<web-1 1> name=p-web-1.retired-<web-1 1> graceMs=null <- 14 15 : replaced by p-web-1
      17 web startContainer ref=#8 name=p-web-1 <- 14 16 : new revision
      18 web awaitHealthy ref=#8 name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 17 : health gate
      p moves db web, jobs db"
    `);
  });
});

describe("a dependency that stays", () => {
  it("must be healthy where that is asked for", () => {
    const cause = "depends on db: service_healthy";
    expect(waits(on("service_healthy"), { ...dbNow, health: "healthy" })).toEqual([]);
    expect(waits(on("service_healthy"), { ...dbNow, health: "starting" })).toEqual([
      `awaitHealthy ${cause} true 0 false`,
    ]);
    expect(waits(on("service_healthy", { required: false }), dbNow)).toEqual([
      `awaitHealthy ${cause} false 0 false`,
    ]);
    expect(waits(on("service_healthy"), { ...dbNow, state: "restarting", health: "healthy" })).toEqual([
      `awaitHealthy ${cause} true 0 false`,
    ]);
  });

  it("must not be waited for where it only has to be started", () => {
    expect(waits(on("service_started"), { ...dbNow, health: "starting" })).toEqual([]);
  });

  it("must have completed where that is asked for", () => {
    const job = service("db", { restart: "no" });
    const jobNow = container(job, "1");
    const dependent = on("service_completed_successfully");
    expect(waits(dependent, { ...jobNow, state: "exited" }, job)).toEqual([]);
    expect(waits(dependent, jobNow, job)).toEqual([
      "awaitCompleted depends on db: service_completed_successfully true ",
    ]);
  });

  it("must be named in the steps that wait for it", () => {
    const there = [container(service("web"), "1"), dbNow];
    expect(swaps([on("service_healthy"), db], { web: "2", db: "1" }, there)).toMatchInlineSnapshot(`
      "4 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web:latest at reg:5000/web@<web 2> pinned inherit=<web-1 1> networks=[] shares={} <- 3 : image moved from <web 1> to <web 2>
      5 web awaitHealthy ref=<db-1 1> name=p-db-1 timeoutMs=300000 settleMs=0 mayComplete=false : depends on db: service_healthy
      6 web renameContainer ref=<web-1 1> from=p-web-1 to=p-web-1.retired-<web-1 1> <- 4 5 : kept for the way back
      7 web renameContainer ref=#4 from=p-web-1.next to=p-web-1 <- 4 5 6 : take the name
      8 web setRestartPolicy ref=<web-1 1> name=p-web-1.retired-<web-1 1> policy=no <- 6 7 : a retired container must not come back by itself
      9 web stopContainer ref=<web-1 1> name=p-web-1.retired-<web-1 1> graceMs=null <- 7 8 : replaced by p-web-1
      10 web startContainer ref=#4 name=p-web-1 <- 7 9 : new revision
      11 web awaitHealthy ref=#4 name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 10 : health gate
      p moves web"
    `);
  });
});

describe("what is waited for", () => {
  it("must be the dependencies and nothing else that is under way", () => {
    const api = service("api");
    const there = [
      container(service("web"), "1"),
      { ...dbNow, health: "healthy" as const },
      container(api, "1"),
    ];
    const { steps } = plan(input([on("service_healthy"), db, api], { web: "2", db: "1", api: "2" }, there));
    const gate = steps.find((step) => step.service === "api" && step.kind === "awaitHealthy");
    const touched = steps.find((step) => step.service === "web" && step.kind === "renameContainer");
    expect(gate?.n).toBeLessThan(touched?.n ?? 0);
    expect(touched?.after).not.toContain(gate?.n);
    expect(steps.filter((step) => step.kind.startsWith("await")).map((step) => step.service)).toEqual([
      "api",
      "web",
    ]);
  });

  it("must be a dependency that is held but there, and not one that is neither there nor required", () => {
    const off = service("db", { update: "off" });
    const wait = (there: readonly ObservedContainer[], parts: Partial<Dependency> = {}) =>
      plan(input([on("service_healthy", parts), off], { web: "1", db: "2" }, there)).steps.filter((step) =>
        step.cause.startsWith("depends on"),
      );
    expect(wait([{ ...dbNow, health: "starting" }])).toMatchObject([{ kind: "awaitHealthy", ref: dbNow.id }]);
    const missing = { kind: "held", reason: "ImageNotFound", message: "no such tag" } as const;
    const dependent = on("service_healthy", { required: false });
    expect(plan(input([dependent, db], { web: "1", db: missing }, [])).moved).toEqual(["web"]);
  });
});

describe("a job", () => {
  const job = service("job", { restart: "no" });
  const gate = (there: readonly ObservedContainer[], of = job) =>
    plan(input([of, service("zoo")], { job: "2", zoo: "1" }, [container(service("zoo"), "1"), ...there]));

  it("must be one that may end and replaces nothing that runs", () => {
    const ended = container(job, "1", { state: "exited" });
    expect(gate([]).jobs).toEqual(["job"]);
    expect(gate([ended]).jobs).toEqual(["job"]);
    expect(gate([container(job, "1")]).jobs).toEqual([]);
    expect(gate([], service("job")).jobs).toEqual([]);
  });

  it("must be proved by its end as well as by running", () => {
    const may = (there: readonly ObservedContainer[], of = job) =>
      gate(there, of).steps.flatMap((step) => (step.kind === "awaitHealthy" ? [step.mayComplete] : []));
    expect(may([])).toEqual([true]);
    expect(may([container(job, "1")])).toEqual([false]);
    expect(may([], service("job"))).toEqual([false]);
  });

  it("must be awaited to its end only by those that ask for it, and only it", () => {
    const other = service("api", { restart: "no" });
    const dependent = service("web", {
      dependsOn: [
        { service: "api", condition: "service_started", restart: false, required: true },
        { service: "job", condition: "service_completed_successfully", restart: false, required: true },
      ],
    });
    const { steps } = plan(input([dependent, other, job], { web: "1", api: "1", job: "1" }, []));
    expect(
      steps.filter((step) => step.kind.startsWith("await")).map((s) => `${s.service} ${s.kind}`),
    ).toEqual(["api awaitHealthy", "job awaitCompleted", "web awaitHealthy"]);
  });
});

describe("depends_on with restart: true", () => {
  const web = on("service_started", { restart: true });
  const webNow = container(web, "1", { stopGraceMs: 4000 });

  it("must restart the dependent when all is in place, with its own grace", () => {
    expect(shown([web, db], { web: "1", db: "2" }, [webNow, dbNow])).toMatchInlineSnapshot(`
      "1 db pullImage image=reg:5000/db@<db 2> : reg:5000/db:latest is not here yet
      2 db verifyImage image=reg:5000/db@<db 2> <- 1 : prove its processor
      3 db tagImage image=reg:5000/db@<db 2> reference=reg:5000/db:latest <- 2 : so that the tag means what runs here
      4 db createContainer number=1 name=p-db-1.next finalName=p-db-1 image=reg:5000/db:latest at reg:5000/db@<db 2> pinned inherit=<db-1 1> networks=[] shares={} <- 3 : image moved from <db 1> to <db 2>
      5 db renameContainer ref=<db-1 1> from=p-db-1 to=p-db-1.retired-<db-1 1> <- 4 : kept for the way back
      6 db renameContainer ref=#4 from=p-db-1.next to=p-db-1 <- 4 5 : take the name
      7 db setRestartPolicy ref=<db-1 1> name=p-db-1.retired-<db-1 1> policy=no <- 5 6 : a retired container must not come back by itself
      8 db stopContainer ref=<db-1 1> name=p-db-1.retired-<db-1 1> graceMs=null <- 6 7 : replaced by p-db-1
      9 db startContainer ref=#4 name=p-db-1 <- 6 8 : new revision
      10 db awaitHealthy ref=#4 name=p-db-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 9 : health gate
      11 web stopContainer ref=<web-1 1> name=p-web-1 graceMs=4000 <- 10 : db was replaced (restart: true)
      12 web startContainer ref=<web-1 1> name=p-web-1 <- 11 : db was replaced (restart: true)
      13 web awaitHealthy ref=<web-1 1> name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 12 : db was replaced (restart: true)
      p moves db"
    `);
  });

  it("must restart it also where a replacement was only finished", () => {
    const next = container(db, "2", { name: "p-db-1.next", state: "created", startedAt: null });
    const { steps } = plan(input([web, db], { web: "1", db: "2" }, [webNow, dbNow, next]));
    expect(steps.slice(-3).map((step) => `${step.service} ${step.kind}`)).toEqual([
      "web stopContainer",
      "web startContainer",
      "web awaitHealthy",
    ]);
    const placed = container(db, "2", { state: "running" });
    const left = retired(dbNow);
    expect(plan(input([web, db], { web: "1", db: "2" }, [webNow, placed, left])).moved).toEqual([]);
  });

  it("must leave alone what does not run, what is new itself, and what hangs on what stays or is made first", () => {
    const restarts = (there: readonly ObservedContainer[], versions = { web: "1", db: "2" }, of = web) =>
      plan(input([of, db], versions, there)).steps.filter((step) => step.cause.includes("(restart: true)"));
    expect(restarts([{ ...webNow, state: "restarting" }, dbNow])).toEqual([]);
    expect(restarts([webNow, dbNow], { web: "2", db: "2" })).toEqual([]);
    expect(restarts([webNow, dbNow], { web: "1", db: "1" })).toEqual([]);
    expect(restarts([webNow])).toEqual([]);
    expect(restarts([webNow, dbNow], undefined, on("service_started"))).toEqual([]);
  });
});
