// The tree between the stages: YAML with the file and path of every value kept, maps that can be merged.
import type { YamlScalarValue } from "../model/index.ts";
import type { Origin } from "./errors.ts";

/** What a document's relative paths and variables are taken from: its project, or the file that was pulled in. */
export interface Scope {
  /** Absolute. */
  readonly directory: string;
  /** Undefined means unset. */
  lookup(name: string): string | undefined;
}

/** Where a value stood; it keeps its scope through every merge, so that no path ever has to be rewritten. */
export interface Place extends Origin {
  readonly scope: Scope;
}

export interface ScalarTree {
  readonly kind: "scalar";
  readonly value: YamlScalarValue;
  /** As written, after interpolation. */
  readonly text: string;
  readonly from: Place;
}

export interface ListTree {
  readonly kind: "list";
  readonly items: readonly Tree[];
  readonly from: Place;
}

export interface MapEntry {
  readonly keyFrom: Place;
  readonly value: Tree;
}

export interface MapTree {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly from: Place;
}

export type Tree = ScalarTree | ListTree | MapTree;

export function isNull(tree: Tree): boolean {
  return tree.kind === "scalar" && tree.value === null;
}

/** A map's value by key; null values count as absent. */
export function childOf(map: MapTree, key: string): Tree | null {
  const entry = map.entries.get(key);
  return entry === undefined || isNull(entry.value) ? null : entry.value;
}

/** The path of a child, as messages print it. */
export function childPath(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** Whether both say the same, wherever they stand and in whatever order their keys are. */
export function sameTree(a: Tree, b: Tree): boolean {
  if (a.kind === "scalar") return b.kind === "scalar" && Object.is(a.value, b.value);
  if (a.kind === "list") {
    if (b.kind !== "list" || a.items.length !== b.items.length) return false;
    return a.items.every((item, index) => {
      const other = b.items[index];
      return other !== undefined && sameTree(item, other);
    });
  }
  if (b.kind !== "map" || a.entries.size !== b.entries.size) return false;
  return [...a.entries].every(([key, { value }]) => {
    const other = b.entries.get(key);
    return other !== undefined && sameTree(value, other.value);
  });
}

/**
 * The tree with every value at `path` (`*` for any key) put through `change`. What is not there, or does not have the
 * form that the path expects, stays as it is: the readers say what is wrong with it.
 */
export function changeAt(tree: Tree, path: readonly string[], change: (value: Tree) => Tree): Tree {
  const [key, ...below] = path;
  if (key === undefined) return change(tree);
  if (tree.kind !== "map") return tree;
  const entries = new Map(tree.entries);
  for (const name of key === "*" ? tree.entries.keys() : [key]) {
    const entry = tree.entries.get(name);
    if (entry !== undefined) entries.set(name, { ...entry, value: changeAt(entry.value, below, change) });
  }
  return { ...tree, entries };
}
