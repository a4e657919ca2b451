import { describe, expect, it } from "vitest";
import type { DesiredService, RolloutWish } from "../../../src/core/model/index.ts";
import { plan } from "../../../src/core/plan/index.ts";
import { container, input, retired, service } from "../../support/builders.ts";
import { detailed, detailedSwap } from "./detailed.ts";

const wish = (parts: Partial<RolloutWish>): RolloutWish => ({
  order: null,
  monitorMs: null,
  failureAction: null,
  ...parts,
});
const shown = (...args: Parameters<typeof input>) => detailed(plan(input(...args)));
const swaps = (...args: Parameters<typeof input>) => detailedSwap(plan(input(...args)));

describe("a swap", () => {
  it("stop-first must rename, stop, start and prove, with the grace the old one asks for", () => {
    const web = service("web");
    const old = container(web, "1", { stopGraceMs: 5000 });
    expect(shown([web], { web: "2" }, [old])).toMatchInlineSnapshot(`
      "1 web pullImage image=reg:5000/web@<web 2> : reg:5000/web:latest is not here yet
      2 web verifyImage image=reg:5000/web@<web 2> <- 1 : prove its processor
      3 web tagImage image=reg:5000/web@<web 2> reference=reg:5000/web:latest <- 2 : so that the tag means what runs here
      4 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web:latest at reg:5000/web@<web 2> pinned inherit=<web-1 1> networks=[] shares={} <- 3 : image moved from <web 1> to <web 2>
      5 web renameContainer ref=<web-1 1> from=p-web-1 to=p-web-1.retired-<web-1 1> <- 4 : kept for the way back
      6 web renameContainer ref=#4 from=p-web-1.next to=p-web-1 <- 4 5 : take the name
      7 web setRestartPolicy ref=<web-1 1> name=p-web-1.retired-<web-1 1> policy=no <- 5 6 : a retired container must not come back by itself
      8 web stopContainer ref=<web-1 1> name=p-web-1.retired-<web-1 1> graceMs=5000 <- 6 7 : replaced by p-web-1
      9 web startContainer ref=#4 name=p-web-1 <- 6 8 : new revision
      10 web awaitHealthy ref=#4 name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 9 : health gate
      p moves web"
    `);
  });

  it("must end a container that ends over and over before it is renamed, which the engine would refuse", () => {
    const web = service("web");
    const old = container(web, "1", { state: "restarting", restartCount: 9 });
    const kinds = plan(input([web], { web: "2" }, [old])).steps.map(({ kind }) => kind);
    expect(kinds.slice(kinds.indexOf("createContainer"))).toEqual([
      "createContainer",
      "setRestartPolicy",
      "stopContainer",
      "renameContainer",
      "renameContainer",
      "startContainer",
      "awaitHealthy",
    ]);
  });

  it("start-first must prove the new one for the service's own window before the old one stops", () => {
    const web = service("web", { rollout: wish({ order: "start-first", monitorMs: 7000 }) });
    expect(swaps([web], { web: "2" }, [container(web, "1")])).toMatchInlineSnapshot(`
      "4 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web:latest at reg:5000/web@<web 2> pinned inherit=<web-1 1> networks=[] shares={} <- 3 : image moved from <web 1> to <web 2>
      5 web startContainer ref=#4 name=p-web-1.next <- 4 : new revision
      6 web awaitHealthy ref=#4 name=p-web-1.next timeoutMs=300000 settleMs=7000 mayComplete=false <- 5 : health gate
      7 web renameContainer ref=<web-1 1> from=p-web-1 to=p-web-1.retired-<web-1 1> <- 6 : kept for the way back
      8 web setRestartPolicy ref=<web-1 1> name=p-web-1.retired-<web-1 1> policy=no <- 4 7 : a retired container must not come back by itself
      9 web stopContainer ref=<web-1 1> name=p-web-1.retired-<web-1 1> graceMs=null <- 4 8 : replaced by p-web-1.next
      10 web renameContainer ref=#4 from=p-web-1.next to=p-web-1 <- 4 9 : take the name
      p moves web"
    `);
  });

  it("start-first by the configuration must take the window from there", () => {
    const web = service("web");
    const parts = { order: "start-first", monitorMs: 9000 } as const;
    expect(swaps([web], { web: "2" }, [container(web, "1")], parts)).toContain("settleMs=9000");
    const own = service("web", { rollout: wish({ order: "stop-first" }) });
    expect(swaps([own], { web: "2" }, [container(web, "1")], parts)).toContain("settleMs=0");
  });

  it("start-first must be stop-first where the old one does not run", () => {
    const web = service("web", { rollout: wish({ order: "start-first" }), definitionHash: "v1:new" });
    const old = container(web, "1", { state: "exited", exitCode: 1, definitionHash: "v1:old" });
    expect(swaps([web], { web: "1" }, [old])).toMatchInlineSnapshot(`
      "1 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web:latest at <config web 1> pinned inherit=<web-1 1> networks=[] shares={} : definition changed
      2 web renameContainer ref=<web-1 1> from=p-web-1 to=p-web-1.retired-<web-1 1> <- 1 : kept for the way back
      3 web renameContainer ref=#1 from=p-web-1.next to=p-web-1 <- 1 2 : take the name
      4 web setRestartPolicy ref=<web-1 1> name=p-web-1.retired-<web-1 1> policy=no <- 2 3 : a retired container must not come back by itself
      5 web startContainer ref=#1 name=p-web-1 <- 3 4 : new revision
      6 web awaitHealthy ref=#1 name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 5 : health gate
      p moves web"
    `);
  });

  it("start-first must take the name after the old one gave it up, on any number of replicas", () => {
    const web = service("web", { rollout: wish({ order: "start-first" }), replicas: 2 });
    const old = [container(web, "1"), container(web, "1", { number: 2 })];
    expect(swaps([web], { web: "2" }, old)).toMatchInlineSnapshot(`
      "4 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web:latest at reg:5000/web@<web 2> pinned inherit=<web-1 1> networks=[] shares={} <- 3 : image moved from <web 1> to <web 2>
      5 web createContainer number=2 name=p-web-2.next finalName=p-web-2 image=reg:5000/web:latest at reg:5000/web@<web 2> pinned inherit=<web-2 1> networks=[] shares={} <- 3 : image moved from <web 1> to <web 2>
      6 web startContainer ref=#4 name=p-web-1.next <- 4 : new revision
      7 web awaitHealthy ref=#4 name=p-web-1.next timeoutMs=300000 settleMs=30000 mayComplete=false <- 6 : health gate
      8 web renameContainer ref=<web-1 1> from=p-web-1 to=p-web-1.retired-<web-1 1> <- 7 : kept for the way back
      9 web setRestartPolicy ref=<web-1 1> name=p-web-1.retired-<web-1 1> policy=no <- 4 8 : a retired container must not come back by itself
      10 web stopContainer ref=<web-1 1> name=p-web-1.retired-<web-1 1> graceMs=null <- 4 9 : replaced by p-web-1.next
      11 web renameContainer ref=#4 from=p-web-1.next to=p-web-1 <- 4 10 : take the name
      12 web startContainer ref=#5 name=p-web-2.next <- 5 : new revision
      13 web awaitHealthy ref=#5 name=p-web-2.next timeoutMs=300000 settleMs=30000 mayComplete=false <- 12 : health gate
      14 web renameContainer ref=<web-2 1> from=p-web-2 to=p-web-2.retired-<web-2 1> <- 13 : kept for the way back
      15 web setRestartPolicy ref=<web-2 1> name=p-web-2.retired-<web-2 1> policy=no <- 5 14 : a retired container must not come back by itself
      16 web stopContainer ref=<web-2 1> name=p-web-2.retired-<web-2 1> graceMs=null <- 5 15 : replaced by p-web-2.next
      17 web renameContainer ref=#5 from=p-web-2.next to=p-web-2 <- 5 16 : take the name
      p moves web"
    `);
  });

  it("start-first must have nothing to prove before a first container has its name", () => {
    const web = service("web", { rollout: wish({ order: "start-first" }) });
    expect(swaps([web], { web: "1" }, [])).toContain("name=p-web-1 timeoutMs=300000 settleMs=0");
  });

  it("must not forbid a return to a container that never comes back by itself", () => {
    for (const restart of ["no", ""]) {
      const web = service("web", { restart: "no" });
      const old = container(web, "1", { restartPolicy: restart });
      expect(shown([web], { web: "2" }, [old])).not.toContain("setRestartPolicy");
    }
  });

  it("must go on past a gate that failed only under failure_action: continue", () => {
    const web = service("web");
    const gate = (of: DesiredService, parts = {}) =>
      plan(input([of], { web: "1" }, [], parts)).steps.find((step) => step.kind === "awaitHealthy")?.required;
    expect(gate(web)).toBe(true);
    expect(gate(web, { failureAction: "continue" })).toBe(false);
    expect(gate(web, { failureAction: "pause" })).toBe(true);
    expect(gate(service("web", { rollout: wish({ failureAction: "continue" }) }))).toBe(false);
    const own = service("web", { rollout: wish({ failureAction: "rollback" }) });
    expect(gate(own, { failureAction: "continue" })).toBe(true);
  });
});

