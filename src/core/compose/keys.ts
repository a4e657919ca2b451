// Which keys a mapping may have; refuses the rest.
import { composeError } from "./errors.ts";
import type { MapTree } from "./tree.ts";
import { nearest } from "./values/suggest.ts";

/**
 * Refuses every key that is not in `supported`; `x-` keys are free. The error names the key's place and the nearest
 * known key.
 */
export function checkKeys(map: MapTree, supported: readonly string[]): void {
  for (const [key, entry] of map.entries) {
    if (supported.includes(key) || key.startsWith("x-")) continue;
    const meant = nearest(key, supported);
    const hint = meant === null ? "remove the key, or give it the prefix x-" : `did you mean "${meant}"?`;
    throw composeError(entry.keyFrom, `the key ${JSON.stringify(key.slice(0, 60))} is unknown`, hint);
  }
}
