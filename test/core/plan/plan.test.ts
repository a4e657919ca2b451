import { describe, expect, it } from "vitest";
import { composeHashes } from "../../../src/core/compose/hash/index.ts";
import type { DesiredService, QuarantineEntry, Rollout } from "../../../src/core/model/index.ts";
import { plan, renderPlan } from "../../../src/core/plan/index.ts";
import {
  container,
  input,
  observed,
  offered,
  pinned,
  policy,
  project,
  retired,
  service,
} from "../../support/builders.ts";

const web = service("web");
const running = container(web, "1");
const short = (id: string) => id.slice(0, 12);

function text(...args: Parameters<typeof input>): string {
  return renderPlan(plan(input(...args))).replace(/ {2,}/g, "  ");
}

/** `kind name` of each step: for tests where the order is what matters. */
function kinds(...args: Parameters<typeof input>): readonly string[] {
  return plan(input(...args)).steps.map((step) => `${step.service} ${step.kind}`);
}

describe("a service that is as it should be", () => {
  it("must be left alone", () => {
    expect(text([web], { web: "1" }, [running])).toBe("nothing to do");
  });

  it("must be left alone when docker compose made it and its hash is known", () => {
    const theirs = { ...running, definitionHash: null, platformDigest: null };
    expect(text([web], { web: "1" }, [theirs])).toBe("nothing to do");
  });

  it("must be replaced when docker compose made it from another definition", () => {
    const theirs = { ...running, definitionHash: null, composeHash: "other" };
    expect(plan(input([web], { web: "1" }, [theirs])).moved).toEqual(["web"]);
  });

  it("must be shown as held when its registry cannot be asked, and stay", () => {
    const held = { kind: "held", reason: "RegistryUnavailable", message: "no answer" } as const;
    expect(text([web], { web: held }, [running])).toBe(
      "nothing to do\nheld web: RegistryUnavailable: no answer",
    );
  });

  it("must be left alone while its own job has ended well", () => {
    const job = service("job", { restart: "no" });
    const ended = container(job, "1", { state: "exited", exitCode: 0 });
    expect(text([job], { job: "1" }, [ended])).toBe("nothing to do");
  });
});

describe("a new image", () => {
  it("must be pulled, proved and made into a container before the old one is touched, and nothing is removed", () => {
    const id = short(running.id);
    expect(text([web], { web: "2" }, [running])).toBe(
      [
        `#1 web pullImage  reg:5000/web@${short(digest("2"))}  : reg:5000/web:latest is not here yet`,
        `#2 web verifyImage  reg:5000/web@${short(digest("2"))} <- #1  : prove its processor`,
        `#3 web tagImage  reg:5000/web@${short(digest("2"))} as reg:5000/web:latest <- #2  : so that the tag means what runs here`,
        `#4 web createContainer  p-web-1.next from reg:5000/web@${short(digest("2"))} <- #3  : image moved from ${short(digest("1"))} to ${short(digest("2"))}`,
        `#5 web renameContainer  p-web-1 -> p-web-1.retired-${id} <- #4  : kept for the way back`,
        "#6 web renameContainer  p-web-1.next -> p-web-1 <- #4 #5  : take the name",
        `#7 web setRestartPolicy  p-web-1.retired-${id} no <- #5 #6  : a retired container must not come back by itself`,
        `#8 web stopContainer  p-web-1.retired-${id} <- #6 #7  : replaced by p-web-1`,
        "#9 web startContainer  p-web-1 <- #6 #8  : new revision",
        "#10 web awaitHealthy  p-web-1, 300 s <- #9  : health gate",
      ].join("\n"),
    );
  });

  it("must not be pulled again when it is here, only tagged", () => {
    const here = { id: pinned("web", "2").configDigest, repoTags: [], repoDigests: [], size: 1 };
    const given = input([web], { web: "2" }, [running]);
    const steps = plan({ ...given, observed: observed([running], { images: [here] }) }).steps;
    expect(steps.slice(0, 2).map((s) => s.kind)).toEqual(["tagImage", "createContainer"]);
  });

  it("must start before the old one stops where start-first is asked for and nothing is exclusive", () => {
    const first = service("web", { rollout: { order: "start-first", monitorMs: null, failureAction: null } });
    expect(kinds([first], { web: "2" }, [running]).slice(3)).toEqual([
      "web createContainer",
      "web startContainer",
      "web awaitHealthy",
      "web renameContainer",
      "web setRestartPolicy",
      "web stopContainer",
      "web renameContainer",
    ]);
  });

  it("must be stop-first all the same where a host port is published, and say so", () => {
    const first = service("web", {
      rollout: { order: "start-first", monitorMs: null, failureAction: null },
      exclusive: ["publishes host port 80"],
    });
    const made = plan(input([first], { web: "2" }, [running]));
    expect(made.notes).toEqual(["web is replaced stop-first: it publishes host port 80"]);
    expect(made.steps.map((s) => s.kind).indexOf("stopContainer")).toBeLessThan(
      made.steps.map((s) => s.kind).indexOf("startContainer"),
    );
  });

  it("must wait when it would not fit on the disk", () => {
    const made = plan(
      input([web], { web: "2" }, [running], { freeBytes: 1_003_499, minFreeBytes: 1_000_000 }),
    );
    expect(made.steps).toEqual([]);
    expect(made.held[0]?.reason).toBe("NotEnoughSpace");
    expect(
      plan(input([web], { web: "2" }, [running], { freeBytes: 1_003_500, minFreeBytes: 1_000_000 })).held,
    ).toEqual([]);
  });

  it("must only be shown for update: off and notify, and notify must follow a person's wish", () => {
    const off = service("web", { update: "off" });
    const notify = service("web", { update: "notify" });
    expect(plan(input([off], { web: "2" }, [running], { force: true })).held[0]?.reason).toBe("UpdateOff");
    expect(plan(input([notify], { web: "2" }, [running])).held[0]?.reason).toBe("UpdateOff");
    expect(plan(input([notify], { web: "2" }, [running], { force: true })).moved).toEqual(["web"]);
  });

  it("must not be followed when only the definition changed under update: off", () => {
    const off = service("web", { update: "off", definitionHash: "v1:other" });
    const create = plan(input([off], { web: "2" }, [running])).steps.find(
      (s) => s.kind === "createContainer",
    );
    expect(create?.kind === "createContainer" && create.image.locate).toBe(running.imageId);
  });
});

