// Requests for GPUs and the like: `gpus` and `deploy.resources.reservations.devices` (compose.md 1.9).
import type { DeviceRequestSpec } from "../../model/index.ts";
import { composeError } from "../errors.ts";
import { asList, readInteger, readString, readStrings, readTexts } from "../read.ts";
import type { Tree } from "../tree.ts";
import type { FormContext } from "./context.ts";
import { type Fields, readFields } from "./fields.ts";

const ALL = -1;
const DEVICE: Fields<DeviceRequestSpec> = {
  capabilities: readStrings,
  driver: readString,
  count: readCount,
  device_ids: readStrings,
  options: readTexts,
};

/** `all`, or a list of requests; capabilities are optional, `gpu` is one of them anyway. */
export function readGpus(tree: Tree, context: FormContext): readonly DeviceRequestSpec[] {
  if (tree.kind !== "scalar") return asList(tree).items.map((item) => deviceRequest(item, context));
  if (tree.value === "all") return [{ count: ALL }];
  throw composeError(tree.from, "must be all, or a list of device requests");
}

/** As in `readGpus`, but what the device must be capable of has to be said. */
export function readReservedDevices(tree: Tree, context: FormContext): readonly DeviceRequestSpec[] {
  return asList(tree).items.map((item) => {
    const request = deviceRequest(item, context);
    if (request.capabilities !== undefined) return request;
    throw composeError(item.from, "needs capabilities, such as [gpu]");
  });
}

/** Neither a number nor ids means all there are. */
function deviceRequest(tree: Tree, context: FormContext): DeviceRequestSpec {
  const read = readFields(tree, DEVICE, context);
  if (read.count !== undefined && read.device_ids !== undefined) {
    throw composeError(tree.from, "takes count or device_ids, not both");
  }
  return read.count === undefined && read.device_ids === undefined ? { ...read, count: ALL } : read;
}

function readCount(tree: Tree): number {
  const isAll = tree.kind === "scalar" && typeof tree.value === "string" && /^all$/i.test(tree.value);
  return isAll ? ALL : readInteger(tree);
}
