// Networks, endpoints and volumes as docker compose 2.40.3 sends them.
import { describe, expect, it } from "vitest";
import {
  apiAtLeast,
  containerBody,
  endpointBody,
  networkBody,
  primaryNetworkOrder,
  volumeBody,
} from "../../../src/core/container/index.ts";
import type { ServiceSpec } from "../../../src/core/model/index.ts";
import { network, volume } from "../../support/builders.ts";
import { input, PROJECT, service } from "./builders.ts";

const MAC = "02:42:ac:11:00:02";

function endpoint(spec: Partial<ServiceSpec>, key: string, apiVersion = "1.44"): Record<string, unknown> {
  return endpointBody({
    service: service(spec),
    project: PROJECT,
    network: key,
    finalName: "p-web-1",
    links: [],
    apiVersion,
  });
}

describe("primaryNetworkOrder", () => {
  it("must put the highest priority first and break ties by key", () => {
    const of = (networks: ServiceSpec["networks"] & object): readonly string[] =>
      primaryNetworkOrder(service({ networks }), PROJECT);
    expect(of({ front: null, default: null, back: null })).toEqual(["back", "default", "front"]);
    expect(of({ unknown: { priority: 9 }, back: null })).toEqual(["back"]);
    expect(of({ back: null, front: { priority: 5 }, default: { priority: -1 } })).toEqual([
      "front",
      "back",
      "default",
    ]);
  });
});

describe("endpointBody", () => {
  it("must put the final name first, then the service, then the aliases", () => {
    expect(endpoint({ networks: { back: { aliases: ["x"] } } }, "back")).toEqual({
      Aliases: ["p-web-1", "web", "x"],
      IPAMConfig: {},
    });
  });

  it("must carry no address that the file does not give", () => {
    const of = (back: NonNullable<ServiceSpec["networks"]>[string]) =>
      endpoint({ networks: { back } }, "back").IPAMConfig;
    expect(of({ ipv4_address: "10.0.0.2" })).toStrictEqual({ IPv4Address: "10.0.0.2" });
    expect(of(null)).toBeNull();
  });

  it("must join a network that neither service nor project names, by its key", () => {
    const none = service({}, { spec: { image: "x" } });
    const parts = { project: PROJECT, network: "other", finalName: "p-web-1", links: [], apiVersion: "1.44" };
    expect(endpointBody({ ...parts, service: none })).toStrictEqual({
      Aliases: ["p-web-1", "web"],
      IPAMConfig: null,
    });
    const body = containerBody(input({ networks: { other: null } }, { networks: ["other"] }));
    expect(body.HostConfig).toMatchObject({ NetworkMode: "other" });
  });

  it("must carry addresses and driver options", () => {
    const back = {
      ipv4_address: "10.0.0.2",
      ipv6_address: "fd00::2",
      link_local_ips: ["169.254.1.1"],
      driver_opts: { a: "b" },
      mac_address: MAC,
    };
    expect(endpoint({ networks: { back } }, "back")).toMatchObject({
      IPAMConfig: { IPv4Address: "10.0.0.2", IPv6Address: "fd00::2", LinkLocalIPs: ["169.254.1.1"] },
      DriverOpts: { a: "b" },
      MacAddress: MAC,
      // As docker compose has it.
      IPAddress: "10.0.0.2",
      IPv6Gateway: "fd00::2",
    });
  });

  it("must give the service's MAC address to the primary network alone, and to none below API 1.44", () => {
    const spec = { mac_address: MAC, networks: { back: null, front: { priority: 1 } } };
    expect(endpoint(spec, "front")).toMatchObject({ MacAddress: MAC });
    expect(endpoint(spec, "back")).not.toHaveProperty("MacAddress");
    expect(endpoint(spec, "front", "1.43")).not.toHaveProperty("MacAddress");
  });
});

describe("containerBody with networks", () => {
  it("must name the first network as mode and give every endpoint asked for", () => {
    const body = containerBody(
      input({ networks: { back: null, front: null } }, { networks: ["front", "back"] }),
    );
    expect(body.HostConfig).toMatchObject({ NetworkMode: "real" });
    expect(Object.keys((body.NetworkingConfig as { EndpointsConfig: object }).EndpointsConfig)).toEqual([
      "real",
      "p_back",
    ]);
    expect(body).not.toHaveProperty("MacAddress");
  });

  it("must put a MAC address into the container below API 1.44", () => {
    const old = { apiVersion: "1.43", networks: ["back"] };
    expect(containerBody(input({ mac_address: MAC }, { apiVersion: "1.43" })).MacAddress).toBe(MAC);
    expect(containerBody(input({ networks: { back: { mac_address: MAC } } }, old)).MacAddress).toBe(MAC);
  });

  it("must accept the same MAC address given twice, and one without any network", () => {
    const networks = { back: { mac_address: MAC } };
    expect(containerBody(input({ networks, mac_address: MAC }, { apiVersion: "1.43" })).MacAddress).toBe(MAC);
    expect(containerBody(input({ networks, mac_address: MAC })).MacAddress).toBeUndefined();
    expect(containerBody(input({ networks: {}, mac_address: MAC }, { networks: [] })).MacAddress).toBe(MAC);
  });

  it("must send a fixed address twice, a gateway's priority, and an interface's name as an option", () => {
    const networks = {
      default: {
        ipv4_address: "10.0.0.2",
        gw_priority: 5,
        interface_name: "eth9",
        driver_opts: { a: "b", "com.docker.network.endpoint.ifname": "eth1" },
      },
    };
    expect(containerBody(input({ networks })).NetworkingConfig).toMatchObject({
      EndpointsConfig: {
        p_default: {
          IPAddress: "10.0.0.2",
          IPAMConfig: { IPv4Address: "10.0.0.2" },
          GwPriority: 5,
          DriverOpts: { a: "b", "com.docker.network.endpoint.ifname": "eth9" },
        },
      },
    });
  });

  it("must send network_mode as it is, without endpoints", () => {
    const host = service({}, { spec: { image: "x", network_mode: "host" } });
    const body = containerBody(input({}, { service: host, networks: [] }));
    expect(body.HostConfig).toMatchObject({ NetworkMode: "host" });
    expect(body).not.toHaveProperty("NetworkingConfig");
  });

  it("must link every container of the target under three names", () => {
    const body = containerBody(input({ links: ["db:d"] }, { linkNames: { db: ["p-db-1"] } }));
    const links = ["p-db-1:d", "p-db-1:db-1", "p-db-1:p-db-1"];
    expect(body.HostConfig).toMatchObject({ Links: links });
    expect(body.NetworkingConfig).toMatchObject({ EndpointsConfig: { p_default: { Links: links } } });
  });
});

