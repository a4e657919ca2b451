// The small forms of a service: commands, devices, host names, limits, logging.
import type { DeviceSpec, ServiceSpec, UlimitSpec } from "../../model/index.ts";
import { composeError, type Origin, quote } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import {
  asList,
  asMap,
  readInteger,
  readString,
  readStrings,
  readTexts,
  readVariables,
  sortedRecord,
} from "../read.ts";
import { childOf, type Tree } from "../tree.ts";
import { isFloat } from "../values/number-text.ts";
import { splitShellWords } from "../values/shell-words.ts";
import type { FormContext } from "./context.ts";

/** A list as it is, a string split like a shell does; a string cut at an operator is what compose runs, with a warning. */
export function readCommand(tree: Tree, context: FormContext): readonly string[] {
  if (tree.kind !== "scalar") return readStrings(tree);
  const line = readString(tree);
  const split = splitShellWords(line);
  if (split === null)
    throw composeError(
      tree.from,
      "has an open quote, backslash or parenthesis",
      "write the command as a list",
    );
  if (split.cutAt !== null) {
    context.warn(
      tree.from,
      `docker compose ends this command at the unquoted "${split.cutAt}", and so does Boardhand; write it as a list with sh -c`,
    );
  }
  return split.words;
}

/** `src[:dst[:permissions]]` or a mapping; one entry a target, the last one counting. */
export function readDevices(tree: Tree): readonly DeviceSpec[] {
  const devices = new Map<string, DeviceSpec>();
  for (const item of asList(tree).items) {
    const device = item.kind === "map" ? longDevice(item) : shortDevice(readString(item), item.from);
    devices.set(device.target, device);
  }
  return [...devices.values()];
}

function shortDevice(spec: string, from: Origin): DeviceSpec {
  const [source = "", target, permissions, rest] = spec.split(":");
  if (source === "" || rest !== undefined) throw composeError(from, `${quote(spec)} is not a device`);
  return { source, target: target || source, permissions: permissions ?? "rwm" };
}

function longDevice(tree: Tree): DeviceSpec {
  const map = asMap(tree);
  checkKeys(map, ["source", "target", "permissions"]);
  const source = childOf(map, "source");
  const target = childOf(map, "target");
  const permissions = childOf(map, "permissions");
  if (source === null) throw composeError(map.from, "a device needs a source");
  if (target === null) throw composeError(map.from, "a device needs a target");
  return {
    source: readString(source),
    target: readString(target),
    ...(permissions === null ? {} : { permissions: readString(permissions) }),
  };
}

/** `host=ip` sorted; from a list with `=` or `:`, or a mapping of one or several addresses. */
export function readExtraHosts(tree: Tree): readonly string[] {
  const hosts: string[] = [];
  const add = (host: string, ips: readonly string[], from: Origin): void => {
    const name = host.trim();
    if (name === "" || /[=:]/.test(name) || ips.length === 0)
      throw composeError(from, "must be host=address");
    hosts.push(...ips.map((ip) => `${name}=${ip.trim().replace(/^\[(.*)\]$/, "$1")}`));
  };
  if (tree.kind === "map") {
    for (const [host, { value }] of tree.entries) {
      add(host, value.kind === "list" ? readStrings(value) : [readString(value)], value.from);
    }
  } else {
    for (const item of asList(tree).items) {
      const text = readString(item);
      const cut = text.includes("=") ? text.indexOf("=") : text.indexOf(":");
      if (cut === -1) throw composeError(item.from, `${quote(text)} must be host=address`);
      add(text.slice(0, cut), text.slice(cut + 1).split(","), item.from);
    }
  }
  return hosts.sort();
}

export function readUlimits(tree: Tree): Readonly<Record<string, UlimitSpec>> {
  return sortedRecord(
    [...asMap(tree).entries].map(([name, { value }]) => [name, readUlimit(value)] as const),
  );
}

function readUlimit(tree: Tree): UlimitSpec {
  if (tree.kind !== "map") return readWhole(tree);
  checkKeys(tree, ["soft", "hard"]);
  const soft = childOf(tree, "soft");
  const hard = childOf(tree, "hard");
  if (soft === null || hard === null) throw composeError(tree.from, "needs soft and hard");
  return { soft: readWhole(soft), hard: readWhole(hard) };
}

/** compose-go takes no `5.0` here, which it takes elsewhere. */
function readWhole(tree: Tree): number {
  if (tree.kind === "scalar" && typeof tree.value === "number" && isFloat(tree.value, tree.text)) {
    throw composeError(tree.from, "must be a whole number, without a point");
  }
  return readInteger(tree);
}

export function readLogging(tree: Tree): NonNullable<ServiceSpec["logging"]> {
  const map = asMap(tree);
  checkKeys(map, ["driver", "options"]);
  const driver = childOf(map, "driver");
  const options = childOf(map, "options");
  return {
    ...(driver === null ? {} : { driver: readString(driver) }),
    ...(options === null ? {} : { options: readTexts(options) }),
  };
}

/** Null values stay null: they are passed through from the project's environment later. */
export function readEnvironment(tree: Tree): Readonly<Record<string, string | null>> {
  return sortedRecord([...readVariables(tree)].map(([key, pair]) => [key, pair.value] as const));
}
