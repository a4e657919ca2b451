// The tree between the stages: YAML with the file and path of every value kept, maps that can be merged.
import type { YamlScalarValue } from "../model/index.ts";
import type { Origin } from "./errors.ts";

export interface ScalarTree {
  readonly kind: "scalar";
  readonly value: YamlScalarValue;
  /** As written, after interpolation. */
  readonly text: string;
  readonly from: Origin;
  readonly tag: string | null;
}

export interface ListTree {
  readonly kind: "list";
  readonly items: readonly Tree[];
  readonly from: Origin;
  readonly tag: string | null;
}

export interface MapEntry {
  readonly keyFrom: Origin;
  readonly value: Tree;
}

export interface MapTree {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly from: Origin;
  readonly tag: string | null;
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
