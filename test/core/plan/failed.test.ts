import { describe, expect, it } from "vitest";
import type { QuarantineEntry, Rollout } from "../../../src/core/model/index.ts";
import { plan } from "../../../src/core/plan/index.ts";
import { container, input, pinned, retired, service } from "../../support/builders.ts";

const web = service("web", { restart: "no" });
const crashed = container(web, "1", { state: "exited", exitCode: 3, startedAt: 1000 });
const stalled: Rollout = { kind: "stalled", good: null, failed: "r", reason: "it failed", rolledBack: false };

function kinds(...args: Parameters<typeof input>): readonly string[] {
  return plan(input(...args)).steps.map((step) => step.kind);
}

describe("a service whose first start failed", () => {
  it("must be started again, and be replaced when its tag moves", () => {
    expect(kinds([web], { web: "1" }, [crashed], { rollout: stalled })).toEqual([
      "startContainer",
      "awaitHealthy",
    ]);
    expect(kinds([web], { web: "2" }, [crashed], { rollout: stalled })).toContain("createContainer");
  });

  it("must be replaced when its tag moves also where the second version failed and it was put back", () => {
    const rollout: Rollout = { ...stalled, rolledBack: true };
    expect(kinds([web], { web: "2" }, [crashed], { rollout })).toContain("createContainer");
    const ofCompose = { ...crashed, definitionHash: null };
    expect(plan(input([web], { web: "2" }, [ofCompose], { rollout })).held[0]?.reason).toBe("StoppedByHand");
  });

  it("must stay stopped where a look has seen it running since, or where the rollout went back to a good one", () => {
    for (const parts of [
      { rollout: stalled, seen: { web: "r1" } },
      { rollout: { ...stalled, rolledBack: true }, seen: { web: "r1" } },
      { rollout: { ...stalled, good: "r1", rolledBack: true } },
      { rollout: { kind: "idle", good: null } as const },
    ]) {
      for (const version of ["1", "2"]) {
        const next = plan(input([web], { web: version }, [crashed], parts));
        expect(next.steps).toEqual([]);
        expect(next.held[0]?.reason).toBe("StoppedByHand");
      }
    }
  });
});

describe("services beside one whose first start failed", () => {
  const bad = service("bad");
  const after = service("after", {
    dependsOn: [{ service: "bad", condition: "service_started", restart: false, required: true }],
  });
  const zoo = service("zoo");
  const never = { state: "created", startedAt: null } as const;
  const order = (of: Parameters<typeof container>[2], rollout: Rollout) =>
    plan(
      input(
        [after, bad, zoo],
        { after: "1", bad: "1", zoo: "1" },
        [container(after, "1", never), container(bad, "1", of), container(zoo, "1", never)],
        { rollout },
      ),
    ).steps.flatMap((step) => (step.kind === "startContainer" ? [step.service] : []));

  it("must not wait for it, but for what they depend on", () => {
    expect(order({ state: "exited", exitCode: 1 }, stalled)).toEqual(["zoo", "bad", "after"]);
    expect(order({ ...never, error: "port is already allocated" }, stalled)).toEqual(["zoo", "bad", "after"]);
  });

  it("must keep their order where nothing failed", () => {
    expect(order(never, stalled)).toEqual(["bad", "after", "zoo"]);
    const rollout: Rollout = { kind: "progressing", good: null, to: "r", moved: ["zoo"], jobs: [] };
    expect(order({ ...never, error: "port is already allocated" }, rollout)).toEqual(["bad", "after", "zoo"]);
  });
});

describe("a retired container beside one that is kept although something newer is refused", () => {
  const current = container(web, "1");
  const left = retired(container(web, "2"));
  const entry = { service: "web", platformDigest: pinned("web", "2").platformDigest, definitionHash: null };
  const quarantine: readonly QuarantineEntry[] = [{ ...entry, culprit: entry, reason: "by hand", since: 0 }];

  it("must go once nothing is under way and the kept one is well", () => {
    expect(kinds([web], { web: "2" }, [current, left], { quarantine })).toEqual(["removeContainer"]);
  });

  it("must wait while the kept one has not proved itself", () => {
    const starting = { ...current, health: "starting" } as const;
    expect(kinds([web], { web: "2" }, [starting, left], { quarantine })).toEqual([]);
    const rollout: Rollout = { ...stalled, kind: "stalled" };
    expect(kinds([web], { web: "2" }, [current, left], { quarantine, rollout })).toEqual([]);
  });
});
