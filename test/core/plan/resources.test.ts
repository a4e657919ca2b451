import { describe, expect, it } from "vitest";
import { plan } from "../../../src/core/plan/index.ts";
import {
  container,
  network,
  observed,
  offered,
  policy,
  project,
  service,
  volume,
} from "../../support/builders.ts";

const web = service("web");
const running = container(web, "1");

describe("networks and volumes", () => {
  const used = service("web", { networks: ["default"], volumes: ["data"] });
  const declared = { networks: [network("default")], volumes: [volume("data")] };

  it("must be made before the containers that use them", () => {
    const desired = project([used], declared);
    const made = plan({
      desired,
      images: new Map([["web", offered("web", "1")]]),
      observed: observed([]),
      details: new Map(),
      policy: policy(),
    });
    expect(made.steps.slice(0, 2).map((s) => s.kind)).toEqual(["createNetwork", "createVolume"]);
  });

  it("that are external and missing must hold the service, and nothing is touched", () => {
    const desired = project([used], { ...declared, networks: [network("default", { external: true })] });
    const made = plan({
      desired,
      images: new Map([["web", offered("web", "2")]]),
      observed: observed([running]),
      details: new Map(),
      policy: policy(),
    });
    expect(made.steps).toEqual([]);
    expect(made.held[0]?.message).toContain("network p_default is declared as external");
  });

  it("that were made from another definition must be reported and left alone", () => {
    const desired = project([used], declared);
    const there = {
      networks: [{ id: "n", name: "p_default", labels: { "com.docker.compose.config-hash": "x" } }],
      volumes: [{ name: "p_data", labels: { "com.docker.compose.config-hash": "y" } }],
    };
    const made = plan({
      desired,
      images: new Map([["web", offered("web", "1")]]),
      observed: observed([container(used, "1")], there),
      details: new Map(),
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
    const desired = project([two], { networks: [network("default"), network("front")] });
    const made = plan({
      desired,
      images: new Map([["web", offered("web", "1")]]),
      observed: observed([]),
      details: new Map(),
      policy: policy({ multiNetworkCreate: false }),
    });
    const order = made.steps.map((s) => s.kind);
    expect(order.indexOf("connectNetwork")).toBeGreaterThan(order.indexOf("createContainer"));
    expect(order.indexOf("connectNetwork")).toBeLessThan(order.indexOf("startContainer"));
  });
});