describe("a swap that was begun", () => {
  const web = service("web");
  const old = container(web, "1");

  it("must go on with the replacement that waits under its other name", () => {
    const next = container(web, "2", { name: "p-web-1.next", state: "created", startedAt: null });
    expect(shown([web], { web: "2" }, [old, next])).toMatchInlineSnapshot(`
      "1 web renameContainer ref=<web-1 1> from=p-web-1 to=p-web-1.retired-<web-1 1> : kept for the way back
      2 web renameContainer ref=<web-1 2> from=p-web-1.next to=p-web-1 <- 1 : take the name
      3 web setRestartPolicy ref=<web-1 1> name=p-web-1.retired-<web-1 1> policy=no <- 1 2 : a retired container must not come back by itself
      4 web stopContainer ref=<web-1 1> name=p-web-1.retired-<web-1 1> graceMs=null <- 2 3 : replaced by p-web-1
      5 web startContainer ref=<web-1 2> name=p-web-1 <- 2 4 : replacement is ready
      6 web awaitHealthy ref=<web-1 2> name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 5 : health gate
      p moves web"
    `);
  });

  it("must go on start-first with a replacement that runs already", () => {
    const first = service("web", { rollout: wish({ order: "start-first" }) });
    const next = container(web, "2", { name: "p-web-1.next" });
    expect(shown([first], { web: "2" }, [old, next])).toMatchInlineSnapshot(`
      "1 web awaitHealthy ref=<web-1 2> name=p-web-1.next timeoutMs=300000 settleMs=30000 mayComplete=false : health gate
      2 web renameContainer ref=<web-1 1> from=p-web-1 to=p-web-1.retired-<web-1 1> <- 1 : kept for the way back
      3 web setRestartPolicy ref=<web-1 1> name=p-web-1.retired-<web-1 1> policy=no <- 2 : a retired container must not come back by itself
      4 web stopContainer ref=<web-1 1> name=p-web-1.retired-<web-1 1> graceMs=null <- 3 : replaced by p-web-1.next
      5 web renameContainer ref=<web-1 2> from=p-web-1.next to=p-web-1 <- 4 : take the name
      p moves web"
    `);
  });

  it("must give a container that was retired and is wanted again its policy back", () => {
    const failed = container(web, "2", { state: "exited", exitCode: 1 });
    const parts = { seen: { web: "r0" } };
    expect(shown([web], { web: "1" }, [failed, retired(old)], parts)).toMatchInlineSnapshot(`
      "1 web renameContainer ref=<web-1 2> from=p-web-1 to=p-web-1.retired-<web-1 2> : kept for the way back
      2 web renameContainer ref=<web-1 1> from=p-web-1.retired-<web-1 1> to=p-web-1 <- 1 : take the name
      3 web setRestartPolicy ref=<web-1 2> name=p-web-1.retired-<web-1 2> policy=no <- 1 2 : a retired container must not come back by itself
      4 web startContainer ref=<web-1 1> name=p-web-1 <- 2 3 : replacement is ready
      5? web setRestartPolicy ref=<web-1 1> name=p-web-1 policy=unless-stopped : wanted again
      6 web awaitHealthy ref=<web-1 1> name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 4 : health gate
      p moves web"
    `);
    const unset = { ...retired(old), restartPolicy: "" };
    expect(shown([web], { web: "1" }, [failed, unset], parts)).toContain(
      "policy=unless-stopped : wanted again",
    );
    for (const restartPolicy of ["unless-stopped", "always"]) {
      const kept = { ...retired(old), restartPolicy };
      expect(shown([web], { web: "1" }, [failed, kept], parts)).not.toContain("wanted again");
    }
  });

  it("must stop the retired one that still runs once the new one has its name", () => {
    const created = container(web, "2", { state: "created", startedAt: null });
    const up = { ...retired(old), state: "running" as const, restartPolicy: "always" };
    expect(shown([web], { web: "2" }, [created, up])).toMatchInlineSnapshot(`
      "1 web setRestartPolicy ref=<web-1 1> name=p-web-1.retired-<web-1 1> policy=no : a retired container must not come back by itself
      2 web stopContainer ref=<web-1 1> name=p-web-1.retired-<web-1 1> graceMs=null <- 1 : replaced by p-web-1
      3 web startContainer ref=<web-1 2> name=p-web-1 <- 2 : created but never started
      4 web awaitHealthy ref=<web-1 2> name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 3 : health gate
      p moves web"
    `);
  });

  it("must be proved again while its rollout is under way, and not afterwards", () => {
    const rollout = { kind: "progressing", good: "a", to: "b", moved: ["web"], jobs: [] } as const;
    expect(shown([web], { web: "1" }, [old], { rollout })).toMatchInlineSnapshot(`
      "1 web awaitHealthy ref=<web-1 1> name=p-web-1 timeoutMs=300000 settleMs=0 mayComplete=false : health gate
      p moves "
    `);
    expect(shown([web], { web: "1" }, [old], { rollout: { ...rollout, moved: ["db"] } })).toBe("p moves ");
  });
});

