import { describe, expect, it } from "vitest";
import type { ObservedContainer } from "../../../src/core/model/index.ts";
import { planRollback } from "../../../src/core/plan/index.ts";
import { container, observed, retired, service } from "../../support/builders.ts";

const vpn = service("vpn");
const app = service("app", { sharesWith: ["vpn"] });
const old = container(vpn, "1");
const bad = container(vpn, "2");

function back(containers: readonly ObservedContainer[], restarts: readonly [string, string[]][] = []) {
  return planRollback({
    observed: observed(containers),
    order: ["vpn", "app", "zoo"],
    moved: [],
    fresh: [],
    jobs: [],
    good: new Map(),
    restart: new Map(),
    startFirst: new Set(),
    restarts: new Map(restarts),
    services: new Map(),
    healthTimeoutMs: 1000,
    reason: "it failed",
  });
}

const starts = (containers: readonly ObservedContainer[], restarts: readonly [string, string[]][] = []) =>
  back(containers, restarts).steps.flatMap((step) => (step.kind === "startContainer" ? [step.name] : []));

describe("what ran on beside a container that goes back", () => {
  it("must be started anew after it where it sits in its namespaces", () => {
    const inside = container(app, "1", { sharedWith: [old.id] });
    const plan = back([bad, retired(old), inside]);
    const last = plan.steps.slice(-3);
    expect(last.map((step) => `${step.service} ${step.kind}`)).toEqual([
      "app stopContainer",
      "app startContainer",
      "app awaitHealthy",
    ]);
    expect(last.map((step) => step.after)).toEqual([[], [last[0]?.n], [last[1]?.n]]);
    expect(plan.steps.at(-1)?.required).toBe(false);
  });

  it("must be started anew where it asks for it, and so must what hangs on that in turn", () => {
    const inside = container(app, "1");
    const zoo = container(service("zoo"), "1", { sharedWith: [inside.id] });
    expect(starts([zoo, inside, bad, retired(old)], [["vpn", ["app"]]])).toEqual([
      "p-vpn-1",
      "p-app-1",
      "p-zoo-1",
    ]);
  });

  it("must be left alone where the old container never stopped, where it is stopped, and where it hangs on nothing", () => {
    const inside = container(app, "1", { sharedWith: [old.id] });
    const up = { ...retired(old), state: "running" } as const;
    expect(starts([bad, up, inside])).toEqual([]);
    expect(starts([bad, retired(old), { ...inside, state: "exited" }])).toEqual(["p-vpn-1"]);
    expect(starts([bad, retired(old), container(app, "1")])).toEqual(["p-vpn-1"]);
  });

  it("must be started anew when an earlier way back was cut off before it was", () => {
    const inside = container(app, "1", { sharedWith: [old.id] });
    expect(starts([{ ...old, startedAt: 2000 }, inside])).toEqual(["p-app-1"]);
    expect(starts([{ ...old, startedAt: 500 }, inside])).toEqual([]);
  });
});
