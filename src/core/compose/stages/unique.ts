// Takes repetitions out of the lists in which docker compose allows none (compose.md 1.7): the last one counts and
// stands where the first one stood. Two forms of one port, mount, device, secret or config meet where they are read.
import { changeAt, type Tree } from "../tree.ts";

const BY_KEY = [
  ...["annotations", "environment", "labels", "sysctls", "cap_add", "cap_drop", "profiles", "tmpfs"],
  ...["dns", "dns_opt", "dns_search", "expose", "links"],
];
const AS_WRITTEN = ["ports", "volumes", "devices", "secrets", "configs"];

const RULES: readonly (readonly [path: readonly string[], identity: (item: Tree) => string])[] = [
  ...BY_KEY.map((key) => [["services", "*", key], beforeEquals] as const),
  ...["args", "additional_contexts", "labels", "tags"].map(
    (key) => [["services", "*", "build", key], beforeEquals] as const,
  ),
  [["services", "*", "deploy", "labels"], beforeEquals],
  [["services", "*", "networks", "*", "aliases"], beforeEquals],
  [["services", "*", "networks", "*", "link_local_ips"], beforeEquals],
  [["networks", "*", "labels"], beforeEquals],
  ...AS_WRITTEN.map((key) => [["services", "*", key], wholeText] as const),
];

/** The document with each such list without repetitions. */
export function withoutRepetitions(document: Tree): Tree {
  return RULES.reduce((rest, [path, identity]) => {
    return changeAt(rest, path, (list) => unique(list, identity));
  }, document);
}

function unique(tree: Tree, identity: (item: Tree) => string): Tree {
  if (tree.kind !== "list") return tree;
  const items = new Map<string, Tree>();
  for (const item of tree.items) items.set(identity(item), item);
  return items.size === tree.items.length ? tree : { ...tree, items: [...items.values()] };
}

/** The key of `KEY=value`, else the whole. */
function beforeEquals(item: Tree): string {
  return item.kind === "scalar" ? (item.text.split("=", 1)[0] ?? "") : wholeText(item);
}

function wholeText(item: Tree): string {
  switch (item.kind) {
    case "scalar":
      return item.text;
    case "list":
      return JSON.stringify(item.items.map(wholeText));
    case "map":
      return JSON.stringify([...item.entries].map(([key, { value }]) => [key, wholeText(value)]).sort());
  }
}
