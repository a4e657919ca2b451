// From zod's issues to sentences: what was found, what would be right, and the nearest known key for a misspelt one.
import type * as z from "zod";
import type { Path, Problem } from "./tree.ts";

type Issue = z.core.$ZodIssue;

/** All problems of one parse, each once. `knownKeys` gives the keys of the mapping at a path. */
export function problemsOf(
  issues: readonly Issue[],
  input: unknown,
  knownKeys: (path: Path) => readonly string[],
): readonly Problem[] {
  const found = issues.flatMap((issue) => describe(issue, [], input, knownKeys));
  const seen = new Set<string>();
  return found.filter((problem) => {
    const key = JSON.stringify([problem.path, problem.text]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function describe(
  issue: Issue,
  prefix: Path,
  input: unknown,
  knownKeys: (path: Path) => readonly string[],
): readonly Problem[] {
  const path: Path = [
    ...prefix,
    ...issue.path.map((part) => (typeof part === "number" ? part : String(part))),
  ];
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(path);
    return issue.keys.map((key) => ({ path: [...path, key], atKey: true, text: unknownKey(key, known) }));
  }
  if (issue.code === "invalid_union") {
    // The branch that got further than the type of the whole value is the one that was meant.
    const meant = issue.errors.find((branch) => branch.some((inner) => inner.path.length > 0));
    if (meant !== undefined) return meant.flatMap((inner) => describe(inner, path, input, knownKeys));
  }
  return [{ path, atKey: false, text: `${shown(valueAt(input, path))}; expected ${issue.message}` }];
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = known.filter(
    (candidate) => distance(candidate, key) <= Math.max(1, Math.floor(key.length / 3)),
  );
  near.sort((a, b) => distance(a, key) - distance(b, key));
  const first = near[0];
  if (first !== undefined) return `is not a known key; did you mean ${first}?`;
  return known.length === 0
    ? "is not a known key; remove it"
    : `is not a known key; known here: ${known.join(", ")}`;
}

/** A value as an error message may show it: short, on one line. */
export function shown(value: unknown): string {
  if (value === undefined) return "is missing";
  if (value === null) return "is empty";
  if (Array.isArray(value)) return "is a list";
  if (typeof value === "object") return "is a mapping";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return `is ${text.length > 80 ? `${text.slice(0, 80)}…` : text}`;
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return value;
}

/** Levenshtein distance, both sides cut to 40 characters. */
export function distance(left: string, right: string): number {
  const a = left.slice(0, 40);
  const b = right.slice(0, 40);
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
