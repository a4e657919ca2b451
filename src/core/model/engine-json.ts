// Taking values out of the engine's JSON, whose shape differs by version and product: what is not there, or of another
// type, is the neutral value, so that one odd field cannot hide a whole board.

export type Json = Readonly<Record<string, unknown>>;

export function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

export function texts(value: unknown): readonly string[] {
  return list(value).filter((one) => typeof one === "string");
}

/** A map of strings; other values are left out. */
export function textMap(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(object(value)).flatMap(([key, one]) => (typeof one === "string" ? [[key, one]] : [])),
  );
}
