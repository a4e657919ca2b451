// YAML nodes to plain values, and back from a path to the place in the file. Refuses tags, which configuration has no use for.
import type { YamlNode, YamlPosition } from "../../core/model/index.ts";

export type Path = readonly (string | number)[];

/** What is wrong somewhere; `path` is empty for the document itself. */
export interface Problem {
  readonly path: Path;
  /** The place of the key itself where that is meant (an unknown key), instead of its value's. */
  readonly atKey: boolean;
  /** What is wrong; what would be right. */
  readonly text: string;
}

/** `projects.0.name`, for people. */
export function formatPath(path: Path): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");
}

export interface PlainOptions {
  readonly problems: Problem[];
  /** Where a scalar is text whatever it looks like in YAML: `3.20` is no number there. */
  readonly isText: (path: Path) => boolean;
}

/** The plain value of a node; objects have no prototype, so that a key `__proto__` is only a key. */
export function plainValue(node: YamlNode, path: Path, options: PlainOptions): unknown {
  if (node.tag?.startsWith("!") === true && !node.tag.startsWith("!!")) {
    options.problems.push({ path, atKey: false, text: `has the tag ${node.tag}; tags are not used here` });
  }
  switch (node.kind) {
    case "scalar":
      return options.isText(path) && node.value !== null ? node.text : node.value;
    case "sequence":
      return node.items.map((item, index) => plainValue(item, [...path, index], options));
    case "mapping": {
      const value: Record<string, unknown> = Object.create(null);
      for (const entry of node.entries)
        value[entry.key] = plainValue(entry.value, [...path, entry.key], options);
      return value;
    }
  }
}

/** The place of a path in the document; the nearest parent's where the path itself is not written. */
export function positionOf(root: YamlNode, path: Path, atKey: boolean): YamlPosition {
  let node = root;
  let at = root.at;
  for (const [index, part] of path.entries()) {
    if (node.kind === "mapping") {
      const entry = node.entries.find((candidate) => candidate.key === String(part));
      if (entry === undefined) return at;
      at = atKey && index === path.length - 1 ? entry.keyAt : entry.value.at;
      // An empty value has no place of its own that helps anybody.
      if (entry.value.kind === "scalar" && entry.value.value === null) at = entry.keyAt;
      node = entry.value;
    } else if (node.kind === "sequence") {
      const item = node.items[Number(part)];
      if (item === undefined) return at;
      at = item.at;
      node = item;
    } else return at;
  }
  return at;
}
