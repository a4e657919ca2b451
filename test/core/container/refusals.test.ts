// What one engine cannot do must be known before anything is touched, and never be sent to it.
import { expect, it } from "vitest";
import { containerBody, refusalOf } from "../../../src/core/container/index.ts";
import type { ServiceSpec } from "../../../src/core/model/index.ts";
import { network } from "../../support/builders.ts";
import { input, PROJECT, service } from "./builders.ts";

const MAC = "02:42:ac:11:00:02";
const health = { test: ["CMD", "a"], start_interval: 1e9, start_period: 1e9 };

/** [attribute as messages call it, spec, first API version that has it]. */
const GATED: readonly (readonly [string, Partial<ServiceSpec>, number])[] = [
  ["annotations", { annotations: { a: "b" } }, 43],
  ["cgroup", { cgroup: "private" }, 41],
  ["healthcheck.start_interval", { healthcheck: health }, 44],
  ["networks.gw_priority", { networks: { default: { gw_priority: -1 } } }, 48],
  ["networks.interface_name", { networks: { default: { interface_name: "eth9" } } }, 49],
  ["platform", { platform: "linux/arm64" }, 41],
  [
    "volumes.bind.recursive writable",
    { volumes: [{ type: "bind", source: "/a", target: "/b", bind: { recursive: "writable" } }] },
    44,
  ],
  [
    "volumes.volume.subpath",
    { volumes: [{ type: "volume", source: "data", target: "/b", volume: { subpath: "s" } }] },
    45,
  ],
];

it.each(GATED)("%s must be refused one API version before there is one", (name, spec, since) => {
  const refusal = `uses ${name}, which needs an engine with API 1.${since}, this one has 1.${since - 1}`;
  expect(refusalOf(service(spec), PROJECT, `1.${since - 1}`)).toBe(refusal);
  expect(refusalOf(service(spec), PROJECT, `1.${since}`)).toBeNull();
  expect(() => containerBody(input(spec, { apiVersion: `1.${since - 1}` }))).toThrow(
    expect.objectContaining({
      code: "E_COMPOSE",
      retry: "never",
      message: `service web ${refusal}`,
      data: { service: "web", apiVersion: `1.${since - 1}` },
    }),
  );
});

it.each<[Partial<ServiceSpec>]>([
  [{ annotations: {} }],
  [{ cgroup: "" }],
  [{ networks: { default: { gw_priority: 0, interface_name: "" } } }],
  [{ volumes: [{ type: "bind", source: "/a", target: "/b", bind: { recursive: "disabled" } }] }],
])("%j asks for nothing and must be accepted by an old engine", (spec) => {
  expect(refusalOf(service(spec), PROJECT, "1.40")).toBeNull();
});

it("what no engine can do must be refused first, in the service's own words", () => {
  const web = service({ annotations: { a: "b" } }, { refusals: ["has build and no image"] });
  expect(refusalOf(web, PROJECT, "1.41")).toBe("has build and no image");
  expect(refusalOf(web, PROJECT, "1.49")).toBe("has build and no image");
});

it("a network without IPv4 must refuse the services that use it, below API 1.48", () => {
  const project = { ...PROJECT, networks: [network("default"), network("six", { enableIpv4: false })] };
  const user = service({ networks: { six: null } });
  expect(refusalOf(user, project, "1.47")).toBe(
    "uses the network six, whose enable_ipv4 needs an engine with API 1.48, this one has 1.47",
  );
  expect(refusalOf(user, project, "1.48")).toBeNull();
  expect(refusalOf(service(), project, "1.47")).toBeNull();
  const on = { ...PROJECT, networks: [network("six", { enableIpv4: true })] };
  expect(refusalOf(user, on, "1.47")).toBeNull();
});

it("a MAC address must be refused that contradicts another, or that the engine cannot set", () => {
  const networks = { back: { mac_address: MAC }, front: { mac_address: "02:42:ac:11:00:03" } };
  expect(refusalOf(service({ networks }), PROJECT, "1.43")).toBe(
    "gives the network front a mac_address, which needs an engine with API 1.44, this one has 1.43",
  );
  expect(refusalOf(service({ networks }), PROJECT, "1.44")).toBeNull();
  expect(refusalOf(service({ networks, mac_address: "02:42:ac:11:00:04" }), PROJECT, "1.44")).toBe(
    "has a mac_address that differs from the one of its network back; give it once",
  );
  const other = { back: null, front: { mac_address: MAC } };
  expect(refusalOf(service({ networks: other }), PROJECT, "1.43")).toContain("network front");
});
