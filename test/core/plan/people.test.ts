import { describe, expect, it } from "vitest";
import type { DesiredService, QuarantineEntry } from "../../../src/core/model/index.ts";
import { plan, renderPlan } from "../../../src/core/plan/index.ts";
import { container, input, pinned, service } from "../../support/builders.ts";

const web = service("web");
const running = container(web, "1");

function text(...args: Parameters<typeof input>): string {
  return renderPlan(plan(input(...args))).replace(/ {2,}/g, "  ");
}

/** `kind name` of each step: for tests where the order is what matters. */
function kinds(...args: Parameters<typeof input>): readonly string[] {
  return plan(input(...args)).steps.map((step) => `${step.service} ${step.kind}`);
}

const failed = { service: "web", platformDigest: pinned("web", "2").platformDigest, definitionHash: null };
const refused: QuarantineEntry = { ...failed, culprit: failed, reason: "it exited", since: 0 };

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

  it("a new revision of the compose file must bring a stopped service back on the image that moved meanwhile", () => {
    const steps = kinds([web], { web: "2" }, [stopped], { seen: { web: "r0" } });
    expect(steps).toContain("web createContainer");
    expect(steps).toContain("web startContainer");
  });

  it.each([
    ["quarantined", web, [refused]],
    ["not followed", service("web", { update: "off" }), []],
  ] as const)(
    "apply must start what was stopped on the image it has, while the new one is %s",
    (_why, wanted, quarantine) => {
      const steps = kinds([wanted], { web: "2" }, [stopped], { force: true, quarantine });
      expect(steps).toEqual(["web startContainer", "web awaitHealthy"]);
      expect(kinds([wanted], { web: "2" }, [stopped], { quarantine })).toEqual([]);
    },
  );

  it("a changed definition must bring a stopped service back as the new one", () => {
    const other = service("web", { definitionHash: "v1:other" });
    expect(plan(input([other], { web: "1" }, [stopped])).moved).toEqual(["web"]);
  });

  it("a container that a dying engine ended must be started, one that ended before or after must not", () => {
    const away = [{ from: 100_000, until: 110_000 }];
    const ended = (finishedAt: number) => ({ ...stopped, finishedAt });
    for (const at of [95_000, 100_000, 110_000]) {
      expect(kinds([web], { web: "1" }, [ended(at)], { away })).toContain("web startContainer");
      expect(plan(input([web], { web: "2" }, [ended(at)], { away })).moved).toEqual(["web"]);
    }
    for (const at of [94_999, 110_001]) {
      expect(plan(input([web], { web: "1" }, [ended(at)], { away })).held[0]?.reason).toBe("StoppedByHand");
    }
  });

  it("what an engine that goes away stops must be started again, whatever it exited with and may exit by itself", () => {
    const away = { from: 100_000, until: 110_000 };
    const plain = service("web", { restart: "no" });
    const ended = (finishedAt: number) =>
      container(plain, "1", { state: "exited", exitCode: 0, finishedAt, restartPolicy: "no" });
    expect(kinds([plain], { web: "1" }, [ended(101_000)], { away: [away] })).toContain("web startContainer");
    // A job that came to its end before.
    expect(plan(input([plain], { web: "1" }, [ended(90_000)], { away: [away] })).steps).toEqual([]);
  });

  it("a container whose way back was cut off must be started, with its policy back, journal or not", () => {
    const cut = { ...stopped, restartPolicy: "no" };
    const order = ["web startContainer", "web setRestartPolicy", "web awaitHealthy"];
    expect(kinds([web], { web: "1" }, [cut])).toEqual(order);
    const held = { kind: "held", reason: "RegistryUnavailable", message: "no answer" } as const;
    expect(kinds([web], { web: held }, [cut])).toEqual(order);
    expect(kinds([web], { web: "1" }, [{ ...running, restartPolicy: "no" }])).toEqual([
      "web setRestartPolicy",
    ]);
    expect(kinds([web], { web: held }, [{ ...running, restartPolicy: "" }])).toEqual([
      "web setRestartPolicy",
    ]);
    expect(kinds([web], { web: "1" }, [running])).toEqual([]);
    const adopted = { ...running, definitionHash: null, labels: {}, restartPolicy: "no" };
    expect(kinds([web], { web: "1" }, [adopted])).toEqual([]);
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
