// The files of one project → one document, in docker compose's order: each document is planted, gets the services it
// extends, clears what it resets, gets what it includes, and is merged onto the documents before it (compose.md 1.1).
import { asMap } from "../read.ts";
import type { Library, Reading } from "../reading.ts";
import { changeAt, type MapTree, type Scope, type Tree } from "../tree.ts";
import { withDocument } from "./documents.ts";
import { withExtends } from "./extends.ts";
import { type IncludedProject, withIncludes } from "./include.ts";
import { bodyOf } from "./plant.ts";
import { withoutRepetitions } from "./unique.ts";

/** Null when the files say nothing at all. Throws E_COMPOSE. */
export function* loadModel(
  project: IncludedProject,
  library: Library,
  trail: readonly string[] = [],
): Reading<MapTree | null> {
  let merged: MapTree | null = null;
  for (const { path, documents } of project.files) {
    for (const planted of documents) {
      const body = bodyOf(planted);
      if (body === null) continue;
      const whole: MapTree = yield* withExtends(body, planted, library);
      const own = yield* withIncludes(whole, [...trail, path], library, (included, below) =>
        loadIncluded(included, below, library),
      );
      merged = withDocument(merged, own, planted);
    }
  }
  return merged === null ? null : asMap(withoutRepetitions(merged));
}

function* loadIncluded(
  project: IncludedProject,
  trail: readonly string[],
  library: Library,
): Reading<MapTree | null> {
  const model = yield* loadModel(project, library, trail);
  return model === null ? null : withPassedThrough(model, project.scope);
}

/** Lists of variables get the included project's values; docker compose leaves mappings to the whole project. */
function withPassedThrough(model: MapTree, scope: Scope): MapTree {
  const pass = (item: Tree): Tree => {
    const value = item.kind === "scalar" && !item.text.includes("=") ? scope.lookup(item.text) : undefined;
    if (item.kind !== "scalar" || value === undefined) return item;
    const text = `${item.text}=${value}`;
    return { ...item, value: text, text };
  };
  return asMap(
    changeAt(model, ["services", "*", "environment"], (environment) =>
      environment.kind === "list" ? { ...environment, items: environment.items.map(pass) } : environment,
    ),
  );
}
