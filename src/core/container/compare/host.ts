// `HostConfig` of a container in the words of the compose file. Fields that nobody here knows are compared as they are:
// what a newer engine has beside them must not be taken for equal.
import { type Json, list, object, text, texts } from "../../model/engine-json.ts";
import type { EngineDefaults } from "../../model/index.ts";
import { capabilities } from "../security.ts";
import type { Fields } from "./config.ts";
import { isNothing, unordered } from "./json.ts";

const SHM_BYTES = 67_108_864;

/** The keys of the compose file for fields of HostConfig; others are named as they are. */
const NAMES: Readonly<Record<string, string>> = {
  NetworkMode: "network_mode",
  PortBindings: "ports",
  RestartPolicy: "restart",
  LogConfig: "logging",
  ExtraHosts: "extra_hosts",
  Privileged: "privileged",
  ReadonlyRootfs: "read_only",
  CapAdd: "cap_add",
  CapDrop: "cap_drop",
  Init: "init",
  Runtime: "runtime",
  GroupAdd: "group_add",
  Sysctls: "sysctls",
  Tmpfs: "tmpfs",
  Dns: "dns",
  DnsOptions: "dns_opt",
  DnsSearch: "dns_search",
  Annotations: "annotations",
  CgroupnsMode: "cgroup",
  CgroupParent: "cgroup_parent",
  Isolation: "isolation",
  StorageOpt: "storage_opt",
  UsernsMode: "userns_mode",
  UTSMode: "uts",
  IpcMode: "ipc",
  PidMode: "pid",
  VolumesFrom: "volumes_from",
  VolumeDriver: "volume_driver",
  SecurityOpt: "security_opt",
  Memory: "mem_limit",
  MemoryReservation: "mem_reservation",
  MemorySwap: "memswap_limit",
  MemorySwappiness: "mem_swappiness",
  NanoCpus: "cpus",
  CpuCount: "cpu_count",
  CpuPercent: "cpu_percent",
  CpuPeriod: "cpu_period",
  CpuQuota: "cpu_quota",
  CpuRealtimePeriod: "cpu_rt_period",
  CpuRealtimeRuntime: "cpu_rt_runtime",
  CpuShares: "cpu_shares",
  CpusetCpus: "cpuset",
  PidsLimit: "pids_limit",
  ShmSize: "shm_size",
  OomScoreAdj: "oom_score_adj",
  OomKillDisable: "oom_kill_disable",
  Devices: "devices",
  DeviceRequests: "devices",
  DeviceCgroupRules: "device_cgroup_rules",
  Ulimits: "ulimits",
};

/** Compared elsewhere, together with what belongs to them; the size of a terminal nobody sees is not compared at all. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  "Binds",
  "Mounts",
  "Links",
  "ConsoleSize",
  "MaskedPaths",
  "ReadonlyPaths",
]);

/** What the engine makes of a HostConfig that it is sent. */
export function withDefaults(host: Json, engine: EngineDefaults): Json {
  const memory = Number(host.Memory ?? 0);
  return {
    ...host,
    ShmSize: host.ShmSize ?? SHM_BYTES,
    IpcMode: text(host.IpcMode) || "private",
    CgroupnsMode: text(host.CgroupnsMode) || (engine.cgroupVersion === "2" ? "private" : "host"),
    Runtime: text(host.Runtime) || engine.runtime,
    MemorySwap: host.MemorySwap ?? memory * 2,
    LogConfig: { ...object(host.LogConfig), Type: text(object(host.LogConfig).Type) || engine.logDriver },
  };
}

/** By the keys of the compose file. `engine` says what was not kept. */
export function hostFields(host: Json, engine: EngineDefaults): Fields {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(host)) {
    if (ELSEWHERE.has(key) || engine.unenforced.includes(key)) continue;
    fields[`${nameOf(key)} ${key}`] = meaningOf(key, value, host);
  }
  return { ...fields, "security_opt systempaths": isOpen(host) };
}

function nameOf(key: string): string {
  return NAMES[key] ?? (key.startsWith("Blkio") ? "blkio_config" : key);
}

function meaningOf(key: string, value: unknown, host: Json): unknown {
  switch (key) {
    case "CapAdd":
    case "CapDrop":
      return capabilities(texts(value));
    case "ExtraHosts":
    case "GroupAdd":
    case "Ulimits":
    case "DeviceCgroupRules":
      return unordered(list(value));
    case "Devices":
      return list(value).map((device) => ({
        ...object(device),
        CgroupPermissions: text(object(device).CgroupPermissions) || "rwm",
      }));
    case "DnsSearch":
    case "Dns":
    case "DnsOptions":
      return texts(value);
    case "Tmpfs":
      return Object.entries(object(value)).sort(([a], [b]) => (a < b ? -1 : 1));
    case "RestartPolicy":
      return restartPolicy(object(value));
    case "PortBindings":
      return portBindings(object(value));
    case "SecurityOpt":
      return securityOptions(texts(value), host);
    case "VolumesFrom":
      // docker compose leaves the access mode out.
      return texts(value).map((from) => from.split(":")[0]);
    case "MemorySwappiness":
    case "PidsLimit":
      return value === -1 ? 0 : value;
    default:
      return value;
  }
}

function restartPolicy(policy: Json): string {
  const name = text(policy.Name) || "no";
  return name === "on-failure" ? `${name}:${String(policy.MaximumRetryCount ?? 0)}` : name;
}

/** Port 0 is no port: the engine picks one. */
function portBindings(bindings: Json): readonly unknown[] {
  const entries = Object.entries(bindings).flatMap(([target, published]) =>
    list(published).map((one) => {
      const { HostIp, HostPort } = object(one);
      return [target, text(HostIp), text(HostPort) === "0" ? "" : text(HostPort)];
    }),
  );
  return unordered(entries);
}

/** Where SELinux labels are of no use the engine says so itself. */
function securityOptions(options: readonly string[], host: Json): readonly string[] {
  const unlabelled = host.Privileged === true || host.IpcMode === "host" || host.PidMode === "host";
  return options.filter((option) => !(unlabelled && option === "label=disable"));
}

/** Whether the paths that engines hide are all there to see. A privileged container sees them anyway. */
function isOpen(host: Json): boolean {
  if (host.Privileged === true) return false;
  return [host.MaskedPaths, host.ReadonlyPaths].every((paths) => Array.isArray(paths) && isNothing(paths));
}
