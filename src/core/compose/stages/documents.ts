// Planted documents → one document: each `!reset` and `!override` first clears what earlier documents said (compose.md 1.7).
import { composeError } from "../errors.ts";
import type { MapTree } from "../tree.ts";
import { mergeTrees, withoutPaths } from "./merge.ts";
import { bodyOf, type Planted } from "./plant.ts";

/** A later document onto all earlier ones. */
export function withDocument(earlier: MapTree | null, later: MapTree, planted: Planted): MapTree {
  return earlier === null ? later : mergeTrees(withoutPaths(earlier, planted.cleared), later);
}

/** Documents that stand for themselves; throws E_COMPOSE when `file` says nothing. */
export function mergeDocuments(documents: readonly Planted[], file: string): MapTree {
  let merged: MapTree | null = null;
  for (const planted of documents) {
    const body = bodyOf(planted);
    if (body !== null) merged = withDocument(merged, body, planted);
  }
  if (merged === null) throw composeError({ file, line: 1, column: 1, path: "" }, "the file is empty");
  return merged;
}
