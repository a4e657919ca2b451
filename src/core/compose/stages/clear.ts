// Takes out what a later document marks with `!reset` or `!override` (compose.md 1.7), before the two are merged.
import type { MapEntry, MapTree } from "../tree.ts";
import { asMerged } from "./merge.ts";
import type { KeyPath } from "./plant.ts";

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
    const value = fate === undefined ? entry.value : asMerged(entry.value, at);
    const below = fate === undefined || value.kind !== "map" ? entry.value : without(value, fate, at);
    entries.set(key, { ...entry, value: below });
  }
  return { ...map, entries };
}
