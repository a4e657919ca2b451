// Limits, devices and the restart policy of HostConfig; `deploy` overrides the short attributes.
import type { DeviceRequestSpec, ServiceSpec, UlimitSpec } from "../model/index.ts";

type Part = Readonly<Record<string, unknown>>;

/** The fields of HostConfig that bound what a container may use. */
export function resources(spec: ServiceSpec): Part {
  const limits = spec.deploy?.resources?.limits ?? {};
  const reservations = spec.deploy?.resources?.reservations ?? {};
  const requests = (reservations.devices ?? []).map(deviceRequest);
  return {
    ...set("Memory", limits.memory || spec.mem_limit),
    ...set("MemoryReservation", reservations.memory || spec.mem_reservation),
    ...set("MemorySwap", spec.memswap_limit),
    ...set("NanoCpus", nanoCpus(limits.cpus || spec.cpus)),
    ...set("CpuShares", spec.cpu_shares),
    ...(spec.cpuset === undefined ? {} : { CpusetCpus: spec.cpuset }),
    ...set("PidsLimit", limits.pids || spec.pids_limit),
    ...set("ShmSize", spec.shm_size),
    ...set("OomScoreAdj", spec.oom_score_adj),
    OomKillDisable: false,
    Devices: (spec.devices ?? []).map((device) => ({
      PathOnHost: device.source,
      PathInContainer: device.target,
      CgroupPermissions: device.permissions,
    })),
    ...(requests.length === 0 ? {} : { DeviceRequests: requests }),
    ...(spec.ulimits === undefined ? {} : { Ulimits: ulimits(spec.ulimits) }),
  };
}

/** Zero means "not limited" in every one of these and is left to the engine. */
function set(key: string, value: number | undefined): Part {
  return value === undefined || value === 0 ? {} : { [key]: value };
}

/** In 32-bit arithmetic, as compose does it: 0.13 processors are 129999992. */
function nanoCpus(cpus: number | undefined): number | undefined {
  return cpus === undefined ? undefined : Math.trunc(Math.fround(Math.fround(cpus) * 1e9));
}

function deviceRequest(request: DeviceRequestSpec): Part {
  return {
    Driver: request.driver ?? "",
    Count: request.count ?? (request.device_ids === undefined ? -1 : 0),
    ...(request.device_ids === undefined ? {} : { DeviceIDs: request.device_ids }),
    Capabilities: [request.capabilities],
    ...(request.options === undefined ? {} : { Options: request.options }),
  };
}

function ulimits(values: Readonly<Record<string, UlimitSpec>>): readonly Part[] {
  return Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, limit]) => {
      const { soft, hard } = typeof limit === "number" ? { soft: limit, hard: limit } : limit;
      return { Name: name, Soft: soft, Hard: hard };
    });
}

/** `restart`, or `deploy.restart_policy` where there is one; an unset policy has an empty name. */
export function restartPolicy(spec: ServiceSpec): Part {
  const deployed = spec.deploy?.restart_policy;
  if (deployed !== undefined) {
    return { Name: policyName(deployed.condition ?? ""), MaximumRetryCount: deployed.max_attempts ?? 0 };
  }
  const [name = "", attempts = "0"] = (spec.restart ?? "").split(":");
  return { Name: policyName(name), MaximumRetryCount: Number(attempts) };
}

function policyName(condition: string): string {
  if (condition === "none") return "no";
  return condition === "any" ? "always" : condition;
}
