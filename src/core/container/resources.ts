// Limits, devices and the restart policy of HostConfig; `deploy` overrides the short attributes.
import type { BlkioSpec, ServiceSpec, ThrottleSpec, UlimitSpec } from "../model/index.ts";
import { devices } from "./devices.ts";

type Part = Readonly<Record<string, unknown>>;

/** The fields of HostConfig that bound what a container may use. */
export function resources(spec: ServiceSpec): Part {
  const limits = spec.deploy?.resources?.limits ?? {};
  const reservations = spec.deploy?.resources?.reservations ?? {};
  return {
    ...set("Memory", limits.memory || spec.mem_limit),
    ...set("MemoryReservation", reservations.memory || spec.mem_reservation),
    ...set("MemorySwap", spec.memswap_limit),
    ...set("MemorySwappiness", spec.mem_swappiness),
    ...set("NanoCpus", nanoCpus(limits.cpus || spec.cpus)),
    ...set("CpuCount", spec.cpu_count),
    ...set("CpuPercent", spec.cpu_percent === undefined ? undefined : spec.cpu_percent * 100),
    ...set("CpuPeriod", spec.cpu_period),
    ...set("CpuQuota", spec.cpu_quota),
    ...set("CpuRealtimePeriod", spec.cpu_rt_period),
    ...set("CpuRealtimeRuntime", spec.cpu_rt_runtime),
    ...set("CpuShares", spec.cpu_shares),
    ...(spec.cpuset === undefined ? {} : { CpusetCpus: spec.cpuset }),
    ...(spec.cgroup_parent === undefined ? {} : { CgroupParent: spec.cgroup_parent }),
    ...set("PidsLimit", (limits.pids ?? 0) > 0 ? limits.pids : spec.pids_limit),
    ...set("ShmSize", spec.shm_size),
    ...set("OomScoreAdj", spec.oom_score_adj),
    OomKillDisable: spec.oom_kill_disable ?? false,
    ...devices(spec),
    ...(spec.blkio_config === undefined ? {} : blockLimits(spec.blkio_config)),
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

function blockLimits(blkio: BlkioSpec): Part {
  const throttles = (key: string, list: readonly ThrottleSpec[] | undefined): Part =>
    list === undefined
      ? {}
      : { [key]: list.map(({ path, rate }) => ({ Path: path ?? "", Rate: rate ?? 0 })) };
  const weights = blkio.weight_device?.map(({ path, weight }) => ({ Path: path ?? "", Weight: weight ?? 0 }));
  return {
    ...set("BlkioWeight", blkio.weight),
    ...(weights === undefined ? {} : { BlkioWeightDevice: weights }),
    ...throttles("BlkioDeviceReadBps", blkio.device_read_bps),
    ...throttles("BlkioDeviceReadIOps", blkio.device_read_iops),
    ...throttles("BlkioDeviceWriteBps", blkio.device_write_bps),
    ...throttles("BlkioDeviceWriteIOps", blkio.device_write_iops),
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
