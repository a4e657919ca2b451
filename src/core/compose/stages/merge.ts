// Merges a later document onto an earlier one (compose.md 1.7), before anything is made canonical.
// Lists are appended; repetitions are taken out afterwards, the last one counting (`stages/unique.ts`, and the readers).
import { isNull, type MapTree, type Tree } from "../tree.ts";
import {
  append,
  dependenciesByName,
  type MergeRule,
  mergeBuild,
  mergeDependencies,
  mergeHosts,
  mergeItems,
  mergeLogging,
  mergeNames,
  mergePairs,
  mergeSubnets,
  networksByName,
  unlike,
} from "./merge-rules.ts";
import type { KeyPath } from "./plant.ts";

type Rule = MergeRule | "replace";

/** Paths in segments, `*` for any name. Everything else: mappings merge, lists append, scalars replace. */
const RULES: readonly (readonly [pattern: string, rule: Rule])[] = [
  ["services/*/command", "replace"],
  ["services/*/entrypoint", "replace"],
  ["services/*/healthcheck/test", "replace"],
  ["services/*/ulimits/*", "replace"],
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

/** Dependencies and networks as a mapping, which is the form that a later document finds them in. */
export function asMerged(tree: Tree, path: KeyPath): Tree {
  if (tree.kind !== "list") return tree;
  const rule = ruleAt(path);
  if (rule === mergeDependencies) return dependenciesByName(tree);
  return rule === mergeNames ? networksByName(tree) : tree;
}

function ruleAt(path: KeyPath): Rule | undefined {
  const matches = (pattern: readonly string[]): boolean =>
    pattern.length === path.length &&
    pattern.every((segment, index) => segment === "*" || segment === path[index]);
  return PATTERNS.find(([pattern]) => matches(pattern))?.[1];
}

function merge(base: Tree, override: Tree, path: KeyPath): Tree {
  const rule = ruleAt(path);
  if (rule === "replace") return override;
  if (isNull(override)) return base;
  if (isNull(base)) return override;
  if (rule !== undefined) return rule(base, override, (first, second) => mergeMaps(first, second, path));
  if (base.kind === "scalar") return override;
  if (base.kind === "map" && override.kind === "map") return mergeMaps(base, override, path);
  if (base.kind === "list" && override.kind === "list") return append(base.items, override.items, override);
  throw unlike(base, override);
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