describe("dependencies", () => {
  const db = service("db");
  const on = (
    condition: "service_healthy" | "service_started" | "service_completed_successfully",
    restart = false,
  ) => service("web", { dependsOn: [{ service: "db", condition, restart, required: true }] });

  it("must be replaced first, and their gate passed, before the dependent is touched", () => {
    const order = kinds([on("service_healthy"), db], { web: "2", db: "2" }, [running, container(db, "1")]);
    expect(order.indexOf("db awaitHealthy")).toBeLessThan(order.indexOf("web renameContainer"));
  });

  it("that are not healthy yet must be waited for before anything is touched", () => {
    const starting = container(db, "1", { health: "starting" });
    const order = kinds([on("service_healthy"), db], { web: "2", db: "1" }, [running, starting]);
    expect(order.filter((step) => step.endsWith("awaitHealthy") || step.endsWith("renameContainer"))[0]).toBe(
      "web awaitHealthy",
    );
  });

  it("that have to complete must be awaited as jobs", () => {
    const job = service("db", { restart: "no" });
    const order = kinds([on("service_completed_successfully"), job], { web: "1", db: "1" }, []);
    expect(order.indexOf("db awaitCompleted")).toBeLessThan(order.indexOf("web startContainer"));
  });

  it("with restart: true must take their dependents along by a restart", () => {
    const order = kinds([on("service_started", true), db], { web: "1", db: "2" }, [
      running,
      container(db, "1"),
    ]);
    expect(order.slice(-3)).toEqual(["web stopContainer", "web startContainer", "web awaitHealthy"]);
  });

  it("without restart must leave their dependents alone", () => {
    expect(
      plan(input([on("service_started"), db], { web: "1", db: "2" }, [running, container(db, "1")])).moved,
    ).toEqual(["db"]);
  });

  it("that are held and not there must hold a dependent that would have to be made", () => {
    const missing = { kind: "held", reason: "ImageNotFound", message: "no such tag" } as const;
    expect(text([on("service_started"), db], { web: "1", db: missing }, [])).toBe(
      "nothing to do\nheld db: ImageNotFound: no such tag\nheld web: ImageNotFound: waits for db: no such tag",
    );
  });
});

