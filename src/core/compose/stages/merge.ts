// Merges a later document onto an earlier one (compose.md 1.7), before anything is made canonical.
// Lists are appended; repetitions are taken out afterwards, the last one counting (`stages/unique.ts`, and the readers).
import { composeError } from "../errors.ts";
import { readPairs } from "../read.ts";
import { isNull, type ListTree, type MapEntry, type MapTree, type Place, type Tree } from "../tree.ts";
import type { KeyPath } from "./plant.ts";

type Rule = (base: Tree, override: Tree, path: KeyPath) => Tree;

/** Paths in segments, `*` for any name. Everything else: mappings merge, lists append, scalars replace. */
const RULES: readonly (readonly [pattern: string, rule: Rule])[] = [
  ["services/*/command", replace],
  ["services/*/entrypoint", replace],
  ["services/*/healthcheck/test", replace],
  ["services/*/ulimits/*", replace],
  ["services/*/logging", mergeLogging],
  ["services/*/build", mergeBuild],
  ["services/*/depends_on", mergeDependencies],
  ["services/*/networks", mergeNames],
  ["services/*/models", mergeNames],
  ["services/*/extra_hosts", mergeHosts],
  ["services/*/build/extra_hosts", mergeHosts],
  ["networks/*/ipam/config", mergeSubnets],
  ...[
    "services/*/environment",
    "services/*/labels",
    "services/*/annotations",
    "services/*/sysctls",
    "services/*/deploy/labels",
    "services/*/build/args",
    "services/*/build/labels",
    "services/*/build/additional_contexts",
    "networks/*/labels",
    "volumes/*/labels",
  ].map((pattern) => [pattern, mergePairs] as const),
  ...["dns", "dns_opt", "dns_search", "env_file", "label_file", "tmpfs"].map(
    (key) => [`services/*/${key}`, mergeItems] as const,
  ),
];
const PATTERNS = RULES.map(([pattern, rule]) => [pattern.split("/"), rule] as const);

/** The merged document. Throws E_COMPOSE where a list or mapping meets something else. */
export function mergeTrees(base: MapTree, override: MapTree): MapTree {
  return mergeMaps(base, override, []);
}

/** A service onto the one that it extends. */
export function mergeService(base: MapTree, override: MapTree): MapTree {
  return mergeMaps(base, override, ["services", "*"]);
}

/** Keys to take out, or what to take out below them. */
type Doomed = Map<string, Doomed | "whole">;

/** The document without what stands at these places; dependencies and networks have places by name in a list too. */
export function withoutPaths(map: MapTree, cleared: readonly KeyPath[]): MapTree {
  if (cleared.length === 0) return map;
  const doomed: Doomed = new Map();
  for (const keys of cleared) doom(doomed, keys);
  return without(map, doomed, []);
}

function doom(doomed: Doomed, keys: KeyPath): void {
  let at = doomed;
  for (const [index, key] of keys.entries()) {
    const next = at.get(key);
    if (next === "whole") return;
    if (index === keys.length - 1) at.set(key, "whole");
    else if (next !== undefined) at = next;
    else {
      const below: Doomed = new Map();
      at.set(key, below);
      at = below;
    }
  }
}

function without(map: MapTree, doomed: Doomed, path: KeyPath): MapTree {
  const entries = new Map<string, MapEntry>();
  for (const [key, entry] of map.entries) {
    const fate = doomed.get(key);
    if (fate === "whole") continue;
    const at = [...path, key];
    const value = fate === undefined ? entry.value : canonical(entry.value, at);
    const below = fate === undefined || value.kind !== "map" ? entry.value : without(value, fate, at);
    entries.set(key, { ...entry, value: below });
  }
  return { ...map, entries };
}

/** Dependencies and networks as a mapping, which is the form that a later document finds them in. */
function canonical(tree: Tree, path: KeyPath): Tree {
  if (tree.kind !== "list") return tree;
  const rule = ruleAt(path);
  if (rule === mergeDependencies) return byName(tree, shortDependency);
  return rule === mergeNames ? byName(tree, nothing) : tree;
}

