// The lists and small objects of a service as docker compose hashes them (compose-go types).
import type {
  DeviceSpec,
  HealthcheckSpec,
  PortSpec,
  ServiceNetworkSpec,
  ServiceSpec,
  UlimitSpec,
  VolumeMountSpec,
} from "../../model/index.ts";
import {
  bytes,
  type Encoded,
  flag,
  integer,
  integerPointer,
  pointer,
  stringList,
  stringMap,
  struct,
  text,
} from "./go-json.ts";
import { durationPointer } from "./go-numbers.ts";

/** Which compose wrote the model: they differ in how `create_host_path` is printed (compose.md 3.3). */
export type Dialect = "v2.40" | "v5";

export function encodePort(port: PortSpec): string {
  return struct([
    ["name", text(port.name)],
    ["mode", text(port.mode)],
    ["host_ip", text(port.host_ip)],
    ["target", integer(port.target)],
    ["published", text(port.published)],
    ["protocol", text(port.protocol)],
    ["app_protocol", text(port.app_protocol)],
  ]);
}

export function encodeVolumeMount(mount: VolumeMountSpec, dialect: Dialect): string {
  return struct([
    ["type", text(mount.type)],
    ["source", text(mount.source)],
    ["target", text(mount.target)],
    ["read_only", flag(mount.read_only)],
    ["consistency", text(mount.consistency)],
    ["bind", pointer(mount.bind, (bind) => encodeBind(bind, dialect))],
    ["volume", pointer(mount.volume, encodeVolumeOptions)],
    ["tmpfs", pointer(mount.tmpfs, encodeTmpfs)],
    ["image", pointer(mount.image, (image) => struct([["subpath", text(image.subpath)]]))],
  ]);
}

function encodeBind(bind: NonNullable<VolumeMountSpec["bind"]>, dialect: Dialect): string {
  return struct([
    ["selinux", text(bind.selinux)],
    ["propagation", text(bind.propagation)],
    ["create_host_path", encodeCreateHostPath(bind.create_host_path, dialect)],
    ["recursive", text(bind.recursive)],
  ]);
}

/** v2 prints it where it is true; v5 where it is not, which is also where nothing was said. */
function encodeCreateHostPath(value: boolean | undefined, dialect: Dialect): Encoded {
  if (dialect === "v2.40") return flag(value);
  return value === true ? undefined : "false";
}

function encodeVolumeOptions(options: NonNullable<VolumeMountSpec["volume"]>): string {
  return struct([
    ["labels", stringMap(options.labels)],
    ["nocopy", flag(options.nocopy)],
    ["subpath", text(options.subpath)],
  ]);
}

function encodeTmpfs(tmpfs: NonNullable<VolumeMountSpec["tmpfs"]>): string {
  return struct([
    ["size", bytes(tmpfs.size)],
    ["mode", integer(tmpfs.mode)],
  ]);
}

export function encodeServiceNetwork(network: ServiceNetworkSpec | null): string {
  if (network === null) return "null";
  return struct([
    ["aliases", stringList(network.aliases)],
    ["driver_opts", stringMap(network.driver_opts)],
    ["gw_priority", integer(network.gw_priority)],
    ["interface_name", text(network.interface_name)],
    ["ipv4_address", text(network.ipv4_address)],
    ["ipv6_address", text(network.ipv6_address)],
    ["link_local_ips", stringList(network.link_local_ips)],
    ["mac_address", text(network.mac_address)],
    ["priority", integer(network.priority)],
  ]);
}

export function encodeHealthcheck(check: HealthcheckSpec): string {
  return struct([
    ["test", stringList(check.test)],
    ["timeout", durationPointer(check.timeout)],
    ["interval", durationPointer(check.interval)],
    ["retries", integerPointer(check.retries)],
    ["start_period", durationPointer(check.start_period)],
    ["start_interval", durationPointer(check.start_interval)],
    ["disable", flag(check.disable)],
  ]);
}

export function encodeDevice(device: DeviceSpec): string {
  return struct([
    ["source", text(device.source)],
    ["target", text(device.target)],
    ["permissions", text(device.permissions)],
  ]);
}

export function encodeUlimit(ulimit: UlimitSpec): string {
  // A single limit of zero cannot be told from "not given" in compose-go: it prints as an empty object.
  if (typeof ulimit === "number") return ulimit === 0 ? "{}" : String(ulimit);
  return struct([
    ["soft", integer(ulimit.soft)],
    ["hard", integer(ulimit.hard)],
  ]);
}

export function encodeLogging(logging: NonNullable<ServiceSpec["logging"]>): string {
  return struct([
    ["driver", text(logging.driver)],
    ["options", stringMap(logging.options)],
  ]);
}
