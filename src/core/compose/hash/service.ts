// One service as the JSON text docker compose hashes: compose-go's struct order, without what does not reach a container.
// Left out on purpose: build, pull_policy, scale, deploy.replicas, depends_on, profiles.
import type { ServiceSpec } from "../../model/index.ts";
import { encodeDeploy, encodeDeviceRequest } from "./deploy.ts";
import { encodeFileRef, encodeHook } from "./file-parts.ts";
import {
  bytes,
  type Encoded,
  flag,
  flagPointer,
  integer,
  list,
  nullableMap,
  pointer,
  sortedMap,
  stringList,
  stringMap,
  struct,
  text,
  words,
} from "./go-json.ts";
import { durationPointer, float32 } from "./go-numbers.ts";
import { encodeBlkio, encodeCredentialSpec, encodeDevelop, encodeModels, encodeProvider } from "./outside.ts";
import {
  type Dialect,
  encodeDevice,
  encodeHealthcheck,
  encodeLogging,
  encodePort,
  encodeServiceNetwork,
  encodeUlimit,
  encodeVolumeMount,
} from "./parts.ts";

type Fields = readonly (readonly [string, Encoded])[];

/** The JSON text of a service in one dialect. */
export function encodeService(spec: ServiceSpec, dialect: Dialect): string {
  return struct([
    ...annotationsToCpu(spec),
    ...commandToHealth(spec),
    ...imageToPrivileged(spec),
    ...readOnlyToWork(spec, dialect),
  ]);
}

function annotationsToCpu(spec: ServiceSpec): Fields {
  return [
    ["annotations", stringMap(spec.annotations)],
    ["attach", flagPointer(spec.attach)],
    ["develop", pointer(spec.develop, encodeDevelop)],
    ["blkio_config", pointer(spec.blkio_config, encodeBlkio)],
    ["cap_add", stringList(spec.cap_add)],
    ["cap_drop", stringList(spec.cap_drop)],
    ["cgroup_parent", text(spec.cgroup_parent)],
    ["cgroup", text(spec.cgroup)],
    ["cpu_count", integer(spec.cpu_count)],
    ["cpu_percent", float32(spec.cpu_percent)],
    ["cpu_period", integer(spec.cpu_period)],
    ["cpu_quota", integer(spec.cpu_quota)],
    ["cpu_rt_period", integer(spec.cpu_rt_period)],
    ["cpu_rt_runtime", integer(spec.cpu_rt_runtime)],
    ["cpus", float32(spec.cpus)],
    ["cpuset", text(spec.cpuset)],
    ["cpu_shares", integer(spec.cpu_shares)],
  ];
}

function commandToHealth(spec: ServiceSpec): Fields {
  return [
    ["command", words(spec.command)],
    ["configs", list(spec.configs, encodeFileRef)],
    ["container_name", text(spec.container_name)],
    ["credential_spec", pointer(spec.credential_spec, encodeCredentialSpec)],
    ["deploy", pointer(spec.deploy, encodeDeploy)],
    ["device_cgroup_rules", stringList(spec.device_cgroup_rules)],
    ["devices", list(spec.devices, encodeDevice)],
    ["dns", stringList(spec.dns)],
    ["dns_opt", stringList(spec.dns_opt)],
    ["dns_search", stringList(spec.dns_search)],
    ["domainname", text(spec.domainname)],
    ["entrypoint", words(spec.entrypoint)],
    ["provider", encodeProvider(spec.provider)],
    ["environment", nullableMap(spec.environment)],
    ["expose", stringList(spec.expose)],
    ["external_links", stringList(spec.external_links)],
    ["extra_hosts", stringList(spec.extra_hosts)],
    ["group_add", stringList(spec.group_add)],
    ["gpus", list(spec.gpus, encodeDeviceRequest)],
    ["hostname", text(spec.hostname)],
    ["healthcheck", pointer(spec.healthcheck, encodeHealthcheck)],
  ];
}

function imageToPrivileged(spec: ServiceSpec): Fields {
  return [
    ["image", text(spec.image)],
    ["init", flagPointer(spec.init)],
    ["ipc", text(spec.ipc)],
    ["isolation", text(spec.isolation)],
    ["labels", stringMap(spec.labels)],
    ["label_file", stringList(spec.label_file)],
    ["links", stringList(spec.links)],
    ["logging", pointer(spec.logging, encodeLogging)],
    ["mem_limit", bytes(spec.mem_limit)],
    ["mem_reservation", bytes(spec.mem_reservation)],
    ["memswap_limit", bytes(spec.memswap_limit)],
    ["mem_swappiness", bytes(spec.mem_swappiness)],
    ["mac_address", text(spec.mac_address)],
    ["models", encodeModels(spec.models)],
    ["network_mode", text(spec.network_mode)],
    ["networks", sortedMap(spec.networks, encodeServiceNetwork)],
    ["oom_kill_disable", flag(spec.oom_kill_disable)],
    ["oom_score_adj", integer(spec.oom_score_adj)],
    ["pid", text(spec.pid)],
    ["pids_limit", integer(spec.pids_limit)],
    ["platform", text(spec.platform)],
    ["ports", list(spec.ports, encodePort)],
    ["privileged", flag(spec.privileged)],
  ];
}

function readOnlyToWork(spec: ServiceSpec, dialect: Dialect): Fields {
  return [
    ["read_only", flag(spec.read_only)],
    ["restart", text(spec.restart)],
    ["runtime", text(spec.runtime)],
    ["secrets", list(spec.secrets, encodeFileRef)],
    ["security_opt", stringList(spec.security_opt)],
    ["shm_size", bytes(spec.shm_size)],
    ["stdin_open", flag(spec.stdin_open)],
    ["stop_grace_period", durationPointer(spec.stop_grace_period)],
    ["stop_signal", text(spec.stop_signal)],
    ["storage_opt", stringMap(spec.storage_opt)],
    ["sysctls", stringMap(spec.sysctls)],
    ["tmpfs", stringList(spec.tmpfs)],
    ["tty", flag(spec.tty)],
    ["ulimits", sortedMap(spec.ulimits, encodeUlimit)],
    ["use_api_socket", flag(spec.use_api_socket)],
    ["user", text(spec.user)],
    ["userns_mode", text(spec.userns_mode)],
    ["uts", text(spec.uts)],
    ["volumes", list(spec.volumes, (mount) => encodeVolumeMount(mount, dialect))],
    ["volumes_from", stringList(spec.volumes_from)],
    ["working_dir", text(spec.working_dir)],
    ["post_start", list(spec.post_start, encodeHook)],
    ["pre_stop", list(spec.pre_stop, encodeHook)],
  ];
}
