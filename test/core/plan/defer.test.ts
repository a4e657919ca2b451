import { describe, expect, it } from "vitest";
import type { DesiredService, ObservedContainer, Rollout } from "../../../src/core/model/index.ts";
import { plan } from "../../../src/core/plan/index.ts";
import { container, input, retired, service } from "../../support/builders.ts";

const stalled: Rollout = { kind: "stalled", good: null, failed: "r", reason: "it failed", rolledBack: false };
const never = { state: "created", startedAt: null } as const;
const refused = { ...never, error: "port is already allocated" } as const;
const api = service("api");
const web = service("web");

/** Services in the order they are started; `api` is there as given, the others were never reached. */
function order(
  of: Partial<ObservedContainer>,
  rollout: Rollout = stalled,
  others: readonly DesiredService[] = [web],
  more: readonly ObservedContainer[] = [],
) {
  const services = [api, ...others];
  const there = [container(api, "1", of), ...others.map((one) => container(one, "1", never)), ...more];
  const images = Object.fromEntries(services.map((one) => [one.name, "1"]));
  return plan(input(services, images, there, { rollout })).steps.flatMap((step) =>
    step.kind === "startContainer" ? [step.service] : [],
  );
}

describe("after a first deployment failed", () => {
  it("what the engine could not start or what ended must be tried last, and nothing else", () => {
    expect(order(refused)).toEqual(["web", "api"]);
    expect(order({ state: "exited", exitCode: 1 })).toEqual(["web", "api"]);
    expect(order(never)).toEqual(["api", "web"]);
  });

  it("what joins it or depends on it, at any remove, must come after it", () => {
    const joins = service("db", { sharesWith: ["api"] });
    const last = service("job", {
      dependsOn: [{ service: "db", condition: "service_started", restart: false, required: true }],
    });
    const there = (one: DesiredService) => [one.name, container(one, "1", never)] as const;
    const joined = container(joins, "1", { ...never, sharedWith: [container(api, "1").id] });
    const services = [api, joins, last, web];
    const containers = [container(api, "1", refused), joined, there(last)[1], there(web)[1]];
    const images = Object.fromEntries(services.map((one) => [one.name, "1"]));
    const { steps } = plan(input(services, images, containers, { rollout: stalled }));
    expect(steps.flatMap((step) => (step.kind === "startContainer" ? [step.service] : []))).toEqual([
      "web",
      "api",
      "db",
      "job",
    ]);
  });

  it("the order must be kept where the rollout went back or another one is under way", () => {
    expect(order(refused, { ...stalled, rolledBack: true })).toEqual(["api", "web"]);
    expect(order(refused, { kind: "idle", good: null })).toEqual(["api", "web"]);
  });

  it("what has an old one to stop must keep its place", () => {
    const up: ObservedContainer = { ...retired(container(api, "0")), state: "running" };
    expect(order(refused, stalled, [web], [up])).toEqual(["api", "web"]);
  });

  it("what has to be made must keep its place", () => {
    const made = plan(
      input([api, web], { api: "1", web: "1" }, [container(web, "1", refused)], { rollout: stalled }),
    );
    expect(made.steps.flatMap((step) => (step.kind === "startContainer" ? [step.service] : []))).toEqual([
      "api",
      "web",
    ]);
  });
});
