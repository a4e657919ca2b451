// Turns a parsed document into a tree with origins, interpolating every string value on the way (never keys).
// Leaves out `x-` keys of the top level, of services, networks and volumes: compose ignores them, Boardhand reads its own.
import type { YamlEntry, YamlNode } from "../../model/index.ts";
import { composeError, type Origin, quote } from "../errors.ts";
import { childPath, type MapEntry, type Tree } from "../tree.ts";
import { substitute, type TemplateContext } from "./template.ts";

/** The only extension that means something here. */
export const EXTENSION = "x-boardhand";
/** Characters that the variables of one project may expand to. */
const MAX_EXPANSION = 8 * 1024 * 1024;
const TAGS: ReadonlySet<string> = new Set(["!reset", "!override"]);

export interface Interpolation {
  lookup(name: string): string | undefined;
  onUnset(name: string, from: Origin): void;
}

/** A function that plants documents of one project; all its documents share one bound on expansion. */
export function planter(interpolation: Interpolation): (node: YamlNode, file: string) => Tree {
  let budget = MAX_EXPANSION;
  const contextAt = (from: Origin): TemplateContext => ({
    lookup: interpolation.lookup,
    onUnset: (name) => interpolation.onUnset(name, from),
    fail: (what) => {
      throw composeError(from, what);
    },
    spend: (characters) => {
      budget -= characters;
      if (budget < 0) throw composeError(from, "the variables of this project expand to more than 8 MiB");
    },
  });
  return (node, file) => plant(node, { file, path: "", depth: 0, contextAt });
}

interface Spot {
  readonly file: string;
  readonly path: string;
  /** 0 is the document itself, 2 one service, network or volume. */
  readonly depth: number;
  readonly contextAt: (from: Origin) => TemplateContext;
}

function plant(node: YamlNode, spot: Spot): Tree {
  const { file, path, contextAt } = spot;
  const from: Origin = { file, line: node.at.line, column: node.at.column, path };
  const tag = node.tag;
  if (tag !== null && !TAGS.has(tag)) {
    throw composeError(from, `the tag ${quote(tag)} is unknown`, "only !reset and !override mean something");
  }
  switch (node.kind) {
    case "scalar": {
      if (typeof node.value !== "string") {
        return { kind: "scalar", value: node.value, text: node.text, from, tag };
      }
      const text = substitute(node.value, contextAt(from));
      return { kind: "scalar", value: text, text, from, tag };
    }
    case "sequence": {
      const items = node.items.map((item, index) =>
        plant(item, { ...spot, path: `${path}[${index}]`, depth: spot.depth + 1 }),
      );
      return { kind: "list", items, from, tag };
    }
    case "mapping": {
      const entries = new Map<string, MapEntry>();
      for (const entry of node.entries) {
        if (!isIgnoredExtension(entry.key, spot.depth)) entries.set(entry.key, plantEntry(entry, spot));
      }
      return { kind: "map", entries, from, tag };
    }
  }
}

function plantEntry(entry: YamlEntry, spot: Spot): MapEntry {
  const path = childPath(spot.path, entry.key);
  return {
    keyFrom: { file: spot.file, line: entry.keyAt.line, column: entry.keyAt.column, path },
    value: plant(entry.value, { ...spot, path, depth: spot.depth + 1 }),
  };
}

/** Names that the user makes up (services, variables, labels) may begin with `x-` and are kept. */
function isIgnoredExtension(key: string, depth: number): boolean {
  return key.startsWith("x-") && key !== EXTENSION && (depth === 0 || depth === 2);
}