function ruleAt(path: KeyPath): Rule | undefined {
  const matches = (pattern: readonly string[]): boolean =>
    pattern.length === path.length &&
    pattern.every((segment, index) => segment === "*" || segment === path[index]);
  return PATTERNS.find(([pattern]) => matches(pattern))?.[1];
}

function merge(base: Tree, override: Tree, path: KeyPath): Tree {
  const rule = ruleAt(path);
  if (rule === replace) return override;
  if (isNull(override)) return base;
  if (isNull(base)) return override;
  if (rule !== undefined) return rule(base, override, path);
  if (base.kind === "scalar") return override;
  if (base.kind === "map" && override.kind === "map") return mergeMaps(base, override, path);
  if (base.kind === "list" && override.kind === "list") return append(base.items, override.items, override);
  throw unlike(base, override);
}

function unlike(base: Tree, override: Tree): Error {
  const kind = base.kind === "map" ? "a mapping" : "a list";
  return composeError(
    override.from,
    `cannot be merged onto what ${base.from.file}:${base.from.line} says`,
    `write ${kind} as there, or mark this one with !override`,
  );
}

function mergeMaps(base: MapTree, override: MapTree, path: KeyPath): MapTree {
  const entries = new Map(base.entries);
  for (const [key, entry] of override.entries) {
    const earlier = entries.get(key);
    const value = earlier === undefined ? entry.value : merge(earlier.value, entry.value, [...path, key]);
    entries.set(key, { keyFrom: entry.keyFrom, value });
  }
  return { ...base, entries };
}

function append(base: readonly Tree[], override: readonly Tree[], like: Tree): ListTree {
  return { kind: "list", items: [...base, ...override], from: like.from };
}

function replace(_base: Tree, override: Tree): Tree {
  return override;
}

/** `KEY=value` lists and mappings alike; a later null or bare `KEY` counts too. */
function mergePairs(base: Tree, override: Tree): MapTree {
  const entries = new Map<string, MapEntry>();
  for (const [key, { value, from }] of [...readPairs(base), ...readPairs(override)]) {
    entries.set(key, { keyFrom: from, value: { kind: "scalar", value, text: value ?? "", from } });
  }
  return { kind: "map", entries, from: override.from };
}

function mergeItems(base: Tree, override: Tree): ListTree {
  return append(asItems(base), asItems(override), override);
}

/** Only repetitions in the later document are left out, as docker compose does. */
function mergeHosts(base: Tree, override: Tree): ListTree {
  const first = asItems(base);
  const known = new Set(first.map((item) => (item.kind === "scalar" ? item.text : null)));
  const more = asItems(override).filter((item) => item.kind !== "scalar" || !known.has(item.text));
  return append(first, more, override);
}

function mergeLogging(base: Tree, override: Tree, path: KeyPath): Tree {
  if (base.kind !== "map" || override.kind !== "map") throw unlike(base, override);
  const drivers = [base, override].map((map) => {
    const driver = map.entries.get("driver")?.value;
    return driver?.kind === "scalar" && driver.value !== null ? driver.text : null;
  });
  const differ = drivers[0] !== drivers[1] && !drivers.includes(null);
  return differ ? override : mergeMaps(base, override, path);
}

function mergeBuild(base: Tree, override: Tree, path: KeyPath): Tree {
  const [first, second] = [base, override].map((tree) => {
    if (tree.kind !== "scalar") return tree;
    return mapOf(tree.from, [["context", { keyFrom: tree.from, value: tree }]]);
  });
  if (first?.kind !== "map" || second?.kind !== "map") throw unlike(base, override);
  return mergeMaps(first, second, path);
}

function mergeNames(base: Tree, override: Tree, path: KeyPath): Tree {
  return mergeMaps(byName(base, nothing), byName(override, nothing), path);
}

/** A name in a list says the whole short form, also over what a mapping said before. */
function mergeDependencies(base: Tree, override: Tree, path: KeyPath): Tree {
  return mergeMaps(byName(base, shortDependency), byName(override, shortDependency), path);
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
function mergeSubnets(base: Tree, override: Tree, path: KeyPath): Tree {
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
    if (same !== undefined) merged.set(subnet, mergeMaps(map, same, [...path, "*"]));
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
