// The one table of what a compose file may say and what becomes of it. Keys are checked against it, services are
// held by it, and docs/reference/compose.md is made from it.
import { FILES } from "./files.ts";
import { PARTS } from "./parts.ts";
import { PROJECT } from "./project.ts";
import type { Attribute } from "./rows.ts";
import { SERVICE } from "./service.ts";

export type { Attribute, Support } from "./rows.ts";
export { refusalsOf, tooNewFor } from "./uses.ts";

export const ATTRIBUTES: readonly Attribute[] = [...PROJECT, ...SERVICE, ...PARTS, ...FILES];

/** The keys of one mapping, `services.*` or `services.*.ports[]`; `` is the top level. */
export function keysOf(mapping: string): readonly string[] {
  const prefix = mapping === "" ? "" : `${mapping}.`;
  const keys = ATTRIBUTES.filter(({ path }) => path.startsWith(prefix)).map(({ path }) =>
    path.slice(prefix.length),
  );
  return [...new Set(keys.filter((key) => !/[.[]/.test(key)))];
}
