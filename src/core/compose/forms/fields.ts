// Reads a mapping by a table that has one reader for each key it may have.
import { composeError, quote } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asMap, readString } from "../read.ts";
import { childOf, type Tree } from "../tree.ts";
import type { FormContext } from "./context.ts";

/** One reader for every key of `T`. */
export type Fields<T> = {
  readonly [K in keyof T]-?: (tree: Tree, context: FormContext) => NonNullable<T[K]>;
};

/** Absent and null keys stay absent; throws E_COMPOSE for a key that the table has not. */
export function readFields<T>(tree: Tree, fields: Fields<T>, context: FormContext): Partial<T> {
  const map = asMap(tree);
  checkKeys(map, Object.keys(fields));
  const result: Partial<T> = {};
  for (const key of Object.keys(fields) as (keyof T & string)[]) {
    const child = childOf(map, key);
    if (child !== null) result[key] = fields[key](child, context);
  }
  return result;
}

/** A reader of a word that must be one of `words`. */
export function oneOf(...words: readonly string[]): (tree: Tree) => string {
  return (tree) => {
    const text = readString(tree);
    if (words.includes(text)) return text;
    throw composeError(tree.from, `${quote(text)} means nothing here`, `use one of ${words.join(", ")}`);
  };
}
