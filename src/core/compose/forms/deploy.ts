// The `deploy` section: what matters on one board is read; what only a swarm can do is ignored with a warning.
import type { DeploySpec, DeviceRequestSpec, ResourceSpec, UpdateConfigSpec } from "../../model/index.ts";
import { composeError, quote } from "../errors.ts";
import { checkKeys, NOT_YET } from "../keys.ts";
import {
  asList,
  asMap,
  readBytes,
  readDuration,
  readInteger,
  readNumber,
  readString,
  readStringOrNumber,
  readStrings,
  readTexts,
} from "../read.ts";
import { childOf, type MapTree, type Tree } from "../tree.ts";
import type { FormContext } from "./context.ts";

type Fields<T> = { readonly [K in keyof T]-?: (tree: Tree, context: FormContext) => NonNullable<T[K]> };

/** Reads a mapping by a table that has one reader for each supported key; absent and null keys stay absent. */
function readFields<T>(
  tree: Tree,
  fields: Fields<T>,
  context: FormContext,
  notYet: readonly string[] = [],
): Partial<T> {
  const map = asMap(tree);
  checkKeys(map, Object.keys(fields), notYet);
  const result: Partial<T> = {};
  for (const key of Object.keys(fields) as (keyof T & string)[]) {
    const child = childOf(map, key);
    if (child !== null) result[key] = fields[key](child, context);
  }
  return result;
}

function oneOf(...words: readonly string[]): (tree: Tree) => string {
  return (tree) => {
    const text = readString(tree);
    if (words.includes(text)) return text;
    throw composeError(tree.from, `${quote(text)} means nothing here`, `use one of ${words.join(", ")}`);
  };
}

const UPDATE_CONFIG: Fields<UpdateConfigSpec> = {
  parallelism: readInteger,
  delay: readDuration,
  failure_action: oneOf("continue", "rollback", "pause"),
  monitor: readDuration,
  max_failure_ratio: readNumber,
  order: oneOf("start-first", "stop-first"),
};

const DEVICE: Fields<DeviceRequestSpec> = {
  capabilities: readStrings,
  driver: readString,
  count: (tree) => (tree.kind === "scalar" && tree.value === "all" ? -1 : readInteger(tree)),
  device_ids: readStrings,
  options: readTexts,
};

const RESOURCES: Fields<ResourceSpec> = {
  cpus: readNumber,
  memory: readBytes,
  pids: readInteger,
  devices: (tree, context) => asList(tree).items.map((item) => deviceRequest(item, context)),
};

const DEPLOY: Fields<DeploySpec> = {
  mode: readString,
  replicas: readReplicas,
  labels: readTexts,
  update_config: (tree, context) => readFields(tree, UPDATE_CONFIG, context),
  rollback_config: (tree, context) => readFields(tree, UPDATE_CONFIG, context),
  resources: (tree, context) =>
    readFields<NonNullable<DeploySpec["resources"]>>(
      tree,
      {
        limits: (limits) => readFields(limits, RESOURCES, context, NOT_YET.resources),
        reservations: (reserved) => readFields(reserved, RESOURCES, context, NOT_YET.resources),
      },
      context,
    ),
  restart_policy: (tree, context) =>
    readFields<NonNullable<DeploySpec["restart_policy"]>>(
      tree,
      { condition: readString, delay: readDuration, max_attempts: readInteger, window: readDuration },
      context,
    ),
  placement: readPlacement,
  endpoint_mode: readStringOrNumber,
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

function deviceRequest(tree: Tree, context: FormContext): DeviceRequestSpec {
  const read = readFields(tree, DEVICE, context);
  if (read.capabilities === undefined) throw composeError(tree.from, "needs capabilities, such as [gpu]");
  if (read.count !== undefined && read.device_ids !== undefined) {
    throw composeError(tree.from, "takes count or device_ids, not both");
  }
  const all = read.count === undefined && read.device_ids === undefined ? { count: -1 } : {};
  return { ...read, ...all, capabilities: read.capabilities };
}

function readPlacement(tree: Tree, context: FormContext): NonNullable<DeploySpec["placement"]> {
  const map: MapTree = asMap(tree);
  checkKeys(map, ["constraints", "preferences", "max_replicas_per_node"]);
  context.warn(map.from, "placement means nothing on one board and is ignored");
  const constraints = childOf(map, "constraints");
  return constraints === null ? {} : { constraints: readStrings(constraints) };
}
