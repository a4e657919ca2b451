// Typed reading of tree values, with the casts compose makes after interpolation; refuses what does not fit, with its place.
import { composeError } from "./errors.ts";
import type { ListTree, MapTree, Place, ScalarTree, Tree } from "./tree.ts";
import { isNull } from "./tree.ts";
import { parseBytes } from "./values/bytes.ts";
import { parseDuration } from "./values/duration.ts";
import { isFloat, parseFloatText, scalarToText } from "./values/number-text.ts";

const TRUE = /^(true|y|yes|on)$/i;
const FALSE = /^(false|n|no|off)$/i;

export function asMap(tree: Tree): MapTree {
  if (tree.kind !== "map") throw composeError(tree.from, "must be a mapping");
  return tree;
}

export function asList(tree: Tree): ListTree {
  if (tree.kind !== "list") throw composeError(tree.from, "must be a list");
  return tree;
}

function asScalar(tree: Tree, wanted: string): ScalarTree {
  if (tree.kind !== "scalar") throw composeError(tree.from, `must be ${wanted}`);
  return tree;
}

/** A string and nothing else: a number or boolean here would be changed silently. */
export function readString(tree: Tree): string {
  const scalar = asScalar(tree, "a string");
  if (typeof scalar.value === "string") return scalar.value;
  throw composeError(tree.from, "must be a string", "put the value in quotes");
}

/** Any scalar, printed as compose prints it. */
export function readText(tree: Tree): string {
  const scalar = asScalar(tree, "a string, a number or a boolean");
  return scalarToText(scalar.value, scalar.text);
}

/** A string or a whole number. */
export function readStringOrNumber(tree: Tree): string {
  const { value, text } = asScalar(tree, "a string or a number");
  const unfit =
    value === null || typeof value === "boolean" || (typeof value === "number" && isFloat(value, text));
  if (unfit) throw composeError(tree.from, "must be a string or a whole number");
  return scalarToText(value, text);
}

/** A whole number, also `5.0` or text; casts of text are decimal as in Go's strconv. */
export function readInteger(tree: Tree): number {
  const number = numberOf(tree);
  if (number !== null && Number.isInteger(number)) return checkedSize(number, tree);
  throw composeError(tree.from, "must be a whole number");
}

/** A whole number that is not negative. */
export function readNatural(tree: Tree): number {
  const number = readInteger(tree);
  if (number < 0) throw composeError(tree.from, "must not be negative");
  return number;
}

/** Where compose takes any number and drops what is behind the point. */
export function readTruncated(tree: Tree): number {
  const number = numberOf(tree);
  if (number === null) throw composeError(tree.from, "must be a whole number");
  return checkedSize(Math.trunc(number), tree);
}

function numberOf(tree: Tree): number | null {
  const { value } = asScalar(tree, "a whole number");
  if (typeof value === "string") return /^[-+]?\d{1,15}$/.test(value) ? Number(value) : null;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function checkedSize(number: number, tree: Tree): number {
  if (!Number.isSafeInteger(number)) throw composeError(tree.from, "is too large a number");
  return number === 0 ? 0 : number;
}

export function readNumber(tree: Tree): number {
  const { value } = asScalar(tree, "a number");
  const usable = typeof value === "string" ? parseFloatText(value) : value;
  if (typeof usable === "number" && Number.isFinite(usable)) return usable;
  throw composeError(tree.from, "must be a number");
}

export function readBoolean(tree: Tree): boolean {
  const { value } = asScalar(tree, "true or false");
  if (typeof value === "boolean") return value;
  if (typeof value === "string" && TRUE.test(value)) return true;
  if (typeof value === "string" && FALSE.test(value)) return false;
  throw composeError(tree.from, "must be true or false");
}

/** Nanoseconds. */
export function readDuration(tree: Tree): number {
  const { value } = asScalar(tree, "a duration");
  const parsed = typeof value === "string" ? parseDuration(value) : null;
  if (parsed === null)
    throw composeError(tree.from, "must be a duration", 'write it with a unit, such as "90s" or "1m30s"');
  return parsed;
}

/** Bytes. A negative size can only be a number, and a number with a point counts as 0: both as compose has it. */
export function readBytes(tree: Tree): number {
  const { value, text } = asScalar(tree, "a size");
  if (typeof value === "number") return isFloat(value, text) ? 0 : checkedSize(value, tree);
  const parsed = typeof value === "string" ? parseBytes(value) : null;
  if (parsed === null)
    throw composeError(tree.from, "must be a size", 'write it as bytes or with a unit, such as "64m"');
  return parsed;
}

export function readStrings(tree: Tree): readonly string[] {
  return asList(tree).items.map(readString);
}

/** A list of strings without repetitions, or one string. */
export function readUnique(tree: Tree): readonly string[] {
  const items = tree.kind === "scalar" ? [readString(tree)] : asList(tree).items.map(readStringOrNumber);
  return [...new Set(items)];
}

/** A value and where it stood. */
export interface Pair {
  readonly value: string | null;
  readonly from: Place;
}

/** `KEY=value` lists and mappings as one map; a bare `KEY` or a null value is null. A list may have an empty name. */
export function readPairs(tree: Tree): ReadonlyMap<string, Pair> {
  const pairs = new Map<string, Pair>();
  if (tree.kind === "map") {
    for (const [key, entry] of tree.entries) {
      pairs.set(key, { value: isNull(entry.value) ? null : readText(entry.value), from: entry.keyFrom });
    }
    return pairs;
  }
  for (const item of asList(tree).items) {
    const text = readText(item);
    const equals = text.indexOf("=");
    const key = equals === -1 ? text : text.slice(0, equals);
    pairs.set(key, { value: equals === -1 ? null : text.slice(equals + 1), from: item.from });
  }
  return pairs;
}

/** Like `readPairs`, for variables: in a list, no name may end with a space. */
export function readVariables(tree: Tree): ReadonlyMap<string, Pair> {
  const pairs = readPairs(tree);
  const wrong = tree.kind === "list" ? [...pairs].find(([key]) => key.trimEnd() !== key) : undefined;
  if (wrong === undefined) return pairs;
  throw composeError(wrong[1].from, "must be KEY=value, without a space before the equals sign");
}

/** Like `readPairs`, sorted by key, with empty texts for nulls. */
export function readTexts(tree: Tree): Readonly<Record<string, string>> {
  return sortedRecord([...readPairs(tree)].map(([key, pair]) => [key, pair.value ?? ""] as const));
}

/** A record in code-unit order whose keys may be anything, `__proto__` included. */
export function sortedRecord<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