describe("host ports", () => {
  const a = service("api", { hostPorts: [":81/tcp", ":82/tcp"] });
  const b = service("db", { hostPorts: [":80/tcp"] });
  const old = (of: DesiredService, ports: readonly string[], state: "running" | "exited" = "running") =>
    container(of, "1", { hostPorts: ports, definitionHash: "v1:before", state });

  it("that change hands must be free before the new owner starts, and each is stopped once", () => {
    const there = [old(a, [":80/tcp"]), old(b, [":83/tcp", ":81/tcp"])];
    expect(swaps([a, b], { api: "1", db: "1" }, there)).toMatchInlineSnapshot(`
      "1 api createContainer number=1 name=p-api-1.next finalName=p-api-1 image=reg:5000/api:latest at <config api 1> pinned inherit=<api-1 1> networks=[] shares={} : definition changed
      2 db createContainer number=1 name=p-db-1.next finalName=p-db-1 image=reg:5000/db:latest at <config db 1> pinned inherit=<db-1 1> networks=[] shares={} : definition changed
      3 api renameContainer ref=<api-1 1> from=p-api-1 to=p-api-1.retired-<api-1 1> <- 1 : kept for the way back
      4 api renameContainer ref=#1 from=p-api-1.next to=p-api-1 <- 1 3 : take the name
      5 db renameContainer ref=<db-1 1> from=p-db-1 to=p-db-1.retired-<db-1 1> <- 2 : kept for the way back
      6 db renameContainer ref=#2 from=p-db-1.next to=p-db-1 <- 2 5 : take the name
      7 db setRestartPolicy ref=<db-1 1> name=p-db-1.retired-<db-1 1> policy=no <- 5 6 : a retired container must not come back by itself
      8 db stopContainer ref=<db-1 1> name=p-db-1.retired-<db-1 1> graceMs=null <- 6 7 : replaced by p-db-1
      9 api setRestartPolicy ref=<api-1 1> name=p-api-1.retired-<api-1 1> policy=no <- 3 4 : a retired container must not come back by itself
      10 api stopContainer ref=<api-1 1> name=p-api-1.retired-<api-1 1> graceMs=null <- 4 9 : replaced by p-api-1
      11 api startContainer ref=#1 name=p-api-1 <- 4 10 : new revision
      12 api awaitHealthy ref=#1 name=p-api-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 11 : health gate
      13 db startContainer ref=#2 name=p-db-1 <- 6 8 : new revision
      14 db awaitHealthy ref=#2 name=p-db-1 timeoutMs=300000 settleMs=0 mayComplete=false <- 13 : health gate
      p moves api db"
    `);
  });

  it("of one's own must be free last, so that it is down for as short as can be", () => {
    const there = [old(a, ["10.0.0.1:81/tcp"]), old(b, ["10.0.0.2:81/tcp"])];
    const stops = plan(input([a, b], { api: "1", db: "1" }, there)).steps.filter(
      (s) => s.kind === "stopContainer",
    );
    expect(stops.map((step) => step.service)).toEqual(["db", "api"]);
  });

  it("that nobody holds any more must stop nobody early", () => {
    const order = (there: ReturnType<typeof old>) =>
      plan(input([a, b], { api: "1", db: "1" }, [old(a, [":80/tcp"]), there]))
        .steps.filter((step) => step.kind === "stopContainer" || step.kind === "startContainer")
        .map((step) => `${step.service} ${step.kind}`);
    const apart = ["api stopContainer", "api startContainer", "db stopContainer", "db startContainer"];
    expect(order(old(b, [":83/tcp"]))).toEqual(apart);
    expect(order(old(b, [":81/tcp"], "exited"))).toEqual(apart.filter((step) => step !== "db stopContainer"));
    const ended = [old(a, [":80/tcp"]), old(b, [":81/tcp"], "exited")];
    const steps = plan(input([a, b], { api: "1", db: "1" }, ended)).steps.map(
      (s) => `${s.service} ${s.kind}`,
    );
    expect(steps.indexOf("db renameContainer")).toBeGreaterThan(steps.indexOf("api awaitHealthy"));
    expect(plan(input([a, b], { api: "1", db: "1" }, [old(a, []), container(b, "1")])).moved).toEqual([
      "api",
    ]);
  });
});
