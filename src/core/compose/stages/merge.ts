// Merges a later document onto an earlier one (compose.md 1.7), before anything is made canonical.
// Lists are appended; repetitions are taken out where lists are read, the last one counting.
import { composeError } from "../errors.ts";
import { asList, readPairs } from "../read.ts";
import { isNull, type MapEntry, type MapTree, type Tree } from "../tree.ts";

type Rule = "replace" | "pairs" | "list" | "names" | "logging";

/** Paths in segments, `*` for any name. Everything else: mappings merge, lists append, scalars replace. */
const RULES: readonly (readonly [string, Rule])[] = [
  ["services/*/command", "replace"],
  ["services/*/entrypoint", "replace"],
  ["services/*/healthcheck/test", "replace"],
  ["services/*/ulimits/*", "replace"],
  ["services/*/build", "replace"],
  ["services/*/logging", "logging"],
  ["services/*/environment", "pairs"],
  ["services/*/labels", "pairs"],
  ["services/*/sysctls", "pairs"],
  ["services/*/deploy/labels", "pairs"],
  ["networks/*/labels", "pairs"],
  ["volumes/*/labels", "pairs"],
  ["services/*/depends_on", "names"],
  ["services/*/networks", "names"],
  ["services/*/env_file", "list"],
  ["services/*/dns", "list"],
  ["services/*/dns_search", "list"],
  ["services/*/tmpfs", "list"],
  ["services/*/extra_hosts", "list"],
];

/** The merged document; `!override` replaces, `!reset` takes out. Throws E_COMPOSE when the kinds do not fit. */
export function mergeTrees(base: Tree, override: Tree): Tree {
  return merge(base, override, []);
}

/** Takes out what `!reset` names; run once after the last document. */
export function withoutResets(tree: Tree): Tree {
  if (tree.kind === "list") return { ...tree, items: tree.items.map(withoutResets) };
  if (tree.kind !== "map") return tree;
  const kept = [...tree.entries].filter(([, entry]) => entry.value.tag !== "!reset");
  const entries = new Map(kept.map(([key, entry]) => [key, { ...entry, value: withoutResets(entry.value) }]));
  return { ...tree, entries };
}

function merge(base: Tree, override: Tree, path: readonly string[]): Tree {
  if (override.tag !== null) return override;
  if (isNull(override)) return base;
  if (isNull(base)) return override;
  const rule = RULES.find(([pattern]) => matches(pattern, path))?.[1];
  if (rule === "replace") return override;
  if (rule === "pairs") return mergeMaps(pairsMap(base), pairsMap(override), path);
  if (rule === "names") return mergeMaps(namesMap(base), namesMap(override), path);
  if (rule === "list") return append(asItems(base), asItems(override), override);
  if (base.kind === "map" && override.kind === "map") {
    return rule === "logging" && driversDiffer(base, override) ? override : mergeMaps(base, override, path);
  }
  if (base.kind === "list" && override.kind === "list") return append(base.items, override.items, override);
  if (base.kind === "scalar" && override.kind === "scalar") return override;
  throw composeError(override.from, `cannot be merged onto what ${base.from.file}:${base.from.line} says`);
}

function matches(pattern: string, path: readonly string[]): boolean {
  const segments = pattern.split("/");
  return (
    segments.length === path.length &&
    segments.every((segment, index) => segment === "*" || segment === path[index])
  );
}

function mergeMaps(base: MapTree, override: MapTree, path: readonly string[]): MapTree {
  const entries = new Map(base.entries);
  for (const [key, entry] of override.entries) {
    const earlier = entries.get(key);
    const value = earlier === undefined ? entry.value : merge(earlier.value, entry.value, [...path, key]);
    entries.set(key, { keyFrom: entry.keyFrom, value });
  }
  return { ...base, entries };
}

function append(base: readonly Tree[], override: readonly Tree[], like: Tree): Tree {
  return { kind: "list", items: [...base, ...override], from: like.from, tag: null };
}

function driversDiffer(base: MapTree, override: MapTree): boolean {
  const text = (map: MapTree): string | null => {
    const driver = map.entries.get("driver")?.value;
    return driver?.kind === "scalar" && driver.value !== null ? driver.text : null;
  };
  return text(base) !== null && text(override) !== null && text(base) !== text(override);
}

/** A list of `KEY=value` as a mapping, so that the later value of a key replaces the earlier. */
function pairsMap(tree: Tree): MapTree {
  if (tree.kind === "map") return tree;
  const entries = new Map<string, MapEntry>();
  for (const [key, pair] of readPairs(tree)) {
    const value: Tree = {
      kind: "scalar",
      value: pair.value,
      text: pair.value ?? "",
      from: pair.from,
      tag: null,
    };
    entries.set(key, { keyFrom: pair.from, value });
  }
  return { kind: "map", entries, from: tree.from, tag: null };
}

/** A list of names as a mapping of empty values. */
function namesMap(tree: Tree): MapTree {
  if (tree.kind === "map") return tree;
  const entries = new Map<string, MapEntry>();
  for (const item of asList(tree).items) {
    if (item.kind !== "scalar") throw composeError(item.from, "must be a name");
    const value: Tree = { kind: "map", entries: new Map(), from: item.from, tag: null };
    entries.set(item.text, { keyFrom: item.from, value });
  }
  return { kind: "map", entries, from: tree.from, tag: null };
}

/** One value as a list of one; a mapping of host names as `host=address` items. */
function asItems(tree: Tree): readonly Tree[] {
  if (tree.kind === "list") return tree.items;
  if (tree.kind === "scalar") return [tree];
  return [...tree.entries].flatMap(([key, { value }]) =>
    (value.kind === "list" ? value.items : [value]).map((item) => {
      const text = item.kind === "scalar" ? `${key}=${item.text}` : key;
      return { kind: "scalar", value: text, text, from: item.from, tag: null } as const;
    }),
  );
}
