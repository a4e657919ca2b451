// The compose specification's JSON schema, held against a document; the only place that knows ajv. Decides which of the
// many errors of a schema is worth telling: the most specific one, as docker compose has it.
import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { CheckSchema, SchemaProblem } from "../../core/model/index.ts";
import { hasDuplicates } from "./duplicates.ts";
import { problemOf } from "./problem.ts";

/** Unknown keys that are told about in one document. */
const MAX_PROBLEMS = 1000;
const UNKNOWN_KEY = "additionalProperties";
const VAGUE: ReadonlySet<string> = new Set(["type", "oneOf", "anyOf"]);

/**
 * `file` is the schema. It is read and compiled at the first call, once; a process that loads nothing pays nothing for
 * it.
 */
export function createSchemaCheck(file: URL): CheckSchema {
  let validate: ValidateFunction | null = null;
  return (document) => {
    validate ??= compile(file);
    return validate(document) ? [] : ranked(validate.errors ?? []);
  };
}

/** Without inlining and optimising: a quarter of the time and half the memory, for a check that takes microseconds. */
function compile(file: URL): ValidateFunction {
  const { $schema: _, ...schema } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    meta: false,
    validateSchema: false,
    logger: false,
    inlineRefs: false,
    code: { optimize: false },
  });
  // ajv compares each item with each; a hostile list of a hundred thousand items would take minutes.
  ajv.removeKeyword("uniqueItems");
  ajv.addKeyword({
    keyword: "uniqueItems",
    type: "array",
    validate: (wanted: boolean, items: readonly unknown[]) => !wanted || !hasDuplicates(items),
  });
  return ajv.compile(schema);
}

/**
 * The deepest first; an unknown key counts as deep as the key itself. Of several equally deep ones the first that is no
 * question of type: an alternative of another type was not meant.
 */
function ranked(errors: readonly ErrorObject[]): readonly SchemaProblem[] {
  const depths = errors.map(depth);
  const deepest = depths.reduce((most, each) => Math.max(most, each), 0);
  const candidates = errors.filter((_, index) => depths[index] === deepest);
  const first = candidates.find((error) => !VAGUE.has(error.keyword)) ?? candidates[0];
  const unknown = errors.filter((error) => error.keyword === UNKNOWN_KEY && error !== first);
  const told = [...(first === undefined ? [] : [first]), ...unknown].slice(0, MAX_PROBLEMS);
  return told.map((error) => problemOf(error, candidates));
}

function depth(error: ErrorObject): number {
  return error.instancePath.split("/").length + (error.keyword === UNKNOWN_KEY ? 1 : 0);
}
