// Turns a parsed document into a tree with origins, interpolating every string value on the way (never keys).
// Takes `!reset` values out and records where they and `!override` stood; leaves out `x-` keys that mean nothing here.
import type { YamlEntry, YamlNode } from "../../model/index.ts";
import { composeError, type Origin, quote } from "../errors.ts";
import { asMap } from "../read.ts";
import {
  childPath,
  isNull,
  type MapEntry,
  type MapTree,
  type Place,
  type Scope,
  type Tree,
} from "../tree.ts";
import { substitute, type TemplateContext } from "./template.ts";

/** The only extension that means something here. */
export const EXTENSION = "x-boardhand";
/** Characters that the variables of one project may expand to. */
const MAX_EXPANSION = 8 * 1024 * 1024;

/** Keys from the top of a document; the index of a list item in digits. */
export type KeyPath = readonly string[];

export interface Planted {
  /** Null where the whole document is to be reset. */
  readonly tree: Tree | null;
  /** What an earlier document says at these places does not count (compose.md 1.7). */
  readonly cleared: readonly KeyPath[];
}

/** The mapping that a document is; null where it says nothing at all (empty, null or reset). */
export function bodyOf({ tree }: Planted): MapTree | null {
  return tree === null || isNull(tree) ? null : asMap(tree);
}

/** Plants one document of `file`; its variables and relative paths are those of `scope`. */
export type Planter = (node: YamlNode, file: string, scope: Scope) => Planted;

/** All documents planted by one planter share one bound on expansion. */
export function planter(onUnset: (name: string, from: Origin) => void): Planter {
  let budget = MAX_EXPANSION;
  const expand = (text: string, from: Place): string => {
    if (!text.includes("$")) return text;
    const context: TemplateContext = {
      lookup: (name) => from.scope.lookup(name),
      onUnset: (name) => onUnset(name, from),
      fail: (what) => {
        throw composeError(from, what);
      },
      spend: (characters) => {
        budget -= characters;
        if (budget < 0) throw composeError(from, "the variables of this project expand to more than 8 MiB");
      },
    };
    return substitute(text, context);
  };
  return (node, file, scope) => {
    const cleared: KeyPath[] = [];
    const tree = plant(node, { file, scope, path: "", keys: [], cleared, expand });
    return { tree, cleared };
  };
}

interface Spot {
  readonly file: string;
  readonly scope: Scope;
  readonly path: string;
  readonly keys: KeyPath;
  /** Null below `!override`, where tags mean nothing. */
  readonly cleared: KeyPath[] | null;
  expand(text: string, from: Place): string;
}

function plant(node: YamlNode, spot: Spot): Tree | null {
  const { file, path, scope } = spot;
  const from: Place = { file, line: node.at.line, column: node.at.column, path, scope };
  if (node.tag === null) return plantValue(node, from, spot);
  if (node.tag === "!!timestamp") {
    // In an extension a date does no harm.
    if (spot.keys.some((key) => key.startsWith("x-"))) return plantValue(node, from, spot);
    throw composeError(from, "is a date", "put the value in quotes");
  }
  if (node.tag !== "!reset" && node.tag !== "!override") {
    throw composeError(
      from,
      `the tag ${quote(node.tag)} is unknown`,
      "only !reset and !override mean something",
    );
  }
  if (spot.cleared === null) return plantValue(node, from, spot);
  spot.cleared.push(spot.keys);
  return node.tag === "!reset" ? null : plantValue(node, from, { ...spot, cleared: null });
}

function plantValue(node: YamlNode, from: Place, spot: Spot): Tree {
  switch (node.kind) {
    case "scalar": {
      if (typeof node.value !== "string") return { kind: "scalar", value: node.value, text: node.text, from };
      const text = spot.expand(node.value, from);
      return { kind: "scalar", value: text, text, from };
    }
    case "sequence": {
      const items = node.items.flatMap((item, index) => {
        const keys = [...spot.keys, String(index)];
        return plant(item, { ...spot, path: `${spot.path}[${index}]`, keys }) ?? [];
      });
      return { kind: "list", items, from };
    }
    case "mapping": {
      const entries = new Map<string, MapEntry>();
      for (const entry of node.entries) {
        const planted = plantEntry(entry, spot);
        if (planted !== null && !isIgnoredExtension(entry.key, spot.keys.length))
          entries.set(entry.key, planted);
      }
      return { kind: "map", entries, from };
    }
  }
}

function plantEntry(entry: YamlEntry, spot: Spot): MapEntry | null {
  const { file, scope } = spot;
  const path = childPath(spot.path, entry.key);
  const value = plant(entry.value, { ...spot, path, keys: [...spot.keys, entry.key] });
  const keyFrom: Place = { file, line: entry.keyAt.line, column: entry.keyAt.column, path, scope };
  return value === null ? null : { keyFrom, value };
}

/** Names that the user makes up (services, variables, labels) may begin with `x-`; those of the top level are printed. */
function isIgnoredExtension(key: string, depth: number): boolean {
  return key.startsWith("x-") && key !== EXTENSION && depth === 2;
}
