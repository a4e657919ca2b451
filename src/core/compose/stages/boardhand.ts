// Boardhand's own words in a compose file: `x-boardhand` on the top level or a service, for now only `update`.
import { composeError, quote } from "../errors.ts";
import { asMap, readString } from "../read.ts";
import { childOf, type Tree } from "../tree.ts";

export type UpdateMode = "auto" | "notify" | "off";

/** Null when nothing is said. Any key but `update` is an error, so that a typo never updates what it should hold. */
export function readUpdateMode(tree: Tree): UpdateMode | null {
  const map = asMap(tree);
  for (const [key, entry] of map.entries) {
    if (key !== "update")
      throw composeError(entry.keyFrom, `the key ${quote(key)} is unknown`, "the only key is update");
  }
  const update = childOf(map, "update");
  if (update === null) return null;
  // YAML 1.1 editors write `off` unquoted: the parser keeps it a string, a quoted or plain `false` means the same.
  if (update.kind === "scalar" && update.value === false) return "off";
  const word = readString(update);
  if (word === "auto" || word === "notify" || word === "off") return word;
  throw composeError(update.from, `${quote(word)} is not a way to update`, "use auto, notify or off");
}
