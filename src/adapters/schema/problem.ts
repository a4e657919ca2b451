// One error of ajv → words of a compose file, with what would be right. Never quotes a value: it may be a secret.
import type { ErrorObject } from "ajv";
import type { SchemaProblem } from "../../core/model/index.ts";

type Said = Pick<SchemaProblem, "what" | "hint">;

/** `all`: the errors of the same document; the alternatives at one place are told as one. */
export function problemOf(error: ErrorObject, all: readonly ErrorObject[]): SchemaProblem {
  const path = pathOf(error.instancePath);
  if (error.keyword === "additionalProperties") {
    const key = String(error.params.additionalProperty);
    const what = `the key ${JSON.stringify(key.slice(0, 60))} is unknown`;
    return { path, unknownKey: key, what, hint: "remove the key, or give it the prefix x-" };
  }
  return { path, unknownKey: null, ...said(error, all) };
}

function said(error: ErrorObject, all: readonly ErrorObject[]): Said {
  const { keyword, params } = error;
  switch (keyword) {
    case "type":
      return typeSaid(error, all);
    case "enum":
      return { what: "means nothing here", hint: `use one of ${list(params.allowedValues)}` };
    case "const":
      return { what: "means nothing here", hint: `use ${String(params.allowedValue)}` };
    case "required":
      return { what: `lacks the key "${String(params.missingProperty)}"`, hint: null };
    case "minimum":
      return { what: `must be ${String(params.limit)} or more`, hint: null };
    case "maximum":
      return { what: `must be ${String(params.limit)} or less`, hint: null };
    case "pattern":
      return {
        what: "has a form that compose does not know",
        hint: `it must match ${String(params.pattern)}`,
      };
    case "uniqueItems":
      return { what: "names something twice", hint: "remove one of the two" };
    case "minItems":
    case "minProperties":
      return { what: "must not be empty", hint: null };
    default:
      return { what: error.message ?? "does not fit the compose specification", hint: null };
  }
}

/** All types that the alternatives at this place would take. */
function typeSaid(error: ErrorObject, all: readonly ErrorObject[]): Said {
  const here = all.filter((other) => other.keyword === "type" && other.instancePath === error.instancePath);
  const wanted = [...new Set(here.flatMap((other) => [other.params.type].flat().map(String)))];
  const isText = wanted.includes("string") && !wanted.includes("number") && !wanted.includes("integer");
  return {
    what: `must be ${wanted.map(wordOf).sort().join(" or ")}`,
    hint: isText ? "a number, a date or true and false must be in quotes to be a text" : null,
  };
}

const WORDS: Readonly<Record<string, string>> = {
  string: "a string",
  object: "a mapping",
  array: "a list",
  boolean: "true or false",
  integer: "a whole number",
  number: "a number",
  null: "empty",
};

function wordOf(type: string): string {
  return WORDS[type] ?? type;
}

function list(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(", ") : String(values);
}

/** A JSON pointer as keys; indexes stay texts here and are told apart by the tree they are followed in. */
function pathOf(pointer: string): readonly string[] {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
