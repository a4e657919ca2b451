// One service of the tree → its canonical form: keys checked, values typed, short syntaxes expanded.
import { parsePlatform } from "../../image/platform.ts";
import { BoardhandError, type ServiceSpec } from "../../model/index.ts";
import { composeError, type Origin, quote } from "../errors.ts";
import type { FormContext } from "../forms/context.ts";
import { readDependsOn } from "../forms/depends-on.ts";
import { readDeploy, readReplicas } from "../forms/deploy.ts";
import { readConfigRefs, readSecretRefs } from "../forms/file-refs.ts";
import { readHealthcheck } from "../forms/health.ts";
import { readHooks } from "../forms/hooks.ts";
import { readPorts } from "../forms/ports.ts";
import { readServiceNetworks } from "../forms/service-networks.ts";
import {
  type EnvFileRequest,
  readCommand,
  readDevices,
  readEnvFiles,
  readEnvironment,
  readExtraHosts,
  readLogging,
  readUlimits,
} from "../forms/small.ts";
import { readVolumes } from "../forms/volumes.ts";
import { checkKeys, NOT_YET } from "../keys.ts";
import {
  asMap,
  readBoolean,
  readBytes,
  readDuration,
  readInteger,
  readNumber,
  readString,
  readStringOrNumber,
  readTexts,
  readUnique,
} from "../read.ts";
import { childOf, type MapTree, type Tree } from "../tree.ts";
import { readUpdateMode, type UpdateMode } from "./boardhand.ts";
import { EXTENSION } from "./plant.ts";

/** A service read from the file, before anything outside itself is looked at. */
export interface ServiceDraft {
  readonly name: string;
  readonly from: Origin;
  /** Where each key of it stands, for messages of later stages. */
  readonly keys: ReadonlyMap<string, Origin>;
  /** `environment` without the files; nulls are not resolved. */
  readonly spec: ServiceSpec;
  readonly envFiles: readonly EnvFileRequest[];
  /** Null where the project's own mode counts. */
  readonly update: UpdateMode | null;
}

type Readers = {
  readonly [K in keyof ServiceSpec]-?: (tree: Tree, context: FormContext) => NonNullable<ServiceSpec[K]>;
};

const READERS: Readers = {
  image: readImage,
  command: readCommand,
  entrypoint: readCommand,
  environment: readEnvironment,
  labels: readTexts,
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
  dns: readUnique,
  dns_opt: readUnique,
  dns_search: readUnique,
  extra_hosts: readExtraHosts,
  group_add: readUnique,
  links: readUnique,
  logging: readLogging,
  shm_size: readBytes,
  mem_limit: readBytes,
  mem_reservation: readBytes,
  memswap_limit: readBytes,
  cpus: readNumber,
  cpu_shares: readInteger,
  cpuset: readString,
  pids_limit: readInteger,
  oom_score_adj: readInteger,
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
};

/** Read elsewhere (`env_file`, our own extension) or without effect on a container that is pulled. */
const OTHER_KEYS = ["env_file", "build", "attach", EXTENSION] as const;
const SUPPORTED: readonly string[] = [...Object.keys(READERS), ...OTHER_KEYS];

/** Throws E_COMPOSE with the place of the first key or value that does not fit. */
export function readService(name: string, tree: Tree, context: FormContext): ServiceDraft {
  const map = asMap(tree);
  checkKeys(map, SUPPORTED, NOT_YET.service);
  const build = childOf(map, "build");
  if (childOf(map, "image") === null) throw missingImage(map, build);
  if (build !== null)
    context.warn(build.from, "build is ignored: Boardhand deploys the image, it does not build it");
  const spec: Record<string, unknown> = {};
  for (const [key, read] of Object.entries(READERS)) {
    const child = childOf(map, key);
    if (child !== null) spec[key] = read(child, context);
  }
  const envFile = childOf(map, "env_file");
  const extension = childOf(map, EXTENSION);
  return {
    name,
    from: map.from,
    keys: new Map([...map.entries].map(([key, entry]) => [key, entry.keyFrom])),
    spec: spec as Partial<ServiceSpec> as ServiceSpec,
    envFiles: envFile === null ? [] : readEnvFiles(envFile),
    update: extension === null ? null : readUpdateMode(extension),
  };
}

function missingImage(map: MapTree, build: Tree | null): BoardhandError {
  if (build === null) return composeError(map.from, "has no image");
  return composeError(
    build.from,
    "has build but no image: Boardhand deploys images that a registry offers and builds none on the board",
    "push the image somewhere and name it with image:",
  );
}

function readImage(tree: Tree): string {
  const image = readString(tree);
  if (image === "" || /\s/.test(image)) throw composeError(tree.from, "must name an image");
  return image;
}

function readContainerName(tree: Tree): string {
  const name = readString(tree);
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return name;
  throw composeError(tree.from, `${quote(name)} is not a container name`, "use letters, digits, _ . and -");
}

function readRestart(tree: Tree): string {
  const restart = readString(tree);
  if (/^(no|always|unless-stopped|on-failure(:\d{1,6})?)$/.test(restart)) return restart;
  throw composeError(
    tree.from,
    `${quote(restart)} is not a restart policy`,
    "use no, always, unless-stopped, on-failure or on-failure:N",
  );
}

/** Kept as written; what it means is decided where the service is described. */
function readPlatform(tree: Tree): string {
  const platform = readString(tree);
  try {
    parsePlatform(platform);
  } catch (error) {
    if (!(error instanceof BoardhandError)) throw error;
    throw composeError(tree.from, error.message, error.hint ?? undefined);
  }
  return platform;
}

function readPullPolicy(tree: Tree): string {
  const policy = readStringOrNumber(tree);
  if (policy === "if_not_present") return "missing";
  if (/^(always|never|missing|build|daily|weekly|every_\d{1,6}[smhdw]?(\d{1,6}[smhdw])*)$/.test(policy))
    return policy;
  throw composeError(
    tree.from,
    `${quote(policy)} is not a pull policy`,
    "use always, missing, never, daily, weekly or every_<duration>",
  );
}
