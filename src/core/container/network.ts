// Which networks a container joins and how, and the create bodies of networks and volumes (compose.md 2, 2.3).
// Refuses MAC addresses that this engine cannot set.
import {
  BoardhandError,
  type DesiredNetwork,
  type DesiredProject,
  type DesiredService,
  type DesiredVolume,
  type ServiceNetworkSpec,
} from "../model/index.ts";
import { defined } from "./defined.ts";
import { networkLabels, volumeLabels } from "./labels.ts";
import { apiAtLeast } from "./names.ts";

type Body = Readonly<Record<string, unknown>>;

/** API version from which one create call takes several networks and each endpoint its own MAC address. */
export const MULTIPLE_ENDPOINTS = 44;

/** Keys of the service's networks, the one that gives the default route first: highest priority, ties by key. */
export function primaryNetworkOrder(service: DesiredService, project: DesiredProject): readonly string[] {
  const known = new Set(project.networks.map((network) => network.key));
  const networks = service.spec.networks ?? {};
  return Object.keys(networks)
    .filter((key) => known.has(key))
    .sort((a, b) => {
      const byPriority = (networks[b]?.priority ?? 0) - (networks[a]?.priority ?? 0);
      return byPriority !== 0 ? byPriority : a < b ? -1 : 1;
    });
}

/** The engine's name of a network key of the project. */
export function networkName(key: string, project: DesiredProject): string {
  return project.networks.find((network) => network.key === key)?.name ?? key;
}

export interface EndpointInput {
  readonly service: DesiredService;
  readonly project: DesiredProject;
  /** Key of the network. */
  readonly network: string;
  /** The name the container has in the end, also where it is created under another. */
  readonly finalName: string;
  /** `container:alias`, made by `engineLinks`. */
  readonly links: readonly string[];
  readonly apiVersion: string;
}

/** An endpoint: a value of `EndpointsConfig` at creation, `EndpointConfig` of `POST /networks/{name}/connect`. */
export function endpointBody(input: EndpointInput): Body {
  const { service, project, network } = input;
  const options = service.spec.networks?.[network] ?? null;
  const isPrimary = primaryNetworkOrder(service, project)[0] === network;
  const macAddress = options?.mac_address ?? (isPrimary ? service.spec.mac_address : undefined);
  return {
    Aliases: [input.finalName, service.name, ...(options?.aliases ?? [])],
    IPAMConfig: options === null ? null : addresses(options),
    ...(input.links.length === 0 ? {} : { Links: input.links }),
    ...(options?.driver_opts === undefined ? {} : { DriverOpts: options.driver_opts }),
    ...(macAddress !== undefined && apiAtLeast(input.apiVersion, MULTIPLE_ENDPOINTS)
      ? { MacAddress: macAddress }
      : {}),
  };
}

function addresses(options: ServiceNetworkSpec): Body {
  return defined({
    IPv4Address: options.ipv4_address,
    IPv6Address: options.ipv6_address,
    LinkLocalIPs: options.link_local_ips,
  });
}

/** `Config.MacAddress`, which exists below API 1.44 only and then for one network; undefined where endpoints say it. */
export function containerMacAddress(
  service: DesiredService,
  project: DesiredProject,
  apiVersion: string,
): string | undefined {
  const networks = service.spec.networks ?? {};
  const primary = primaryNetworkOrder(service, project)[0];
  const ofService = service.spec.mac_address;
  const ofPrimary = primary === undefined ? undefined : networks[primary]?.mac_address;
  if (ofService !== undefined && ofPrimary !== undefined && ofService !== ofPrimary) {
    throw refused(service, `mac_address differs from the one of network ${primary}`, "give the address once");
  }
  if (apiAtLeast(apiVersion, MULTIPLE_ENDPOINTS)) return primary === undefined ? ofService : undefined;
  const withAddress = Object.keys(networks).filter((key) => networks[key]?.mac_address !== undefined);
  if (withAddress.some((key) => key !== primary)) {
    throw refused(
      service,
      `mac_address of network ${withAddress.sort().join(", ")} needs an engine with API 1.44`,
      "update the engine, or give only the primary network an address",
    );
  }
  return ofPrimary ?? ofService;
}

function refused(service: DesiredService, what: string, hint: string): BoardhandError {
  return new BoardhandError("E_COMPOSE", `service ${service.name}: ${what}`, {
    hint,
    data: { service: service.name },
  });
}

/** Links for every container of the targets: the alias, and the two names compose v1 gave. */
export function engineLinks(
  service: DesiredService,
  project: DesiredProject,
  number: number,
  linkNames: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  return (service.spec.links ?? []).flatMap((link) => {
    const [target = "", alias = target] = link.split(":");
    return (linkNames[target] ?? []).flatMap((container) => [
      `${container}:${alias}`,
      `${container}:${target}-${number}`,
      `${container}:${project.name}-${target}-${number}`,
    ]);
  });
}

/** The body of `POST /networks/create`. */
export function networkBody(network: DesiredNetwork, project: DesiredProject, apiVersion: string): Body {
  return {
    Name: network.name,
    ...(apiAtLeast(apiVersion, 44) ? {} : { CheckDuplicate: true }),
    Driver: network.driver ?? "",
    Options: network.driverOpts,
    Internal: network.internal,
    Attachable: network.attachable,
    ...(network.enableIpv6 === null ? {} : { EnableIPv6: network.enableIpv6 }),
    IPAM: network.ipam === null ? null : ipamBody(network.ipam),
    Labels: networkLabels(network, project),
  };
}

function ipamBody(ipam: NonNullable<DesiredNetwork["ipam"]>): Body {
  return {
    Driver: ipam.driver ?? "",
    Config: ipam.config.map((pool) =>
      defined({
        Subnet: pool.subnet,
        IPRange: pool.ip_range,
        Gateway: pool.gateway,
        AuxiliaryAddresses: pool.aux_addresses,
      }),
    ),
  };
}

/** The body of `POST /volumes/create`. */
export function volumeBody(volume: DesiredVolume, project: DesiredProject): Body {
  return {
    Name: volume.name,
    Driver: volume.driver ?? "",
    DriverOpts: volume.driverOpts,
    Labels: volumeLabels(volume, project),
  };
}
