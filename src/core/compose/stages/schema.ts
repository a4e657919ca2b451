// The merged document beside the compose specification's schema, which knows more kinds of mistakes than the readers do.
// Runs after them in a strict project, so that their better messages come first; a lenient one loses its unknown keys before.
import type { CheckSchema, SchemaProblem, YamlScalarValue } from "../../model/index.ts";
import { composeError, type Origin } from "../errors.ts";
import type { ListTree, MapEntry, MapTree, Tree } from "../tree.ts";

/** Throws E_COMPOSE for the most specific problem (compose.md 1.10), at the place of the key it is about. */
export function requireSchema(top: MapTree, check: CheckSchema): void {
  const [problem] = check(plain(top));
  if (problem !== undefined)
    throw composeError(originOf(top, problem), problem.what, problem.hint ?? undefined);
}

/** The document without the keys that the schema does not know, each of them a warning. */
export function withoutUnknownKeys(
  top: MapTree,
  check: CheckSchema,
  warn: (from: Origin, what: string) => void,
): MapTree {
  const unknown = check(plain(top)).filter((problem) => problem.unknownKey !== null);
  if (unknown.length === 0) return top;
  const doomed = new Set<MapEntry>();
  for (const problem of unknown) {
    const entry = entryOf(top, problem);
    if (entry === null) continue;
    doomed.add(entry);
    warn(entry.keyFrom, `${problem.what} and ignored`);
  }
  return pruned(top, doomed);
}

/** Top-level keys that begin with `x-`, as plain values. */
export function extensionsOf(top: MapTree): Readonly<Record<string, unknown>> {
  return plain({
    ...top,
    entries: new Map([...top.entries].filter(([key]) => key.startsWith("x-"))),
  }) as Readonly<Record<string, unknown>>;
}

function plain(tree: Tree): unknown {
  switch (tree.kind) {
    case "scalar":
      return plainScalar(tree.value);
    case "list":
      return tree.items.map(plain);
    case "map":
      return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, plain(entry.value)]));
  }
}

/** A schema compares sizes only, so that a lost digit of a huge number changes no answer. */
function plainScalar(value: YamlScalarValue): string | number | boolean | null {
  return typeof value === "bigint" ? Number(value) : value;
}

/** The unknown key itself, else the key or item that the path ends at, as far as it can be followed. */
function originOf(top: MapTree, problem: SchemaProblem): Origin {
  const entry = entryOf(top, problem);
  if (entry !== null) return entry.keyFrom;
  let [at, from]: [Tree, Origin] = [top, top.from];
  for (const key of problem.path) {
    const next = step(at, key);
    if (next === null) break;
    [at, from] = [next, next.from];
  }
  return from;
}

function entryOf(top: MapTree, { path, unknownKey }: SchemaProblem): MapEntry | null {
  if (unknownKey === null) return null;
  let at: Tree | null = top;
  for (const key of path) at = at === null ? null : step(at, key);
  return at?.kind === "map" ? (at.entries.get(unknownKey) ?? null) : null;
}

function step(tree: Tree, key: string): Tree | null {
  if (tree.kind === "list") return tree.items[Number(key)] ?? null;
  return tree.kind === "map" ? (tree.entries.get(key)?.value ?? null) : null;
}

function pruned(map: MapTree, doomed: ReadonlySet<MapEntry>): MapTree {
  const kept = [...map.entries]
    .filter(([, entry]) => !doomed.has(entry))
    .map(([key, entry]): [string, MapEntry] => [key, { ...entry, value: prunedTree(entry.value, doomed) }]);
  return { ...map, entries: new Map(kept) };
}

function prunedTree(tree: Tree, doomed: ReadonlySet<MapEntry>): Tree {
  if (tree.kind === "map") return pruned(tree, doomed);
  if (tree.kind === "scalar") return tree;
  const list: ListTree = { ...tree, items: tree.items.map((item) => prunedTree(item, doomed)) };
  return list;
}
