// Which networks a container joins and how, and the create bodies of networks and volumes (compose.md 2, 2.3).
import type {
  DesiredNetwork,
  DesiredProject,
  DesiredService,
  DesiredVolume,
  ServiceNetworkSpec,
} from "../model/index.ts";
import { defined } from "./defined.ts";
import { networkLabels, volumeLabels } from "./labels.ts";
import { apiAtLeast, containerName } from "./names.ts";

type Body = Readonly<Record<string, unknown>>;

/** API version from which one create call takes several networks and each endpoint its own MAC address. */
export const MULTIPLE_ENDPOINTS = 44;

/** API version that knows EnableIPv4. */
const IPV4_CHOICE = 48;
const INTERFACE_NAME = "com.docker.network.endpoint.ifname";

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
    ...driverOptions(options),
    ...(options?.ipv4_address === undefined ? {} : { IPAddress: options.ipv4_address }),
    // No gateway, but that is where docker compose writes it; the engine puts the gateway there when it starts.
    ...(options?.ipv6_address === undefined ? {} : { IPv6Gateway: options.ipv6_address }),
    ...(options?.gw_priority === undefined || options.gw_priority === 0
      ? {}
      : { GwPriority: options.gw_priority }),
    ...(macAddress !== undefined && apiAtLeast(input.apiVersion, MULTIPLE_ENDPOINTS)
      ? { MacAddress: macAddress }
      : {}),
  };
}

/** An interface name is an option of the driver too, and wins over one that is written there. */
function driverOptions(options: ServiceNetworkSpec | null): Body {
  const name = options?.interface_name ?? "";
  if (name === "") return options?.driver_opts === undefined ? {} : { DriverOpts: options.driver_opts };
  return { DriverOpts: { ...options?.driver_opts, [INTERFACE_NAME]: name } };
}

function addresses(options: ServiceNetworkSpec): Body {
  return defined({
    IPv4Address: options.ipv4_address,
    IPv6Address: options.ipv6_address,
    LinkLocalIPs: options.link_local_ips,
  });
}

/** The containers that `links` of a service can name, by service: the names they have once everything is in place. */
export function linkedContainers(
  service: DesiredService,
  project: DesiredProject,
): Readonly<Record<string, readonly string[]>> {
  const linked = (service.spec.links ?? []).map((link) => link.split(":")[0]);
  const targets = project.services.filter(({ name }) => linked.includes(name));
  return Object.fromEntries(
    targets.map((target) => [
      target.name,
      Array.from({ length: target.replicas }, (_, index) => containerName(project, target, index + 1)),
    ]),
  );
}

/**
 * Links for every container of the targets: the alias, and the two names compose v1 gave. What is outside the project
 * is linked as it is written.
 */
export function engineLinks(
  service: DesiredService,
  project: DesiredProject,
  number: number,
  linkNames: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  const own = (service.spec.links ?? []).flatMap((link) => {
    const [target, alias] = linked(link);
    return (linkNames[target] ?? []).flatMap((container) => [
      `${container}:${alias}`,
      `${container}:${target}-${number}`,
      `${container}:${project.name}-${target}-${number}`,
    ]);
  });
  return [...own, ...(service.spec.external_links ?? []).map((link) => linked(link).join(":"))];
}

/** More than one colon means nothing to docker compose: the alias is the name then. */
function linked(link: string): readonly [target: string, alias: string] {
  const [target = "", alias = target, ...rest] = link.split(":");
  return [target, rest.length === 0 ? alias : target];
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
    ...(network.enableIpv4 === undefined || !apiAtLeast(apiVersion, IPV4_CHOICE)
      ? {}
      : { EnableIPv4: network.enableIpv4 }),
    ...(network.enableIpv6 === null ? {} : { EnableIPv6: network.enableIpv6 }),
    IPAM: ipamBody(network.ipam),
    Labels: networkLabels(network, project),
  };
}

/** Nothing said is null, as docker compose sends it: the engine's own driver and pools. */
function ipamBody(ipam: DesiredNetwork["ipam"]): Body | null {
  if (ipam === null || (!ipam.driver && ipam.config.length === 0)) return null;
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