describe("services that share a namespace", () => {
  const vpn = service("vpn");
  const guest = service("web", { sharesWith: ["vpn"] });
  const vpnNow = container(vpn, "1");
  const guestNow = container(guest, "1", { sharedWith: [vpnNow.id] });

  it("must be left alone while their provider stays", () => {
    expect(text([vpn, guest], { vpn: "1", web: "1" }, [vpnNow, guestNow])).toBe("nothing to do");
  });

  it("must be left alone when docker compose made them, whose hash has the provider's id in it", () => {
    const joined = { ...guest, spec: { image: "x", network_mode: "service:vpn" } };
    const hash = composeHashes({ image: "x", network_mode: `container:${vpnNow.id}` })[0] ?? "";
    const theirs = { ...guestNow, definitionHash: null, composeHash: hash };
    expect(plan(input([vpn, joined], { vpn: "1", web: "1" }, [vpnNow, theirs])).steps).toEqual([]);
    const other = { ...theirs, composeHash: "other" };
    expect(plan(input([vpn, joined], { vpn: "1", web: "1" }, [vpnNow, other])).moved).toEqual(["web"]);
  });

  it("must be replaced together with their provider, joining its new container", () => {
    const made = plan(input([vpn, guest], { vpn: "2", web: "1" }, [vpnNow, guestNow]));
    expect(made.moved).toEqual(["vpn", "web"]);
    const creates = made.steps.filter((s) => s.kind === "createContainer");
    expect(creates[1]?.kind === "createContainer" && creates[1].shares).toEqual({ vpn: `#${creates[0]?.n}` });
  });

  it("must be replaced on the image they run when their own is held", () => {
    const held = { kind: "held", reason: "RegistryUnavailable", message: "no answer" } as const;
    const made = plan(input([vpn, guest], { vpn: "2", web: held }, [vpnNow, guestNow]));
    const create = made.steps.find((s) => s.kind === "createContainer" && s.service === "web");
    expect(create?.kind === "createContainer" && create.image.locate).toBe(guestNow.imageId);
  });
});

describe("what people did", () => {
  const stopped = container(web, "1", { state: "exited", exitCode: 137 });

  it("a container stopped by hand must stay stopped, also when its image moves", () => {
    expect(plan(input([web], { web: "1" }, [stopped])).held[0]?.reason).toBe("StoppedByHand");
    expect(plan(input([web], { web: "2" }, [stopped])).held[0]?.reason).toBe("StoppedByHand");
    expect(plan(input([web], { web: "2" }, [stopped])).steps).toEqual([]);
  });

  it("a container paused by hand must stay paused", () => {
    const paused = container(web, "1", { state: "paused" });
    expect(plan(input([web], { web: "1" }, [paused])).held[0]?.message).toBe("paused by hand");
  });

  it("a container removed by hand must stay away", () => {
    expect(plan(input([web], { web: "1" }, [], { seen: { web: "r1" } })).held[0]?.reason).toBe(
      "RemovedByHand",
    );
  });

  for (const [wish, parts] of [
    ["apply", { force: true }],
    ["drift: restore", { drift: "restore" }],
    ["a new revision of the compose file", { seen: { web: "r0" } }],
  ] as const) {
    it(`${wish} must bring back what was stopped and what was removed`, () => {
      expect(kinds([web], { web: "1" }, [stopped], parts)).toEqual([
        "web startContainer",
        "web awaitHealthy",
      ]);
      const removed = { seen: { web: "r1" }, ...parts };
      expect(kinds([web], { web: "1" }, [], removed)).toContain("web createContainer");
    });
  }

  it("a changed definition must bring a stopped service back as the new one", () => {
    const other = service("web", { definitionHash: "v1:other" });
    expect(plan(input([other], { web: "1" }, [stopped])).moved).toEqual(["web"]);
  });

  it("orphans must be reported, and removed only where asked for", () => {
    const orphan = container(service("old"), "1");
    expect(text([web], { web: "1" }, [running, orphan])).toBe(
      "nothing to do\nnote: p-old-1 is an orphan: no service old in the file",
    );
    expect(kinds([web], { web: "1" }, [running, orphan], { orphans: "remove" })).toEqual([
      "old stopContainer",
      "old removeContainer",
    ]);
  });

  it("a service that a profile switched off must not be an orphan", () => {
    const off = container(service("debug"), "1");
    const given = input([web], { web: "1" }, [running, off]);
    const made = plan({ ...given, desired: { ...given.desired, disabledServices: ["debug"] } });
    expect([made.steps, made.notes]).toEqual([[], []]);
  });

  it("a suspended project must not be changed", () => {
    const made = plan(input([web], { web: "2" }, [running], { suspended: true }));
    expect([made.steps, made.held[0]?.reason]).toEqual([[], "Suspended"]);
  });

  it("fewer replicas must remove the surplus, the highest number", () => {
    const second = container(web, "1", { number: 2 });
    expect(
      plan(input([web], { web: "1" }, [running, second])).steps.map((s) => "name" in s && s.name),
    ).toEqual(["p-web-2", "p-web-2"]);
  });
});

