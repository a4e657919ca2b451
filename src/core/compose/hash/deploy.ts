// The `deploy` block as docker compose hashes it (compose-go types.DeployConfig).
import type {
  DeploySpec,
  DeviceRequestSpec,
  PlacementSpec,
  ResourceSpec,
  UpdateConfigSpec,
} from "../../model/index.ts";
import {
  bytes,
  goString,
  integer,
  integerPointer,
  list,
  pointer,
  stringList,
  stringMap,
  struct,
  text,
} from "./go-json.ts";
import { duration, durationPointer, float32 } from "./go-numbers.ts";

/** `deploy` without `replicas`, which is not part of the hash. */
export function encodeDeploy(deploy: DeploySpec): string {
  return struct([
    ["mode", text(deploy.mode)],
    ["labels", stringMap(deploy.labels)],
    ["update_config", pointer(deploy.update_config, encodeUpdateConfig)],
    ["rollback_config", pointer(deploy.rollback_config, encodeUpdateConfig)],
    ["resources", encodeResources(deploy.resources ?? {})],
    ["restart_policy", pointer(deploy.restart_policy, encodeRestartPolicy)],
    ["placement", encodePlacement(deploy.placement ?? {})],
    ["endpoint_mode", text(deploy.endpoint_mode)],
  ]);
}

function encodeUpdateConfig(config: UpdateConfigSpec): string {
  return struct([
    ["parallelism", integerPointer(config.parallelism)],
    ["delay", duration(config.delay)],
    ["failure_action", text(config.failure_action)],
    ["monitor", duration(config.monitor)],
    ["max_failure_ratio", float32(config.max_failure_ratio)],
    ["order", text(config.order)],
  ]);
}

function encodeResources(resources: NonNullable<DeploySpec["resources"]>): string {
  return struct([
    ["limits", pointer(resources.limits, encodeResource)],
    ["reservations", pointer(resources.reservations, encodeResource)],
  ]);
}

function encodeResource(resource: ResourceSpec): string {
  return struct([
    ["cpus", float32(resource.cpus)],
    ["memory", bytes(resource.memory)],
    ["pids", integer(resource.pids)],
    ["devices", list(resource.devices, encodeDeviceRequest)],
    ["generic_resources", list(resource.generic_resources, encodeGenericResource)],
  ]);
}

function encodeGenericResource(resource: NonNullable<ResourceSpec["generic_resources"]>[number]): string {
  // The only struct whose fields compose-go prints even when they are zero.
  const discrete = resource.discrete_resource_spec;
  return struct([
    [
      "discrete_resource_spec",
      pointer(discrete, ({ kind, value }) =>
        struct([
          ["kind", goString(kind ?? "")],
          ["value", String(value ?? 0)],
        ]),
      ),
    ],
  ]);
}

function encodePlacement(placement: PlacementSpec): string {
  return struct([
    ["constraints", stringList(placement.constraints)],
    ["preferences", list(placement.preferences, ({ spread }) => struct([["spread", text(spread)]]))],
    ["max_replicas_per_node", integer(placement.max_replicas_per_node)],
  ]);
}

export function encodeDeviceRequest(request: DeviceRequestSpec): string {
  return struct([
    ["capabilities", stringList(request.capabilities)],
    ["driver", text(request.driver)],
    ["count", integer(request.count)],
    ["device_ids", stringList(request.device_ids)],
    ["options", stringMap(request.options)],
  ]);
}

function encodeRestartPolicy(policy: NonNullable<DeploySpec["restart_policy"]>): string {
  return struct([
    ["condition", text(policy.condition)],
    ["delay", durationPointer(policy.delay)],
    ["max_attempts", integerPointer(policy.max_attempts)],
    ["window", durationPointer(policy.window)],
  ]);
}
