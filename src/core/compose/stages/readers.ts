// One reader for each attribute of a service: YAML in, canonical form out.
import type { ServiceSpec } from "../../model/index.ts";
import { composeError } from "../errors.ts";
import { readBuild } from "../forms/build.ts";
import type { FormContext } from "../forms/context.ts";
import { readDependsOn } from "../forms/depends-on.ts";
import { readDeploy, readReplicas } from "../forms/deploy.ts";
import { readGpus } from "../forms/device-requests.ts";
import { oneOf } from "../forms/fields.ts";
import { readConfigRefs, readSecretRefs } from "../forms/file-refs.ts";
import { readLabelFiles } from "../forms/files.ts";
import { readHealthcheck } from "../forms/health.ts";
import { readHooks } from "../forms/hooks.ts";
import { readBlkio } from "../forms/limits.ts";
import {
  readCredentialSpec,
  readDevelop,
  readModels,
  readProvider,
  readStorageOptions,
} from "../forms/outside.ts";
import { readPorts } from "../forms/ports.ts";
import { readServiceNetworks } from "../forms/service-networks.ts";
import {
  readCommand,
  readDevices,
  readEnvironment,
  readExtraHosts,
  readLogging,
  readUlimits,
} from "../forms/small.ts";
import { readVolumes } from "../forms/volumes.ts";
import { readContainerName, readImage, readPlatform, readPullPolicy, readRestart } from "../forms/words.ts";
import {
  asList,
  readBoolean,
  readBytes,
  readDuration,
  readInteger,
  readNatural,
  readNumber,
  readString,
  readStringOrNumber,
  readTexts,
  readTruncated,
  readUnique,
} from "../read.ts";
import type { Tree } from "../tree.ts";

type Readers = {
  readonly [K in keyof ServiceSpec]-?: (tree: Tree, context: FormContext) => NonNullable<ServiceSpec[K]>;
};

export const READERS: Readers = {
  image: readImage,
  command: readCommand,
  entrypoint: readCommand,
  environment: readEnvironment,
  labels: readTexts,
  label_file: (tree) => readLabelFiles(tree).map(({ path }) => path),
  container_name: readContainerName,
  hostname: readString,
  domainname: readString,
  user: readString,
  working_dir: readString,
  restart: readRestart,
  platform: readPlatform,
  pull_policy: readPullPolicy,
  profiles: readUnique,
  scale: readReplicas,
  depends_on: readDependsOn,
  healthcheck: readHealthcheck,
  ports: readPorts,
  expose: readUnique,
  volumes: readVolumes,
  volumes_from: readUnique,
  networks: readServiceNetworks,
  network_mode: readString,
  deploy: readDeploy,
  devices: readDevices,
  cap_add: readUnique,
  cap_drop: readUnique,
  privileged: readBoolean,
  read_only: readBoolean,
  init: readBoolean,
  tty: readBoolean,
  stdin_open: readBoolean,
  security_opt: readUnique,
  sysctls: readTexts,
  tmpfs: readUnique,
  ulimits: readUlimits,
  // Of all lists only here: an empty text, which `${DNS}` becomes when it is not set, counts as nothing.
  dns: (tree) => readUnique(tree).filter((server) => server !== ""),
  dns_opt: readUnique,
  dns_search: readUnique,
  extra_hosts: readExtraHosts,
  group_add: (tree) => asList(tree).items.map(readStringOrNumber),
  links: readUnique,
  logging: readLogging,
  shm_size: readBytes,
  mem_limit: readBytes,
  mem_reservation: readBytes,
  memswap_limit: readBytes,
  cpus: readNumber,
  cpu_shares: readTruncated,
  cpuset: readString,
  pids_limit: readTruncated,
  oom_score_adj: between(-1000, 1000),
  pid: readString,
  ipc: readString,
  runtime: readString,
  mac_address: readString,
  stop_signal: readString,
  stop_grace_period: readDuration,
  secrets: readSecretRefs,
  configs: readConfigRefs,
  post_start: readHooks,
  pre_stop: readHooks,
  annotations: readTexts,
  attach: readBoolean,
  blkio_config: readBlkio,
  build: readBuild,
  cgroup: oneOf("host", "private"),
  cgroup_parent: readString,
  cpu_count: readNatural,
  cpu_percent: between(0, 100),
  cpu_period: readTruncated,
  cpu_quota: readTruncated,
  cpu_rt_period: readTruncated,
  cpu_rt_runtime: readTruncated,
  credential_spec: readCredentialSpec,
  develop: readDevelop,
  device_cgroup_rules: readUnique,
  external_links: readUnique,
  gpus: readGpus,
  isolation: readString,
  mem_swappiness: readBytes,
  models: readModels,
  oom_kill_disable: readBoolean,
  provider: readProvider,
  storage_opt: readStorageOptions,
  use_api_socket: readBoolean,
  userns_mode: readString,
  uts: readString,
};

function between(least: number, greatest: number): (tree: Tree) => number {
  return (tree) => {
    const number = readInteger(tree);
    if (number >= least && number <= greatest) return number;
    throw composeError(tree.from, `must be between ${least} and ${greatest}`);
  };
}
