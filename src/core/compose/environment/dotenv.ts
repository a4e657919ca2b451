// The grammar of `.env` and of env_file (compose.md 1.3), and the plain one of `format: raw`.
import { composeError } from "../errors.ts";
import { substitute } from "../stages/template.ts";

export interface DotenvOptions {
  /** For messages. */
  readonly file: string;
  /** Asked before the keys read so far; also what a key without a value inherits from. */
  readonly lookup: (name: string) => string | undefined;
}

/** Characters that variables of one file may expand to. */
const MAX_EXPANSION = 4 * 1024 * 1024;
const BLANKS = " \t\v\f";
const KEY = new RegExp(String.raw`[\p{L}\p{N}_.\-[\]${BLANKS}]*`, "uy");

interface Reader {
  readonly text: string;
  readonly options: DotenvOptions;
  readonly values: Map<string, string>;
  position: number;
  budget: number;
}

/** Values in the order of the file; a key given twice keeps the last value. Throws E_COMPOSE with file and line. */
export function parseDotenv(text: string, options: DotenvOptions): ReadonlyMap<string, string> {
  const clean = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const reader: Reader = { text: clean, options, values: new Map(), position: 0, budget: MAX_EXPANSION };
  const nul = clean.indexOf("\0");
  if (nul !== -1) fail(reader, "a NUL byte cannot be part of a value", nul);
  while (skipToStatement(reader)) statement(reader);
  return reader.values;
}

/** `format: raw`: `KEY=value` to the end of the line, nothing quoted, nothing interpolated. */
export function parseRawEnv(text: string, options: DotenvOptions): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    const key = equals === -1 ? line : line.slice(0, equals);
    if (key === "" || /\s/.test(key)) {
      throw composeError(
        { file: options.file, line: index + 1, column: 1, path: "" },
        "a line must be KEY=value",
      );
    }
    const value = equals === -1 ? options.lookup(key) : line.slice(equals + 1);
    if (value !== undefined) values.set(key, value);
  }
  return values;
}

function skipToStatement(reader: Reader): boolean {
  const { text } = reader;
  for (;;) {
    while (reader.position < text.length && /\s/.test(text[reader.position] ?? "")) reader.position += 1;
    if (reader.position >= text.length) return false;
    if (text[reader.position] !== "#") return true;
    const end = text.indexOf("\n", reader.position);
    reader.position = end === -1 ? text.length : end;
  }
}

function statement(reader: Reader): void {
  const { text, options, values } = reader;
  const exported = /export[ \t]+/y;
  exported.lastIndex = reader.position;
  if (exported.test(text)) reader.position = exported.lastIndex;
  const start = reader.position;
  KEY.lastIndex = start;
  const raw = KEY.exec(text)?.[0] ?? "";
  const key = raw.trimEnd();
  const stop = text[start + raw.length];
  if (stop !== undefined && stop !== "=" && stop !== ":" && stop !== "\n") {
    fail(reader, `unexpected character ${JSON.stringify(stop)} in a variable name`, start + raw.length);
  }
  if (key === "") fail(reader, "a variable name is missing", start);
  if (/\s/.test(key)) fail(reader, "a variable name cannot contain a space", start);
  reader.position = Math.min(text.length, start + raw.length + 1);
  if (stop === undefined || stop === "\n") {
    const inherited = options.lookup(key);
    if (inherited !== undefined) values.set(key, inherited);
    return;
  }
  while (/[ \t\v\f\r]/.test(text[reader.position] ?? "")) reader.position += 1;
  values.set(key, value(reader));
}

function value(reader: Reader): string {
  const quoteMark = reader.text[reader.position];
  if (quoteMark === '"' || quoteMark === "'") return quoted(reader, quoteMark);
  const end = reader.text.indexOf("\n", reader.position);
  const line = reader.text.slice(reader.position, end === -1 ? reader.text.length : end);
  const at = reader.position;
  reader.position = end === -1 ? reader.text.length : end;
  const comment = line.indexOf(" #");
  return expand(reader, (comment === -1 ? line : line.slice(0, comment)).trimEnd(), at);
}

function quoted(reader: Reader, mark: string): string {
  const { text } = reader;
  const start = reader.position;
  const parts: string[] = [];
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text[index] ?? "";
    if (character === "\\" && index + 1 < text.length) {
      const next = text[index + 1] ?? "";
      parts.push(next === mark ? mark : `\\${next}`);
      index += 1;
    } else if (character === mark) {
      reader.position = index + 1;
      const content = parts.join("");
      return mark === "'" ? content : expand(reader, unescapeDouble(content), start);
    } else {
      parts.push(character);
    }
  }
  return fail(reader, "a quoted value has no closing quote", start);
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  $: "$$",
};

function unescapeDouble(content: string): string {
  return content.replace(/\\(?:([abfnrtv$"\\])|0([0-7]{1,3}))/g, (_, letter?: string, octal?: string) =>
    letter === undefined
      ? String.fromCharCode(Number.parseInt(octal ?? "0", 8))
      : (ESCAPES[letter] ?? letter),
  );
}

function expand(reader: Reader, template: string, at: number): string {
  return substitute(template, {
    lookup: (name) => reader.options.lookup(name) ?? reader.values.get(name),
    onUnset: () => undefined,
    fail: (what) => fail(reader, what, at),
    spend: (characters) => {
      reader.budget -= characters;
      if (reader.budget < 0) fail(reader, "the variables of this file expand to more than 4 MiB", at);
    },
  });
}

function fail(reader: Reader, what: string, at: number): never {
  const before = reader.text.slice(0, at);
  const line = before.split("\n").length;
  const column = at - (before.lastIndexOf("\n") + 1) + 1;
  throw composeError({ file: reader.options.file, line, column, path: "" }, what);
}
