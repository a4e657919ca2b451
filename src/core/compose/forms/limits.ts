// Block I/O weights and limits (compose.md 2): numbers as the engine takes them.
import type { BlkioSpec, ThrottleSpec } from "../../model/index.ts";
import { composeError } from "../errors.ts";
import { asList, readBytes, readString, readTruncated } from "../read.ts";
import type { Tree } from "../tree.ts";
import type { FormContext } from "./context.ts";
import { type Fields, readFields } from "./fields.ts";

type WeightDevice = NonNullable<BlkioSpec["weight_device"]>[number];

const THROTTLE: Fields<ThrottleSpec> = { path: readString, rate: readBytes };
const WEIGHT_DEVICE: Fields<WeightDevice> = { path: readString, weight: readWeight };

const BLKIO: Fields<BlkioSpec> = {
  weight: readWeight,
  weight_device: (tree, context) =>
    asList(tree).items.map((item) => readFields(item, WEIGHT_DEVICE, context)),
  device_read_bps: readThrottles,
  device_read_iops: readThrottles,
  device_write_bps: readThrottles,
  device_write_iops: readThrottles,
};

export function readBlkio(tree: Tree, context: FormContext): BlkioSpec {
  return readFields(tree, BLKIO, context);
}

function readThrottles(tree: Tree, context: FormContext): readonly ThrottleSpec[] {
  return asList(tree).items.map((item) => readFields(item, THROTTLE, context));
}

/** 16 bits; compose would wrap a greater one around, which nobody means. */
function readWeight(tree: Tree): number {
  const weight = tree.kind === "scalar" && typeof tree.value === "number" ? readTruncated(tree) : -1;
  if (weight >= 0 && weight <= 65_535) return weight;
  throw composeError(tree.from, "must be a number from 10 to 1000, without quotes");
}
