// The interpolation grammar of compose.md 1.4: `$V`, `${V}`, `:-` `-` `:+` `+` `:?` `?`, `$$`. Bounded in depth and output.

export interface TemplateContext {
  /** Undefined means unset, which differs from empty. */
  lookup(name: string): string | undefined;
  /** Called for each `$V` or `${V}` that is unset. */
  onUnset(name: string): void;
  /** Must throw. */
  fail(what: string): never;
  /** Counts produced characters; throws when there are too many. */
  spend(characters: number): void;
}

const MAX_NESTING = 32;
const NAME = /[_a-zA-Z][_a-zA-Z0-9]*/y;
const OPERATOR = /:-|:\+|:\?|-|\+|\?/y;

/** Replaces every variable of `text`; the defaults and messages of variables are templates themselves. */
export function substitute(text: string, context: TemplateContext): string {
  return expand(text, context, 0);
}

function expand(text: string, context: TemplateContext, depth: number): string {
  if (!text.includes("$")) return text;
  if (depth > MAX_NESTING) context.fail(`variables are nested deeper than ${MAX_NESTING} levels`);
  const parts: string[] = [];
  let index = 0;
  while (index < text.length) {
    const dollar = text.indexOf("$", index);
    if (dollar === -1) break;
    parts.push(text.slice(index, dollar));
    const [value, next] = variableAt(text, dollar, context, depth);
    context.spend(dollar - index + value.length);
    parts.push(value);
    index = next;
  }
  context.spend(text.length - index);
  parts.push(text.slice(index));
  return parts.join("");
}

/** The value of the variable whose `$` stands at `start`, and where the text goes on. */
function variableAt(
  text: string,
  start: number,
  context: TemplateContext,
  depth: number,
): readonly [string, number] {
  const next = text[start + 1];
  if (next === "$") return ["$", start + 2];
  if (next === "{") {
    const end = closingBrace(text, start + 1);
    if (end === -1) context.fail(`invalid interpolation format: ${shown(text, start)} has no closing brace`);
    return [braced(text.slice(start + 2, end), context, depth), end + 1];
  }
  const name = match(NAME, text, start + 1);
  if (name === null) return ["$", start + 1];
  return [plain(name, context), start + 1 + name.length];
}

function plain(name: string, context: TemplateContext): string {
  const value = context.lookup(name);
  if (value === undefined) context.onUnset(name);
  return value ?? "";
}

function braced(inner: string, context: TemplateContext, depth: number): string {
  const name = match(NAME, inner, 0);
  if (name === null) context.fail(`invalid interpolation format: \${${shown(inner, 0)}} names no variable`);
  if (name.length === inner.length) return plain(name, context);
  const operator = match(OPERATOR, inner, name.length);
  if (operator === null) {
    context.fail(
      `invalid interpolation format: \${${shown(inner, 0)}}; write \${NAME}, \${NAME:-default} or $$ for a dollar sign`,
    );
  }
  const word = expand(inner.slice(name.length + operator.length), context, depth + 1);
  return apply(name, operator, word, context);
}

function apply(name: string, operator: string, word: string, context: TemplateContext): string {
  const value = context.lookup(name);
  const present = value !== undefined && (operator.length === 1 || value !== "");
  switch (operator.at(-1)) {
    case "-":
      return present ? value : word;
    case "+":
      return present ? word : (value ?? "");
    default:
      if (!present)
        context.fail(`required variable ${name} is missing a value${word === "" ? "" : `: ${word}`}`);
      return value;
  }
}

/** The brace that closes the one at `open`; every further `{` opens one more, as docker compose counts. */
function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index += 1) {
    const character = text[index];
    if (character === "{") depth += 1;
    else if (character === "}") {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function shown(text: string, start: number): string {
  const piece = text.slice(start, start + 30);
  return start + 30 < text.length ? `${piece}…` : piece;
}
