// The `deploy` section: what matters on one board is read; what only a swarm can do is read for the hash.
import type { DeploySpec, PlacementSpec, ResourceSpec, UpdateConfigSpec } from "../../model/index.ts";
import { composeError } from "../errors.ts";
import {
  asList,
  readBytes,
  readDuration,
  readInteger,
  readNatural,
  readNumber,
  readString,
  readStrings,
  readTexts,
  readTruncated,
} from "../read.ts";
import type { Tree } from "../tree.ts";
import type { FormContext } from "./context.ts";
import { readReservedDevices } from "./device-requests.ts";
import { type Fields, oneOf, readFields } from "./fields.ts";

type Resources = NonNullable<DeploySpec["resources"]>;
type GenericResource = NonNullable<ResourceSpec["generic_resources"]>[number];
type Limits = Pick<ResourceSpec, "cpus" | "memory" | "pids">;
type Reservations = Omit<ResourceSpec, "pids">;

const UPDATE_CONFIG: Fields<UpdateConfigSpec> = {
  parallelism: readNatural,
  delay: readDuration,
  failure_action: readString,
  monitor: readDuration,
  max_failure_ratio: readNumber,
  order: oneOf("start-first", "stop-first"),
};

const LIMITS: Fields<Limits> = { cpus: readNumber, memory: readBytes, pids: readInteger };

const GENERIC: Fields<GenericResource> = {
  discrete_resource_spec: (tree, context) =>
    readFields(tree, { kind: readString, value: readTruncated }, context),
};

const RESERVATIONS: Fields<Reservations> = {
  cpus: readNumber,
  memory: readBytes,
  devices: readReservedDevices,
  generic_resources: (tree, context) => asList(tree).items.map((item) => readFields(item, GENERIC, context)),
};

const RESOURCES: Fields<Resources> = {
  limits: (tree, context) => readFields(tree, LIMITS, context),
  reservations: (tree, context) => readFields(tree, RESERVATIONS, context),
};

const RESTART_POLICY: Fields<NonNullable<DeploySpec["restart_policy"]>> = {
  condition: readString,
  delay: readDuration,
  max_attempts: readNatural,
  window: readDuration,
};

const PLACEMENT: Fields<PlacementSpec> = {
  constraints: readStrings,
  preferences: (tree, context) =>
    asList(tree).items.map((item) => readFields(item, { spread: readString }, context)),
  max_replicas_per_node: readNatural,
};

const DEPLOY: Fields<DeploySpec> = {
  mode: readString,
  replicas: readReplicas,
  labels: readTexts,
  update_config: (tree, context) => readFields(tree, UPDATE_CONFIG, context),
  rollback_config: (tree, context) => readFields(tree, UPDATE_CONFIG, context),
  resources: (tree, context) => readFields(tree, RESOURCES, context),
  restart_policy: (tree, context) => readFields(tree, RESTART_POLICY, context),
  placement: (tree, context) => {
    context.warn(tree.from, "placement means nothing on one board and is ignored");
    return readFields(tree, PLACEMENT, context);
  },
  endpoint_mode: readString,
};

/** Durations in nanoseconds, sizes in bytes. */
export function readDeploy(tree: Tree, context: FormContext): DeploySpec {
  return readFields(tree, DEPLOY, context);
}

/** A number of containers: whole, not negative, and no more than a board could ever run. */
export function readReplicas(tree: Tree): number {
  const replicas = readInteger(tree);
  if (replicas < 0 || replicas > 1000) throw composeError(tree.from, "must be between 0 and 1000");
  return replicas;
}
