// BOARDHAND_<KEY_PATH> variables over the values of the file. A variable that names no key is refused. What has several
// values is written with commas; names with values as `name=value`, and a name again for each more of its values.
import { type Leaf, leaves } from "./leaves.ts";
import { distance } from "./problems.ts";

const PREFIX = "BOARDHAND_";

/** Variables that are no configuration keys. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set(["BOARDHAND_CONFIG"]);

export interface Override {
  readonly variable: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The variable that overrides a key: `http.token_file` is BOARDHAND_HTTP__TOKEN_FILE. */
export function variableFor(path: readonly string[]): string {
  return PREFIX + path.join("__").toUpperCase();
}

/** The overrides in an environment, and the sentences about variables that are none. */
export function readOverrides(environment: Readonly<Record<string, string | undefined>>): {
  readonly overrides: readonly Override[];
  readonly complaints: readonly string[];
} {
  const known = new Map(leaves().map((leaf) => [variableFor(leaf.path), leaf]));
  const overrides: Override[] = [];
  const complaints: string[] = [];
  for (const variable of Object.keys(environment).sort()) {
    const text = environment[variable];
    if (text === undefined || !variable.startsWith(PREFIX) || OTHER_VARIABLES.has(variable)) continue;
    const leaf = known.get(variable);
    if (leaf === undefined) complaints.push(unknownVariable(variable, [...known.keys()]));
    else if (leaf.form.startsWith("map") && !partsOf(text).every((part) => part.includes("="))) {
      complaints.push(
        `${variable}: ${leaf.path.join(".")} is written NAME=VALUE, with commas between several`,
      );
    } else overrides.push({ variable, path: leaf.path, value: parsed(text, leaf) });
  }
  return { overrides, complaints };
}

function parsed(text: string, leaf: Leaf): unknown {
  switch (leaf.form) {
    case "scalar":
      return typed(text, leaf);
    case "list":
      return partsOf(text);
    case "map":
      return Object.fromEntries(partsOf(text).map(pair));
    case "mapOfLists":
      return grouped(partsOf(text).map(pair));
  }
}

function partsOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function pair(part: string): readonly [string, string] {
  const at = part.indexOf("=");
  return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
}

function grouped(pairs: readonly (readonly [string, string])[]): unknown {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return Object.fromEntries(values);
}

/** The text as the key's own type; text that does not fit stays text, and the schema says what is wrong with it. */
function typed(text: string, leaf: Leaf): unknown {
  if (leaf.types.has("null") && (text === "" || text === "null")) return null;
  if (leaf.types.has("boolean") && (text === "true" || text === "false")) return text === "true";
  if (leaf.types.has("integer") && /^-?\d{1,15}$/.test(text)) return Number(text);
  return text;
}

function unknownVariable(variable: string, known: readonly string[]): string {
  const near = [...known].sort((a, b) => distance(a, variable) - distance(b, variable))[0];
  const advice =
    near !== undefined && distance(near, variable) <= 4
      ? `did you mean ${near}?`
      : "unset it, or see docs/reference/config.md for the names (`__` stands between levels)";
  return `${variable}: is no configuration key; ${advice}`;
}

/** The values with the overrides in place; the file's own objects are not changed. */
export function applyOverrides(values: unknown, overrides: readonly Override[]): unknown {
  return overrides.reduce((whole, override) => withValue(whole, override.path, override.value), values);
}

function withValue(whole: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  // A wrong type in the file is reported as such, not covered up.
  if (whole !== undefined && whole !== null && (typeof whole !== "object" || Array.isArray(whole)))
    return whole;
  const mapping = (whole ?? {}) as Readonly<Record<string, unknown>>;
  return { ...mapping, [key]: withValue(mapping[key], rest, value) };
}
