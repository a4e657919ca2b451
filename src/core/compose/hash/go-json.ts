// The bytes Go's encoding/json writes, for the few shapes a compose model has; refuses nothing, decides what is omitted.
// Objects are lists of pairs, never plain objects: JavaScript would move keys that look like integers to the front.

/** One value as JSON text; undefined where Go's `omitempty` leaves the key out. */
export type Encoded = string | undefined;

/** `<`, `>` and `&` because Go expects to end up in HTML; U+2028 and U+2029 because JavaScript once broke on them. */
const ESCAPED_BY_GO = /[<>&\u2028\u2029]/g;

/** A JSON string as Go writes it. */
export function goString(value: string): string {
  return JSON.stringify(value).replace(
    ESCAPED_BY_GO,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Orders strings by their UTF-8 bytes, which is the order of code points and not of UTF-16 units. */
export function compareUtf8(a: string, b: string): number {
  const left = a[Symbol.iterator]();
  const right = b[Symbol.iterator]();
  for (;;) {
    const x = left.next();
    const y = right.next();
    if (x.done || y.done) return Number(y.done ?? false) - Number(x.done ?? false);
    const difference = (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
}

/** A Go struct: the keys in the order given, those without a value left out. */
export function struct(fields: readonly (readonly [key: string, value: Encoded])[]): string {
  const parts = fields.flatMap(([key, value]) => (value === undefined ? [] : [`${goString(key)}:${value}`]));
  return `{${parts.join(",")}}`;
}

/** A Go map with string keys: sorted, and left out when empty. */
export function sortedMap<T>(
  value: Readonly<Record<string, T>> | undefined,
  encode: (item: T) => string,
): Encoded {
  const entries = Object.entries(value ?? {}).sort(([a], [b]) => compareUtf8(a, b));
  return entries.length === 0 ? undefined : struct(entries.map(([key, item]) => [key, encode(item)]));
}

export function stringMap(value: Readonly<Record<string, string>> | undefined): Encoded {
  return sortedMap(value, goString);
}

/** A slice; left out when empty. */
export function list<T>(value: readonly T[] | undefined, encode: (item: T) => string): Encoded {
  return value === undefined || value.length === 0 ? undefined : `[${value.map(encode).join(",")}]`;
}

export function stringList(value: readonly string[] | undefined): Encoded {
  return list(value, goString);
}

/** A slice that tells nil from empty: `null` leaves the image's own, `[]` empties it; always printed. */
export function words(value: readonly string[] | null | undefined): string {
  return value === null || value === undefined ? "null" : `[${value.map(goString).join(",")}]`;
}

/** A Go map of pointers to strings: what has no value is `null`. */
export function nullableMap(value: Readonly<Record<string, string | null>> | undefined): Encoded {
  return sortedMap(value, (item) => (item === null ? "null" : goString(item)));
}

export function text(value: string | undefined): Encoded {
  return value === undefined || value === "" ? undefined : goString(value);
}

/** An integer; left out when zero. */
export function integer(value: number | undefined): Encoded {
  return value === undefined || value === 0 ? undefined : String(value);
}

/** A `*int` or `*uint`: zero is a value, only nil is left out. */
export function integerPointer(value: number | undefined): Encoded {
  return value === undefined ? undefined : String(value);
}

/** Byte sizes are quoted. */
export function bytes(value: number | undefined): Encoded {
  return value === undefined || value === 0 ? undefined : `"${value}"`;
}

export function flag(value: boolean | undefined): Encoded {
  return value === true ? "true" : undefined;
}

/** A `*bool`: false is a value, only nil is left out. */
export function flagPointer(value: boolean | undefined): Encoded {
  return value === undefined ? undefined : String(value);
}

/** A pointer to a struct: left out when nil, `{}` when it points at nothing but zeros. */
export function pointer<T>(value: T | undefined, encode: (item: T) => string): Encoded {
  return value === undefined ? undefined : encode(value);
}