describe("a rollout that was interrupted", () => {
  const progressing: Rollout = { kind: "progressing", good: "a", to: "b", moved: ["web"], jobs: [] };
  const next = container(web, "2", { name: "p-web-1.next", state: "created", startedAt: null });
  const placed = { ...next, name: "p-web-1" };
  const waiting = { ...retired(running), state: "running" as const, restartPolicy: "unless-stopped" };

  it("after creating must go on with the replacement that is there", () => {
    expect(kinds([web], { web: "2" }, [running, next], { rollout: progressing })).toEqual([
      "web renameContainer",
      "web renameContainer",
      "web setRestartPolicy",
      "web stopContainer",
      "web startContainer",
      "web awaitHealthy",
    ]);
  });

  it("between the renames must give the replacement its name", () => {
    expect(kinds([web], { web: "2" }, [waiting, next], { rollout: progressing })).toEqual([
      "web renameContainer",
      "web setRestartPolicy",
      "web stopContainer",
      "web startContainer",
      "web awaitHealthy",
    ]);
  });

  it("after the stop must start the new one at once", () => {
    expect(kinds([web], { web: "2" }, [retired(running), placed], { rollout: progressing })).toEqual([
      "web startContainer",
      "web awaitHealthy",
    ]);
  });

  it("after the start must only wait for the gate", () => {
    const started = { ...placed, state: "running" as const, health: "starting" as const };
    expect(kinds([web], { web: "2" }, [retired(running), started], { rollout: progressing })).toEqual([
      "web awaitHealthy",
    ]);
  });

  it("must not keep a replacement that was made for something else", () => {
    const stale = container(web, "0", { name: "p-web-1.next", state: "created" });
    expect(kinds([web], { web: "1" }, [running, stale])).toEqual(["web removeContainer"]);
  });

  it("must be undone when its image is held and the new container is not sound", () => {
    const held = { kind: "held", reason: "RegistryUnavailable", message: "no answer" } as const;
    const made = kinds([service("web", { definitionHash: "v1:else" })], { web: held }, [
      retired(running),
      placed,
    ]);
    expect(made).toEqual([
      "web removeContainer",
      "web renameContainer",
      "web setRestartPolicy",
      "web startContainer",
      "web tagImage",
      "web awaitHealthy",
    ]);
  });

  it("must keep the retired container while the window is open, and remove it afterwards", () => {
    const fresh = container(web, "2");
    const monitoring: Rollout = { ...progressing, kind: "monitoring", until: 9 };
    expect(kinds([web], { web: "2" }, [fresh, retired(running)], { rollout: monitoring })).toEqual([]);
    expect(kinds([web], { web: "2" }, [fresh, retired(running)])).toEqual(["web removeContainer"]);
  });

  it("must not remove the retired container of a successor that is ill", () => {
    const ill = container(web, "2", { health: "unhealthy" });
    expect(kinds([web], { web: "2" }, [ill, retired(running)])).toEqual([]);
  });
});

describe("quarantine", () => {
  const entry = (name: string, version: string, culprit = { service: name, version }): QuarantineEntry => ({
    service: name,
    platformDigest: pinned(name, version).platformDigest,
    definitionHash: null,
    culprit: {
      service: culprit.service,
      platformDigest: pinned(culprit.service, culprit.version).platformDigest,
      definitionHash: null,
    },
    reason: "it exited",
    since: 0,
  });

  it("must hold the digest that failed until the tag moves", () => {
    const quarantine = [entry("web", "2")];
    expect(plan(input([web], { web: "2" }, [running], { quarantine })).held[0]?.message).toBe(
      "failed here before: it exited",
    );
    expect(plan(input([web], { web: "3" }, [running], { quarantine })).moved).toEqual(["web"]);
  });

  it("must hold what moved together with the culprit until the culprit's tag moves", () => {
    const db = service("db");
    const quarantine = [entry("web", "2", { service: "db", version: "2" })];
    const both = [running, container(db, "1")];
    expect(plan(input([web, db], { web: "2", db: "2" }, both, { quarantine })).held[0]?.message).toBe(
      "moved together with db, which failed: it exited",
    );
    expect(plan(input([web, db], { web: "2", db: "3" }, both, { quarantine })).moved).toEqual(["db", "web"]);
  });

  it("must hold a definition that failed, on any image", () => {
    const quarantine = [
      {
        ...entry("web", "1"),
        platformDigest: null,
        definitionHash: "v1:bad",
        culprit: { service: "web", platformDigest: null, definitionHash: "v1:bad" },
      },
    ];
    const bad: DesiredService = service("web", { definitionHash: "v1:bad" });
    expect(plan(input([bad], { web: "1" }, [running], { quarantine })).held[0]?.reason).toBe("Quarantined");
  });
});

