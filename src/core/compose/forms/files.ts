// The files of variables and of labels that a service names: `env_file` and `label_file` (compose.md 1.9).
import { composeError, type Origin } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asMap, readBoolean, readString, readText } from "../read.ts";
import { childOf, type Tree } from "../tree.ts";
import { absolutePath } from "../values/path.ts";

/** A file of variables or labels of a service; `path` is absolute. */
export interface EnvFileRequest {
  readonly path: string;
  readonly required: boolean;
  readonly format: "dotenv" | "raw";
  readonly into: "environment" | "labels" | "seccomp";
  readonly from: Origin;
}

/** In file order; a path given twice is read once, with the later entry's options. */
export function readEnvFiles(tree: Tree): readonly EnvFileRequest[] {
  const items = tree.kind === "list" ? tree.items : [tree];
  const files = new Map<string, EnvFileRequest>();
  for (const item of items) {
    const file = item.kind === "map" ? longEnvFile(item) : shortEnvFile(item);
    files.set(file.path, file);
  }
  return [...files.values()];
}

function shortEnvFile(tree: Tree): EnvFileRequest {
  return {
    path: absolutePath(readString(tree), tree.from),
    required: true,
    format: "dotenv",
    into: "environment",
    from: tree.from,
  };
}

function longEnvFile(tree: Tree): EnvFileRequest {
  const map = asMap(tree);
  checkKeys(map, ["path", "required", "format"]);
  const path = childOf(map, "path");
  const required = childOf(map, "required");
  const format = childOf(map, "format");
  if (path === null) throw composeError(map.from, "an environment file needs a path");
  if (format !== null && readText(format) !== "raw")
    throw composeError(format.from, "the only format is raw");
  return {
    path: absolutePath(readString(path), path.from),
    required: required === null || readBoolean(required),
    format: format === null ? "dotenv" : "raw",
    into: "environment",
    from: map.from,
  };
}

/** A path or a list of paths; each must exist. */
export function readLabelFiles(tree: Tree): readonly EnvFileRequest[] {
  const items = tree.kind === "list" ? tree.items : [tree];
  return items.map((item) => ({ ...shortEnvFile(item), into: "labels" }));
}
