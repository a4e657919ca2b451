import { describe, expect, it } from "vitest";
import type {
  DesiredService,
  ImageDecision,
  ObservedContainer,
  Plan,
  Rollout,
} from "../../../src/core/model/index.ts";
import { type PlanPolicy, plan } from "../../../src/core/plan/index.ts";
import {
  container,
  input,
  network,
  observed,
  offered,
  policy,
  project,
  retired,
  service,
  volume,
} from "../../support/builders.ts";
import { detailed, detailedSwap, readable } from "./detailed.ts";

const web = service("web");
const db = service("db");
const api = service("api");
const running = container(web, "1");
const HELD: ImageDecision = { kind: "held", reason: "RateLimited", message: "later" };
const shown = (...args: Parameters<typeof input>) => detailed(plan(input(...args)));
const held = (made: Plan) => made.held.map((hold) => `${hold.service} ${hold.reason}: ${hold.message}`);

describe("what is held", () => {
  it("must be shown once a service, by name, those kept beside a held image too", () => {
    const two = service("web", { replicas: 2 });
    const made = plan(
      input([two, db, api], { web: HELD, db: { ...HELD, message: "no" }, api: HELD }, [
        container(api, "1"),
        container(two, "1"),
        container(two, "1", { number: 2 }),
      ]),
    );
    expect(held(made)).toEqual(["api RateLimited: later", "db RateLimited: no", "web RateLimited: later"]);
  });

  it("must be the hold of the container rather than that of the image", () => {
    const two = service("web", { replicas: 2 });
    const stopped = container(two, "1", { number: 2, state: "exited", exitCode: 1 });
    expect(held(plan(input([two], { web: HELD }, [running, stopped])))).toEqual([
      "web StoppedByHand: stopped (exit code 1); apply or resume starts it again",
    ]);
  });

  it("must be every service of a suspended project, by name, with what is to be known about it", () => {
    const two = service("web", { replicas: 2 });
    const strays = ["b", "a"].map((name, i) => ({ ...container(db, "1"), id: `${i}`, name, startedAt: 1 }));
    const there = [container(db, "1"), container(two, "1"), ...strays];
    const parts = { suspended: true };
    expect(shown([two, db], { web: "2", db: "1" }, there, parts)).toMatchInlineSnapshot(`
      "held db: Suspended: automatic changes are suspended; resume starts them again
      held web: Suspended: automatic changes are suspended; resume starts them again
      note a also claims to be p-db-1; it is left alone
      note b also claims to be p-db-1; it is left alone
      p moves "
    `);
  });

  it("must not be a suspended project's rollout that is under way", () => {
    const rollout: Rollout = { kind: "progressing", good: "a", to: "b", moved: ["web"], jobs: [] };
    const moved = (parts: Partial<PlanPolicy>) =>
      plan(input([web], { web: "2" }, [running], { suspended: true, ...parts })).moved;
    expect(moved({ rollout })).toEqual(["web"]);
    expect(moved({ rollout: { ...rollout, kind: "monitoring", until: 1 } })).toEqual([]);
  });
});

describe("names", () => {
  const first = service("api", {
    dependsOn: [{ service: "zoo", condition: "service_started", restart: false, required: true }],
  });
  const zoo = service("zoo");

  it("must be sorted, though the work is done in another order", () => {
    const made = plan(input([first, zoo], { api: "1", zoo: "1" }, []));
    expect(made.moved).toEqual(["api", "zoo"]);
    expect(made.steps[0]?.service).toBe("zoo");
    const paused = plan(input([first, zoo], { api: "1", zoo: "1" }, [], { suspended: true }));
    expect(paused.held.map((hold) => hold.service)).toEqual(["api", "zoo"]);
  });
});

describe("a service whose dependency is held", () => {
  const on = (required = true): DesiredService =>
    service("web", {
      dependsOn: [
        { service: "api", condition: "service_started", restart: false, required: true },
        { service: "db", condition: "service_started", restart: false, required },
      ],
    });
  const apiNow = container(api, "1");
  const WAITS = "web RateLimited: waits for db: later";
  const holds = (there: readonly ObservedContainer[], of = on(), image: string = "2", dbService = db) =>
    held(plan(input([of, dbService, api], { web: image, db: HELD, api: "1" }, [apiNow, ...there]))).filter(
      (hold) => hold.startsWith("web"),
    );

  it("must wait where it would have to be made, or was stopped", () => {
    expect(holds([])).toEqual([WAITS]);
    const ended = container(on(), "1", { state: "created", startedAt: null });
    expect(holds([ended])).toEqual([WAITS]);
    expect(holds([ended], on(), "1")).toEqual([WAITS]);
  });

  it("must not wait where it runs, where it need not, and where the dependency is there all the same", () => {
    expect(holds([running])).toEqual([]);
    expect(holds([], on(false))).toEqual([]);
    const next = container(web, "2", { name: "p-web-1.next", state: "created", startedAt: null });
    expect(holds([running, next])).toEqual([]);
    const other = service("db", { definitionHash: "v1:x" });
    const job = service("db", { definitionHash: "v1:x", restart: "no" });
    expect(holds([container(db, "1")], on(), "2", other)).toEqual([]);
    expect(holds([container(job, "1", { definitionHash: "v1:y", state: "exited" })], on(), "2", job)).toEqual(
      [],
    );
    expect(holds([container(db, "1", { state: "dead", exitCode: 1 })], on(), "2", other)).toEqual([WAITS]);
  });

  it("must not wait for what it does not depend on", () => {
    const aaa = service("aaa");
    const dependent = service("web", { dependsOn: on().dependsOn.slice(0, 1) });
    const images = { aaa: HELD, api: "1", web: "2" };
    expect(plan(input([dependent, api, aaa], images, [apiNow])).moved).toEqual(["web"]);
    const zoo = service("zoo");
    expect(held(plan(input([zoo, db], { zoo: "1", db: HELD }, [])))).toEqual(["db RateLimited: later"]);
  });
});

