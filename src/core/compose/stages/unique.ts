// Takes repetitions out of the lists in which docker compose allows none (compose.md 1.7): the last one counts and
// stands where the first one stood. Ports, mounts, devices, secrets and configs are compared where they are read.
import { changeAt, type Tree } from "../tree.ts";

const PATHS: readonly (readonly string[])[] = [
  ...["cap_add", "cap_drop", "dns", "dns_opt", "dns_search", "expose", "links", "profiles", "tmpfs"].map(
    (key) => ["services", "*", key],
  ),
  ["services", "*", "networks", "*", "aliases"],
  ["services", "*", "networks", "*", "link_local_ips"],
];

/** The document with each such list of its services without repetitions, compared up to an equals sign. */
export function withoutRepetitions(document: Tree): Tree {
  return PATHS.reduce((rest, path) => changeAt(rest, path, unique), document);
}

function unique(tree: Tree): Tree {
  if (tree.kind !== "list") return tree;
  const items = new Map<unknown, Tree>();
  for (const item of tree.items)
    items.set(item.kind === "scalar" ? (item.text.split("=")[0] ?? "") : item, item);
  return { ...tree, items: [...items.values()] };
}
