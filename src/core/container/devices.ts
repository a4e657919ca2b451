// Devices of the host and requests for GPUs and the like, in the order docker compose sends them.
import type { DeviceRequestSpec, DeviceSpec, ServiceSpec } from "../model/index.ts";

type Part = Readonly<Record<string, unknown>>;

/** `vendor.com/class=name`: what the Container Device Interface calls a device. */
const CDI_NAME = /^[a-z][\w.-]*\/[a-z][\w-]*=[a-z0-9][\w.:-]*$/i;

/** Devices, DeviceRequests and DeviceCgroupRules of HostConfig. */
export function devices(spec: ServiceSpec): Part {
  const all = spec.devices ?? [];
  const named = all.filter(isNamed).map((device) => device.source);
  const reserved = spec.deploy?.resources?.reservations?.devices ?? [];
  const requests = [
    ...reserved.map((request) => deviceRequest(request, request.capabilities ?? [])),
    ...(named.length === 0 ? [] : [{ Driver: "cdi", DeviceIDs: named }]),
    ...(spec.gpus ?? []).map((request) => deviceRequest(request, [...(request.capabilities ?? []), "gpu"])),
  ];
  return {
    Devices: all
      .filter((device) => !isNamed(device))
      .map((device) => ({
        PathOnHost: device.source,
        PathInContainer: device.target,
        CgroupPermissions: device.permissions ?? "",
      })),
    ...(requests.length === 0 ? {} : { DeviceRequests: requests }),
    ...(spec.device_cgroup_rules === undefined ? {} : { DeviceCgroupRules: spec.device_cgroup_rules }),
  };
}

function isNamed(device: DeviceSpec): boolean {
  return device.source === device.target && CDI_NAME.test(device.source);
}

function deviceRequest(request: DeviceRequestSpec, capabilities: readonly string[]): Part {
  return {
    Driver: request.driver ?? "",
    Count: request.count ?? 0,
    ...(request.device_ids === undefined ? {} : { DeviceIDs: request.device_ids }),
    Capabilities: [capabilities],
    ...(request.options === undefined ? {} : { Options: request.options }),
  };
}
