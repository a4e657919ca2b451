// What docker compose hashes though it does not reach a container that Boardhand makes, and block I/O.
import type { BlkioSpec, ServiceSpec, ThrottleSpec, WatchSpec } from "../../model/index.ts";
import { encodeHook } from "./file-parts.ts";
import {
  type Encoded,
  flag,
  goString,
  integer,
  list,
  pointer,
  sortedMap,
  stringList,
  struct,
  text,
} from "./go-json.ts";

type Spec<K extends keyof ServiceSpec> = NonNullable<ServiceSpec[K]>;

export function encodeBlkio(blkio: BlkioSpec): string {
  return struct([
    ["weight", integer(blkio.weight)],
    ["weight_device", list(blkio.weight_device, encodeWeightDevice)],
    ["device_read_bps", throttles(blkio.device_read_bps)],
    ["device_read_iops", throttles(blkio.device_read_iops)],
    ["device_write_bps", throttles(blkio.device_write_bps)],
    ["device_write_iops", throttles(blkio.device_write_iops)],
  ]);
}

/** compose-go names no JSON keys for the devices: they keep Go's names, and print their zeros. */
function encodeWeightDevice({ path, weight }: { readonly path?: string; readonly weight?: number }): string {
  return struct([
    ["Path", goString(path ?? "")],
    ["Weight", String(weight ?? 0)],
  ]);
}

function throttles(devices: readonly ThrottleSpec[] | undefined): Encoded {
  return list(devices, ({ path, rate }) =>
    struct([
      ["Path", goString(path ?? "")],
      ["Rate", `"${rate ?? 0}"`],
    ]),
  );
}

export function encodeDevelop(develop: Spec<"develop">): string {
  return struct([["watch", list(develop.watch, encodeWatch)]]);
}

/** A rule without `exec` has one all the same, without a command. */
function encodeWatch(watch: WatchSpec): string {
  return struct([
    ["path", goString(watch.path)],
    ["action", goString(watch.action)],
    ["target", text(watch.target)],
    ["exec", encodeHook(watch.exec ?? { command: null })],
    ["include", stringList(watch.include)],
    ["ignore", stringList(watch.ignore)],
    ["initial_sync", flag(watch.initial_sync)],
  ]);
}

export function encodeCredentialSpec(credentials: Spec<"credential_spec">): string {
  return struct([
    ["config", text(credentials.config)],
    ["file", text(credentials.file)],
    ["registry", text(credentials.registry)],
  ]);
}

export function encodeModels(models: ServiceSpec["models"]): Encoded {
  return sortedMap(models, (model) =>
    model === null
      ? "null"
      : struct([
          ["endpoint_var", text(model.endpoint_var)],
          ["model_var", text(model.model_var)],
        ]),
  );
}

export function encodeProvider(provider: ServiceSpec["provider"]): Encoded {
  return pointer(provider, ({ type, options }) =>
    struct([
      ["type", text(type)],
      ["options", sortedMap(options, (values) => stringList(values) ?? "null")],
    ]),
  );
}
