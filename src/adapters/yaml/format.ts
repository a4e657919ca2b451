// Writes a plain value as YAML text for people and for `docker compose`; the reading side is index.ts.
import { dump } from "js-yaml";

/** Keys in the order given, no anchors, long texts on one line; undefined members are left out. Ends with a line end. */
export function formatYaml(value: unknown): string {
  const plain: unknown = JSON.parse(JSON.stringify(value));
  return dump(plain, { noRefs: true, lineWidth: -1, quoteStyle: "double" });
}
