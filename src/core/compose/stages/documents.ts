// Planted documents → one document: each `!reset` and `!override` first clears what earlier documents said (compose.md 1.7).
import { composeError } from "../errors.ts";
import { asMap } from "../read.ts";
import { changeAt, childOf, type MapTree, type Place, type Tree } from "../tree.ts";
import { withoutPaths } from "./clear.ts";
import { mergeTrees } from "./merge.ts";
import { bodyOf, type Planted } from "./plant.ts";

/** A later document onto all earlier ones. */
export function withDocument(earlier: MapTree | null, later: MapTree, planted: Planted): MapTree {
  return earlier === null ? later : mergeTrees(withoutPaths(settled(earlier), planted.cleared), later);
}

/** Documents that stand for themselves; throws E_COMPOSE when `file` says nothing. */
export function mergeDocuments(documents: readonly Planted[], file: string): MapTree {
  let merged: MapTree | null = null;
  for (const planted of documents) {
    const body = bodyOf(planted);
    if (body !== null) merged = withDocument(merged, body, planted);
  }
  if (merged === null) throw composeError({ file, line: 1, column: 1, path: "" }, "the file is empty");
  return settled(merged);
}

/** The short forms that a later document finds in full, where merging them as they are written would differ. */
function settled(document: MapTree): MapTree {
  const sections = ["networks", "volumes", "secrets", "configs"];
  const named = sections.reduce<Tree>((rest, key) => changeAt(rest, [key, "*"], externalName), document);
  return asMap(changeAt(named, ["services", "*", "gpus"], deviceList));
}

/** `gpus: all` as a list of one. */
function deviceList(tree: Tree): Tree {
  if (tree.kind !== "scalar" || tree.value !== "all") return tree;
  const { from } = tree;
  const entries = new Map([["count", { keyFrom: from, value: tree }]]);
  return { kind: "list", items: [{ kind: "map", entries, from }], from };
}

/** `external: {name: x}` as `external: true` beside `name: x`. */
function externalName(tree: Tree): Tree {
  const external = tree.kind === "map" ? childOf(tree, "external") : null;
  if (tree.kind !== "map" || external?.kind !== "map") return tree;
  const name = external.entries.get("name");
  const entries = new Map(tree.entries);
  entries.set("external", { keyFrom: external.from, value: yes(external.from) });
  if (name !== undefined && childOf(tree, "name") === null) entries.set("name", name);
  return { ...tree, entries };
}

function yes(from: Place): Tree {
  return { kind: "scalar", value: true, text: "true", from };
}