describe("links", () => {
  it("must name the target itself where no alias is given, and nothing where it has no container", () => {
    const links = (linkNames: Record<string, string[]>) =>
      containerBody(input({ links: ["db"] }, { linkNames })).HostConfig;
    expect(links({ db: ["p-db-1"] })).toMatchObject({ Links: ["p-db-1:db", "p-db-1:db-1", "p-db-1:p-db-1"] });
    expect(links({})).toMatchObject({ Links: [] });
  });
});

describe("networkBody and volumeBody", () => {
  it("must send of an address pool only what the file gives", () => {
    const ipam = { driver: "custom", config: [{ subnet: "10.0.0.0/24" }, { gateway: "10.1.0.1" }] };
    expect(networkBody(network("back", { ipam }), PROJECT, "1.44").IPAM).toStrictEqual({
      Driver: "custom",
      Config: [{ Subnet: "10.0.0.0/24" }, { Gateway: "10.1.0.1" }],
    });
  });

  it("must send a plain network with compose's labels", () => {
    expect(networkBody(network("back"), PROJECT, "1.43")).toEqual({
      Name: "p_back",
      CheckDuplicate: true,
      Driver: "",
      Options: {},
      Internal: false,
      Attachable: false,
      IPAM: null,
      Labels: {
        "com.docker.compose.project": "p",
        "com.docker.compose.network": "back",
        "com.docker.compose.version": "2.40.3",
        "com.docker.compose.config-hash": "n".repeat(64),
      },
    });
  });

  it("must send every option of a network, and no CheckDuplicate from API 1.44 on", () => {
    const pool = {
      subnet: "10.0.0.0/24",
      gateway: "10.0.0.1",
      ip_range: "10.0.0.128/25",
      aux_addresses: { h: "10.0.0.5" },
    };
    const full = network("back", {
      driver: "bridge",
      driverOpts: { a: "b" },
      internal: true,
      attachable: true,
      enableIpv6: false,
      ipam: { driver: null, config: [pool] },
    });
    const body = networkBody(full, PROJECT, "1.44");
    expect(body).toMatchObject({
      Driver: "bridge",
      Options: { a: "b" },
      Internal: true,
      Attachable: true,
      EnableIPv6: false,
      IPAM: {
        Driver: "",
        Config: [
          {
            Subnet: "10.0.0.0/24",
            IPRange: "10.0.0.128/25",
            Gateway: "10.0.0.1",
            AuxiliaryAddresses: { h: "10.0.0.5" },
          },
        ],
      },
    });
    expect(body).not.toHaveProperty("CheckDuplicate");
  });

  it("must send a volume with compose's labels over the file's own", () => {
    expect(
      volumeBody(
        volume("data", { labels: { l: "1", "com.docker.compose.volume": "no" }, driverOpts: { o: "1" } }),
        PROJECT,
      ),
    ).toEqual({
      Name: "p_data",
      Driver: "",
      DriverOpts: { o: "1" },
      Labels: {
        l: "1",
        "com.docker.compose.project": "p",
        "com.docker.compose.volume": "data",
        "com.docker.compose.version": "2.40.3",
        "com.docker.compose.config-hash": "v".repeat(64),
      },
    });
  });
});

describe("apiAtLeast", () => {
  it.each([
    ["1.44", true],
    ["1.100", true],
    ["2.0", true],
    ["1.43", false],
    ["1.9", false],
    ["0.99", false],
    ["", false],
  ])("%s against 1.44 must be %s", (version, expected) => {
    expect(apiAtLeast(version, 44)).toBe(expected);
  });
});

describe("networkBody of a network", () => {
  it("must say that it does without IPv4 only to engines that know it", () => {
    const without = network("n", { enableIpv4: false });
    expect(networkBody(without, PROJECT, "1.48")).toMatchObject({ EnableIPv4: false });
    expect(networkBody(without, PROJECT, "1.47")).not.toHaveProperty("EnableIPv4");
    expect(networkBody(network("n"), PROJECT, "1.48")).not.toHaveProperty("EnableIPv4");
  });

  it("must leave addresses to the engine where ipam says nothing", () => {
    const empty = network("n", { ipam: { driver: null, config: [] } });
    expect(networkBody(empty, PROJECT, "1.48").IPAM).toBeNull();
    const driver = network("n", { ipam: { driver: "default", config: [] } });
    expect(networkBody(driver, PROJECT, "1.48").IPAM).toEqual({ Driver: "default", Config: [] });
  });
});