describe("host ports that change hands", () => {
  it("must be free before the new owner starts", () => {
    const a = service("a", { hostPorts: [":81/tcp"] });
    const b = service("b", { hostPorts: [":80/tcp"] });
    const old = (of: DesiredService, port: string) =>
      container(of, "1", { hostPorts: [port], definitionHash: "v1:before" });
    const made = plan(input([a, b], { a: "1", b: "1" }, [old(a, ":80/tcp"), old(b, ":81/tcp")]));
    const order = made.steps.map((s) => `${s.service} ${s.kind}`);
    expect(order.indexOf("b stopContainer")).toBeLessThan(order.indexOf("a startContainer"));
    expect(order.filter((s) => s === "b stopContainer")).toHaveLength(1);
  });
});

describe("networks and volumes", () => {
  const used = service("web", { networks: ["default"], volumes: ["data"] });
  const network = {
    key: "default",
    name: "p_default",
    external: false,
    driver: null,
    driverOpts: {},
    internal: false,
    attachable: false,
    enableIpv6: null,
    ipam: null,
    labels: {},
    composeHash: "n",
  };
  const volume = {
    key: "data",
    name: "p_data",
    external: false,
    driver: null,
    driverOpts: {},
    labels: {},
    composeHash: "v",
  };

  it("must be made before the containers that use them", () => {
    const desired = project([used], { networks: [network], volumes: [volume] });
    const made = plan({
      desired,
      images: new Map([["web", offered("web", "1")]]),
      observed: observed([]),
      policy: policy(),
    });
    expect(made.steps.slice(0, 2).map((s) => s.kind)).toEqual(["createNetwork", "createVolume"]);
  });

  it("that are external and missing must hold the service, and nothing is touched", () => {
    const desired = project([used], { networks: [{ ...network, external: true }], volumes: [volume] });
    const made = plan({
      desired,
      images: new Map([["web", offered("web", "2")]]),
      observed: observed([running]),
      policy: policy(),
    });
    expect(made.steps).toEqual([]);
    expect(made.held[0]?.message).toContain("network p_default is declared as external");
  });

  it("that were made from another definition must be reported and left alone", () => {
    const desired = project([used], { networks: [network], volumes: [volume] });
    const there = {
      networks: [{ id: "n", name: "p_default", labels: { "com.docker.compose.config-hash": "x" } }],
      volumes: [{ name: "p_data", labels: { "com.docker.compose.config-hash": "y" } }],
    };
    const made = plan({
      desired,
      images: new Map([["web", offered("web", "1")]]),
      observed: observed([container(used, "1")], there),
      policy: policy(),
    });
    expect(made.steps).toEqual([]);
    expect(made.notes).toHaveLength(2);
  });

  it("an engine that takes one network at a time must get the others before the start", () => {
    const two = service("web", {
      networks: ["default", "front"],
      spec: { image: "x", networks: { default: null, front: null } },
    });
    const desired = project([two], { networks: [network, { ...network, key: "front", name: "p_front" }] });
    const made = plan({
      desired,
      images: new Map([["web", offered("web", "1")]]),
      observed: observed([]),
      policy: policy({ multiNetworkCreate: false }),
    });
    const order = made.steps.map((s) => s.kind);
    expect(order.indexOf("connectNetwork")).toBeGreaterThan(order.indexOf("createContainer"));
    expect(order.indexOf("connectNetwork")).toBeLessThan(order.indexOf("startContainer"));
  });
});

function digest(version: string): string {
  return pinned("web", version).platformDigest.slice("sha256:".length);
}
