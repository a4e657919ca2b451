// The networks of one service, list or mapping (compose.md 1.9).
import type { ServiceNetworkSpec } from "../../model/index.ts";
import { keysOf } from "../attributes/index.ts";
import { composeError } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asMap, readString, readTexts, readTruncated, readUnique, sortedRecord } from "../read.ts";
import { childOf, isNull, type MapTree, type Tree } from "../tree.ts";

const KEYS = keysOf("services.*.networks.*");

/** By network key, sorted; null where nothing but the name is given. */
export function readServiceNetworks(tree: Tree): Readonly<Record<string, ServiceNetworkSpec | null>> {
  if (tree.kind !== "map") return sortedRecord(readUnique(tree).map((name) => [name, null] as const));
  return sortedRecord(
    [...tree.entries].map(
      ([name, { value }]) => [name, isNull(value) ? null : attachment(asMap(value))] as const,
    ),
  );
}

function attachment(map: MapTree): ServiceNetworkSpec {
  checkKeys(map, KEYS);
  const lists = (["aliases", "link_local_ips"] as const).flatMap((key) => pick(map, key, readUnique));
  const texts = (["ipv4_address", "ipv6_address", "mac_address", "interface_name"] as const).flatMap((key) =>
    pick(map, key, readString),
  );
  const numbers = (["priority", "gw_priority"] as const).flatMap((key) => pick(map, key, readPriority));
  return Object.fromEntries([...lists, ...texts, ...numbers, ...pick(map, "driver_opts", readTexts)]);
}

/** A number and never text; what is behind the point is dropped. */
function readPriority(tree: Tree): number {
  if (tree.kind === "scalar" && typeof tree.value === "number") return readTruncated(tree);
  throw composeError(tree.from, "must be a number");
}

function pick<T>(map: MapTree, key: string, read: (tree: Tree) => T): readonly (readonly [string, T])[] {
  const child = childOf(map, key);
  return child === null ? [] : [[key, read(child)]];
}
