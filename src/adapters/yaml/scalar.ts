// Decides what a plain YAML scalar means, by the rules of the parser that docker compose uses; refuses tags it cannot honour.
import type { YamlScalarValue } from "../../core/model/index.ts";

const WORDS: ReadonlyMap<string, YamlScalarValue> = new Map<string, YamlScalarValue>([
  ["", null],
  ["~", null],
  ["null", null],
  ["Null", null],
  ["NULL", null],
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
  [".nan", Number.NaN],
  [".NaN", Number.NaN],
  [".NAN", Number.NaN],
  [".inf", Number.POSITIVE_INFINITY],
  [".Inf", Number.POSITIVE_INFINITY],
  [".INF", Number.POSITIVE_INFINITY],
  ["+.inf", Number.POSITIVE_INFINITY],
  ["+.Inf", Number.POSITIVE_INFINITY],
  ["+.INF", Number.POSITIVE_INFINITY],
  ["-.inf", Number.NEGATIVE_INFINITY],
  ["-.Inf", Number.NEGATIVE_INFINITY],
  ["-.INF", Number.NEGATIVE_INFINITY],
]);

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const RADIX: readonly (readonly [RegExp, string])[] = [
  [/^0[xX][0-9a-fA-F]+$/, "0x"],
  [/^0[oO][0-7]+$/, "0o"],
  [/^0[bB][01]+$/, "0b"],
];
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;
/** No number of a compose file needs more; longer digit strings are text. */
const MAX_NUMBER_LENGTH = 400;

/** Types an unquoted scalar (compose.md 1.5): only true and false are booleans, `0700` is octal, dates stay text. */
export function resolvePlain(text: string): YamlScalarValue {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text) || text.length > MAX_NUMBER_LENGTH) return text;
  const digits = text.startsWith(".") ? text : text.replaceAll("_", "");
  return integer(digits) ?? (FLOAT.test(digits) ? float(digits, text) : text);
}

/** A number too great for a float stays text. */
function float(digits: string, text: string): number | string {
  const value = Number(digits);
  return Number.isFinite(value) ? value : text;
}

function integer(text: string): number | bigint | null {
  const negative = text.startsWith("-");
  const body = /^[-+]/.test(text) ? text.slice(1) : text;
  const magnitude = naturalNumber(body);
  if (magnitude === null) return null;
  const value = negative ? -magnitude : magnitude;
  if (value < INT64_MIN || value > UINT64_MAX) return null;
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

function naturalNumber(body: string): bigint | null {
  if (/^0[0-7]+$/.test(body)) return BigInt(`0o${body.slice(1)}`);
  if (/^(0|[1-9][0-9]*)$/.test(body)) return BigInt(body);
  for (const [pattern, prefix] of RADIX) {
    if (pattern.test(body)) return BigInt(prefix + body.slice(2));
  }
  return null;
}

const TIMESTAMP =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?)?$/;

/** Whether docker compose's parser makes a date of an unquoted text; a day or hour that does not exist makes none. */
export function isTimestamp(text: string): boolean {
  if (text.length > MAX_NUMBER_LENGTH) return false;
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, ...time] = match.slice(1).map((part) => Number(part ?? 0));
  const days = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  const inDay = time.every((part, index) => part < (index % 3 === 0 ? 24 : 60));
  return month >= 1 && month <= 12 && day >= 1 && day <= days && inDay;
}

/** What an explicit core tag makes of a text; `undefined` when the text does not fit the tag. */
export function resolveTagged(tag: string, text: string): YamlScalarValue | undefined {
  if (tag === "str") return text;
  const value = resolvePlain(text);
  const fits: Readonly<Record<string, boolean>> = {
    null: value === null,
    bool: typeof value === "boolean",
    int: typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value)),
    float: typeof value === "number" || typeof value === "bigint",
  };
  return fits[tag] === true ? value : undefined;
}
