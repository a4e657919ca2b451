// The networks of one service, list or mapping (compose.md 1.9).
import type { ServiceNetworkSpec } from "../../model/index.ts";
import { checkKeys, NOT_YET } from "../keys.ts";
import { asMap, readInteger, readString, readTexts, readUnique, sortedRecord } from "../read.ts";
import { childOf, isNull, type MapTree, type Tree } from "../tree.ts";

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
  checkKeys(
    map,
    ["aliases", "ipv4_address", "ipv6_address", "link_local_ips", "mac_address", "priority", "driver_opts"],
    NOT_YET.serviceNetwork,
  );
  const lists = (["aliases", "link_local_ips"] as const).flatMap((key) => pick(map, key, readUnique));
  const texts = (["ipv4_address", "ipv6_address", "mac_address"] as const).flatMap((key) =>
    pick(map, key, readString),
  );
  return Object.fromEntries([
    ...lists,
    ...texts,
    ...pick(map, "priority", readInteger),
    ...pick(map, "driver_opts", readTexts),
  ]);
}

function pick<T>(map: MapTree, key: string, read: (tree: Tree) => T): readonly (readonly [string, T])[] {
  const child = childOf(map, key);
  return child === null ? [] : [[key, read(child)]];
}
