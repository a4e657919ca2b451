// Other projects that a document includes (compose.md 1.8): each is loaded in its own directory and environment,
// and what it defines becomes part of the including document. Refuses names that both define differently.
import { parseDotenv } from "../environment/dotenv.ts";
import { composeError } from "../errors.ts";
import { asList, asMap, readString } from "../read.ts";
import { type Library, type Reading, requireLocal } from "../reading.ts";
import {
  childOf,
  isNull,
  type MapEntry,
  type MapTree,
  type Place,
  type Scope,
  sameTree,
  type Tree,
} from "../tree.ts";
import { absolutePath, directoryOf } from "../values/path.ts";
import type { Planted } from "./plant.ts";

/** A project to load: its files' documents, planted in its own scope. */
export interface IncludedProject {
  readonly files: readonly { readonly path: string; readonly documents: readonly Planted[] }[];
  readonly scope: Scope;
}

/** Loads a project; `trail` names the files whose includes led there. */
export type LoadProject = (project: IncludedProject, trail: readonly string[]) => Reading<MapTree | null>;

interface Request {
  readonly paths: readonly Located[];
  readonly directory: string;
  /** Null where the directory's own `.env` counts. */
  readonly envFiles: readonly Located[] | null;
}

interface Located {
  readonly path: string;
  readonly from: Place;
}

/** What a project says about itself, which its includer does not take over. */
const OWN = new Set(["name", "version", "include"]);
/** Keys with short forms or paths: docker compose compares what is here with what it made of the included one. */
const REWRITTEN = new Set([
  ...[
    "build",
    "configs",
    "depends_on",
    "develop",
    "devices",
    "dns",
    "driver_opts",
    "env_file",
    "file",
    "gpus",
  ],
  ...["label_file", "models", "networks", "ports", "secrets", "ulimits", "volumes"],
]);
const NO_FILE = "/dev/null";

/** The document with all that it includes; `file` is the document's own. */
export function* withIncludes(
  document: MapTree,
  trail: readonly string[],
  library: Library,
  load: LoadProject,
): Reading<MapTree> {
  const include = childOf(document, "include");
  let result = document;
  for (const item of include === null ? [] : asList(include).items) {
    const request = readRequest(item);
    const [first] = request.paths;
    if (first !== undefined && trail.includes(first.path)) {
      const circle = [...trail.slice(trail.indexOf(first.path)), first.path].join(" -> ");
      throw composeError(first.from, `files include each other in a circle: ${circle}`);
    }
    const scope = yield* scopeOf(request, item.from, library);
    const files: { path: string; documents: readonly Planted[] }[] = [];
    for (const { path, from } of request.paths) {
      files.push({ path, documents: yield* library.documents(path, scope, from) });
    }
    const included = yield* load({ files, scope }, trail);
    if (included !== null) result = imported(result, included, item.from);
  }
  const entries = new Map(result.entries);
  entries.delete("include");
  return { ...result, entries };
}

function readRequest(tree: Tree): Request {
  if (tree.kind !== "map") {
    const only = locate(tree);
    return { paths: [only], directory: directoryOf(only.path), envFiles: null };
  }
  const paths = locateAll(childOf(tree, "path"));
  const [first] = paths;
  if (first === undefined) throw composeError(tree.from, "needs a path");
  const directory = childOf(tree, "project_directory");
  const envFiles = locateAll(childOf(tree, "env_file"));
  return {
    paths,
    directory: directory === null ? directoryOf(first.path) : locate(directory).path,
    envFiles: envFiles.length === 0 ? null : envFiles,
  };
}

function locateAll(tree: Tree | null): readonly Located[] {
  if (tree === null) return [];
  return tree.kind === "list" ? tree.items.map(locate) : [locate(tree)];
}

function locate(tree: Tree): Located {
  const { from } = tree;
  return { path: absolutePath(requireLocal(readString(tree), from), from), from };
}

/** Variables of the including project win over those of the included one's files. */
function* scopeOf({ directory, envFiles }: Request, from: Place, library: Library): Reading<Scope> {
  const own = new Map<string, string>();
  const lookup = (name: string): string | undefined => from.scope.lookup(name) ?? own.get(name);
  for (const file of envFiles ?? [{ path: `${directory}/.env`, from }]) {
    if (file.path === NO_FILE) continue;
    const text = yield* library.text(file.path, file.from);
    if (text === null && envFiles !== null)
      throw composeError(file.from, `the environment file ${file.path} does not exist`, "create it");
    for (const [key, value] of parseDotenv(text ?? "", { file: file.path, lookup })) own.set(key, value);
  }
  return { directory, lookup };
}

/** Keys that nobody knows are taken over too, so that the check of the whole document names them. */
function imported(into: MapTree, included: MapTree, from: Place): MapTree {
  const entries = new Map(into.entries);
  for (const [section, entry] of included.entries) {
    if (OWN.has(section) || isNull(entry.value)) continue;
    const mine = entries.get(section);
    const both =
      mine === undefined || isNull(mine.value)
        ? entry
        : { ...mine, value: combined(section, mine.value, asMap(entry.value), from) };
    entries.set(section, both);
  }
  return { ...into, entries };
}

function combined(section: string, mine: Tree, theirs: MapTree, from: Place): MapTree {
  const entries = new Map<string, MapEntry>(asMap(mine).entries);
  for (const [name, entry] of theirs.entries) {
    const own = entries.get(name);
    if (own !== undefined && !sameDefinition(own, entry, from)) {
      const { file, line } = entry.keyFrom;
      throw composeError(
        own.keyFrom.file === entry.keyFrom.file ? from : own.keyFrom,
        `${section}.${name} is defined by the included ${file}:${line} too`,
        "rename one of them, or change the included one with a second path of the include",
      );
    }
    if (own === undefined) entries.set(name, entry);
  }
  return { ...asMap(mine), entries };
}

/** Two included files may share what a third one defines; a definition of the document's own must say it in full. */
function sameDefinition(mine: MapEntry, theirs: MapEntry, from: Place): boolean {
  if (!sameTree(mine.value, theirs.value)) return false;
  const [here, there] = [mine.keyFrom.scope, theirs.keyFrom.scope];
  if (here !== from.scope && here.directory === there.directory) return true;
  return mine.value.kind !== "map" || ![...mine.value.entries.keys()].some((key) => REWRITTEN.has(key));
}