describe("a service that needs what others make", () => {
  const user = service("web", { networks: ["out"] });
  const made = (there: readonly ObservedContainer[], version: string) =>
    plan({
      desired: project([user], { networks: [network("out", { name: "out", external: true })] }),
      images: new Map([["web", offered("web", version)]]),
      observed: observed(there),
      details: new Map(),
      policy: policy(),
    });

  it("must be held where it would be made or replaced, and be left alone otherwise", () => {
    const words =
      "web ComposeInvalid: network out is declared as external, but the engine has none of that name";
    expect(held(made([], "1"))).toEqual([words]);
    expect(held(made([running], "2"))).toEqual([words]);
    expect(held(made([running], "1"))).toEqual([]);
    expect(made([container(user, "1", { state: "created", startedAt: null })], "1").steps).toHaveLength(2);
  });
});

describe("services that share, beside what is held or half done", () => {
  const vpn = service("vpn");
  const guest = service("web", { sharesWith: ["vpn"] });
  const guestOf = (id: string) => container(guest, "1", { sharedWith: [id] });
  const moved = (there: readonly ObservedContainer[], version: string | ImageDecision = "1", of = vpn) =>
    plan(input([of, guest], { vpn: version, web: "1" }, there)).moved;

  it("must stay while the container they share with stays", () => {
    const off = service("vpn", { update: "off" });
    const now = container(vpn, "1");
    expect(moved([now, guestOf(now.id)], "2", off)).toEqual([]);
    const created = { ...now, state: "created" as const, startedAt: null };
    expect(moved([created, guestOf(now.id)])).toEqual(["vpn"]);
    expect(moved([now, guestOf("another")])).toEqual(["web"]);
  });

  it("must go by the first container of the provider", () => {
    const two = service("vpn", { replicas: 2 });
    const now = [container(vpn, "1"), container(vpn, "1", { number: 2 })];
    expect(moved([...now, guestOf(now[0]?.id ?? "")], "1", two)).toEqual([]);
    expect(moved([...now, guestOf(now[1]?.id ?? "")], "1", two)).toEqual(["web"]);
  });

  it("must be replaced on the image they run where theirs is held", () => {
    const text = detailedSwap(
      plan(
        input([vpn, guest], { vpn: "2", web: HELD }, [container(vpn, "1"), guestOf(container(vpn, "1").id)]),
      ),
    );
    expect(text.split("\n").filter((line) => line.includes("web createContainer"))).toMatchInlineSnapshot(`
      [
        "5 web createContainer number=1 name=p-web-1.next finalName=p-web-1 image=reg:5000/web:latest at <config web 1> inherit=<web-1 1> networks=[] shares={"vpn":"#4"} <- 4 : shares a namespace with a service that is replaced",
      ]
    `);
  });
});

describe("what is to be known", () => {
  it("must be in the notes, sorted, and nothing is done about it", () => {
    const both = service("web", {
      exclusive: ["publishes host port 80", "uses /dev/ttyUSB0"],
      rollout: { order: "start-first", monitorMs: null, failureAction: null },
    });
    const stray = { ...running, id: "0", name: "abc", startedAt: 1 };
    const orphan = { ...container(service("old"), "1"), name: "zzz" };
    const left = [retired(container(web, "0")), retired(container(web, "3"))];
    const rollout: Rollout = { kind: "monitoring", good: "a", to: "b", moved: [], jobs: [], until: 1 };
    expect(
      shown([both, db], { web: "1", db: "1" }, [orphan, stray, running, container(db, "1"), ...left], {
        rollout,
      }),
    ).toMatchInlineSnapshot(`
      "note abc also claims to be p-web-1; it is left alone
      note p-web-1 has 2 retired containers
      note web is replaced stop-first: it publishes host port 80, uses /dev/ttyUSB0
      note zzz is an orphan: no service old in the file
      p moves "
    `);
  });

  it("must not be that a service is exclusive where it is replaced stop-first anyway", () => {
    const exclusive = service("web", { exclusive: ["publishes host port 80"] });
    expect(shown([exclusive], { web: "1" }, [running])).toBe("p moves ");
    const first = { order: "start-first" } as const;
    expect(shown([web], { web: "1" }, [running], first)).toBe("p moves ");
    expect(shown([exclusive], { web: "1" }, [running], first)).toBe(
      "note web is replaced stop-first: it publishes host port 80\np moves ",
    );
  });

  it("must be networks and volumes of another definition, where they are ours and say of which", () => {
    const declared = ["same", "other", "outer", "bare", "gone"] as const;
    const labels = (hash: string) => ({ "com.docker.compose.config-hash": hash });
    const there = [
      { id: "1", name: "p_same", labels: labels("same") },
      { id: "2", name: "p_other", labels: labels("other") },
      { id: "3", name: "p_outer", labels: labels("other") },
      { id: "4", name: "p_bare", labels: {} },
    ];
    const made = plan({
      desired: project([web], {
        networks: declared.map((key) => network(key, { external: key === "outer", composeHash: "same" })),
        volumes: declared.map((key) => volume(key, { external: key === "outer", composeHash: "same" })),
      }),
      images: new Map([["web", offered("web", "1")]]),
      observed: observed([running], { networks: there, volumes: there }),
      details: new Map(),
      policy: policy(),
    });
    expect(readable(made.notes.join("\n"))).toBe(
      [
        "network p_other was made from another definition; it is used as it is, since making it anew stops everything on it: docker compose up does that",
        "volume p_other was made from another definition; volumes are never recreated",
      ].join("\n"),
    );
  });
});
