// How single keys are merged that neither append nor replace (compose.md 1.7): each rule takes what the earlier and the
// later document say there, both something, and gives what holds. Throws E_COMPOSE for forms that cannot be merged.
import { composeError } from "../errors.ts";
import { readPairs } from "../read.ts";
import type { ListTree, MapEntry, MapTree, Place, Tree } from "../tree.ts";

/** `mergeBelow` merges two mappings key by key, by the rules for what is below this place. */
export type MergeRule = (base: Tree, override: Tree, mergeBelow: MergeBelow) => Tree;
type MergeBelow = (base: MapTree, override: MapTree) => MapTree;

/** The error for two forms that cannot be merged. */
export function unlike(base: Tree, override: Tree): Error {
  const kind = base.kind === "map" ? "a mapping" : "a list";
  return composeError(
    override.from,
    `cannot be merged onto what ${base.from.file}:${base.from.line} says`,
    `write ${kind} as there, or mark this one with !override`,
  );
}

/** One list after the other, at the place of `like`. */
export function append(base: readonly Tree[], override: readonly Tree[], like: Tree): ListTree {
  return { kind: "list", items: [...base, ...override], from: like.from };
}

/**
 * `KEY=value` lists and mappings as a list in which the last of each name counts. As in docker compose it stays a list:
 * a third document cannot take out one name by `!reset`.
 */
export function mergePairs(base: Tree, override: Tree): ListTree {
  const pairs = new Map([...readPairs(base), ...readPairs(override)]);
  const items = [...pairs].map(([key, { value, from }]): Tree => {
    const text = value === null ? key : `${key}=${value}`;
    return { kind: "scalar", value: text, text, from };
  });
  return { kind: "list", items, from: override.from };
}

export function mergeItems(base: Tree, override: Tree): ListTree {
  return append(asItems(base), asItems(override), override);
}

/** Only repetitions in the later document are left out, as docker compose does. */
export function mergeHosts(base: Tree, override: Tree): ListTree {
  const first = asItems(base);
  const known = new Set(first.map((item) => (item.kind === "scalar" ? item.text : null)));
  const more = asItems(override).filter((item) => item.kind !== "scalar" || !known.has(item.text));
  return append(first, more, override);
}

export function mergeLogging(base: Tree, override: Tree, mergeBelow: MergeBelow): Tree {
  if (base.kind !== "map" || override.kind !== "map") throw unlike(base, override);
  const drivers = [base, override].map((map) => {
    const driver = map.entries.get("driver")?.value;
    return driver?.kind === "scalar" && driver.value !== null ? driver.text : null;
  });
  const differ = drivers[0] !== drivers[1] && !drivers.includes(null);
  return differ ? override : mergeBelow(base, override);
}

export function mergeBuild(base: Tree, override: Tree, mergeBelow: MergeBelow): Tree {
  const [first, second] = [base, override].map((tree) => {
    if (tree.kind !== "scalar") return tree;
    return mapOf(tree.from, [["context", { keyFrom: tree.from, value: tree }]]);
  });
  if (first?.kind !== "map" || second?.kind !== "map") throw unlike(base, override);
  return mergeBelow(first, second);
}

/** Names of networks or models as a mapping; a list says nothing more about each. */
export function networksByName(tree: Tree): MapTree {
  return byName(tree, nothing);
}

/** Dependencies as a mapping; a name in a list stands for the whole short form. */
export function dependenciesByName(tree: Tree): MapTree {
  return byName(tree, shortDependency);
}

export function mergeNames(base: Tree, override: Tree, mergeBelow: MergeBelow): Tree {
  return mergeBelow(networksByName(base), networksByName(override));
}

/** A name in a list says the whole short form, also over what a mapping said before. */
export function mergeDependencies(base: Tree, override: Tree, mergeBelow: MergeBelow): Tree {
  return mergeBelow(dependenciesByName(base), dependenciesByName(override));
}

function shortDependency(from: Place): Tree {
  return mapOf(from, [
    ["condition", scalarEntry("service_started", from)],
    ["required", scalarEntry(true, from)],
  ]);
}

function nothing(from: Place): Tree {
  return scalarEntry(null, from).value;
}

/** A list of names as a mapping. */
function byName(tree: Tree, valueAt: (from: Place) => Tree): MapTree {
  if (tree.kind === "map") return tree;
  if (tree.kind !== "list") throw composeError(tree.from, "must be a list or a mapping");
  return mapOf(
    tree.from,
    tree.items.map((item) => {
      if (item.kind !== "scalar") throw composeError(item.from, "must be a name");
      return [item.text, { keyFrom: item.from, value: valueAt(item.from) }] as const;
    }),
  );
}

/** A subnet that both describe is merged; one that only the later describes is added, the earlier's is left out. */
export function mergeSubnets(base: Tree, override: Tree, mergeBelow: MergeBelow): Tree {
  if (base.kind !== "list" || override.kind !== "list") throw unlike(base, override);
  const [earlier, later] = [base, override].map(({ items }) =>
    items.map((item) => {
      if (item.kind !== "map") throw unlike(base, override);
      return [subnetOf(item), item] as const;
    }),
  );
  // Like docker compose, an empty list is not filled by a later one.
  const merged = new Map(base.items.length === 0 ? [] : later);
  for (const [subnet, map] of earlier ?? []) {
    const same = merged.get(subnet);
    if (same !== undefined) merged.set(subnet, mergeBelow(map, same));
  }
  return { kind: "list", items: [...merged.values()], from: override.from };
}

function subnetOf(map: MapTree): string {
  const subnet = map.entries.get("subnet")?.value;
  return subnet?.kind === "scalar" ? subnet.text : "";
}

/** One value as a list of one; a mapping as `key=value` items. */
function asItems(tree: Tree): readonly Tree[] {
  if (tree.kind === "list") return tree.items;
  if (tree.kind === "scalar") return [tree];
  return [...tree.entries].flatMap(([key, { value }]) =>
    (value.kind === "list" ? value.items : [value]).map((item) => {
      const text = item.kind !== "scalar" || item.value === null ? key : `${key}=${item.text}`;
      return { kind: "scalar", value: text, text, from: item.from } as const;
    }),
  );
}

function mapOf(from: Place, entries: Iterable<readonly [string, MapEntry]>): MapTree {
  return { kind: "map", entries: new Map(entries), from };
}

function scalarEntry(value: string | boolean | null, from: Place): MapEntry {
  return { keyFrom: from, value: { kind: "scalar", value, text: value === null ? "" : String(value), from } };
}
