// How a row of the attribute table is written down. Every row says what becomes of one attribute, and since when an
// engine understands it.

/**
 * `sent`: a field of the engine's API. `used`: Boardhand acts on it. `ignored`: accepted without any effect, as docker
 * compose does. `refused`: the services that use it are held, the others go on.
 */
export type Support = "sent" | "used" | "ignored" | "refused";

export interface Attribute {
  /** `services.*.volumes[].bind.recursive`: `*` is any name, `[]` any item of a list. */
  readonly path: string;
  readonly support: Support;
  /** The API field, what it does, or why it is refused; a part of a sentence. */
  readonly what: string;
  /** Minor number of the API version (1.x) that an engine needs; null where every engine has it. */
  readonly since: number | null;
  /** The row is about these values only; empty for all. */
  readonly when: readonly string[];
  /** What to do instead, of what is refused. */
  readonly hint: string | null;
}

interface Limits {
  readonly since?: number;
  readonly when?: readonly string[];
}

export function sent(path: string, what: string, limits: Limits = {}): Attribute {
  return row(path, "sent", what, limits, null);
}

export function used(path: string, what: string): Attribute {
  return row(path, "used", what, {}, null);
}

export function ignored(path: string, what: string): Attribute {
  return row(path, "ignored", what, {}, null);
}

export function refused(path: string, what: string, hint: string, limits: Limits = {}): Attribute {
  return row(path, "refused", what, limits, hint);
}

/** Rows whose paths begin below `prefix`, which is `services.*` or the like. */
export function under(prefix: string, rows: readonly Attribute[]): readonly Attribute[] {
  return rows.map((attribute) => ({ ...attribute, path: `${prefix}.${attribute.path}` }));
}

function row(path: string, support: Support, what: string, limits: Limits, hint: string | null): Attribute {
  return { path, support, what, since: limits.since ?? null, when: limits.when ?? [], hint };
}
