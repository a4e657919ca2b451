// The top-level secrets and configs: files of the board, or texts from a variable or the compose file itself.
// Refuses what has no source or several; a text is kept as a Secret, whatever section it stands in.
import { Secret } from "../../model/index.ts";
import { keysOf } from "../attributes/index.ts";
import { composeError } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asMap, readBoolean, readString, readTexts } from "../read.ts";
import { childOf, type MapTree, type Tree } from "../tree.ts";
import { absolutePath } from "../values/path.ts";
import { checkResourceName } from "./name.ts";

/** One secret or config, without what its users say about it. */
export interface FileObject {
  readonly key: string;
  readonly name: string;
  readonly external: boolean;
  /** Absolute path on the board. */
  readonly file: string | null;
  /** Name of the variable that holds the text. */
  readonly environment: string | null;
  /** The text of `content`, or the variable's value; null for files, and for a variable that is not set. */
  readonly content: Secret | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly driver: string | null;
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly templateDriver: string | null;
}

export type FileObjects = ReadonlyMap<string, FileObject>;

const SECRET_KEYS = keysOf("secrets.*");
const CONFIG_KEYS = keysOf("configs.*");

/** By key. Throws E_COMPOSE unless each has exactly one of `file` and `environment`, or is external. */
export function readSecrets(tree: Tree | null, project: string): FileObjects {
  return readSection(tree, project, ["file", "environment"], SECRET_KEYS);
}

/** By key. Like secrets, with `content` as a third source. */
export function readConfigs(tree: Tree | null, project: string): FileObjects {
  return readSection(tree, project, ["file", "environment", "content"], CONFIG_KEYS);
}

function readSection(
  tree: Tree | null,
  project: string,
  sources: readonly string[],
  keys: readonly string[],
): FileObjects {
  const objects = new Map<string, FileObject>();
  if (tree === null) return objects;
  for (const [key, entry] of asMap(tree).entries) {
    checkResourceName(key, entry.keyFrom);
    const map = asMap(entry.value);
    checkKeys(map, keys);
    objects.set(key, readObject(key, map, project, sources));
  }
  return objects;
}

function readObject(key: string, map: MapTree, project: string, sources: readonly string[]): FileObject {
  const external = isExternal(map);
  if (!external) checkSources(map, sources);
  const file = childOf(map, "file");
  const environment = textOf(map, "environment");
  return {
    key,
    name: nameOf(map) ?? (external ? key : `${project}_${key}`),
    external,
    file: file === null ? null : absolutePath(readString(file), file.from),
    environment,
    content: contentOf(map, environment),
    labels: textsOf(map, "labels"),
    driver: textOf(map, "driver"),
    driverOpts: textsOf(map, "driver_opts"),
    templateDriver: textOf(map, "template_driver"),
  };
}

function checkSources(map: MapTree, sources: readonly string[]): void {
  const given = sources.filter((source) => childOf(map, source) !== null);
  if (given.length === 1) return;
  const choice = `${sources.slice(0, -1).join(", ")} or ${sources.at(-1)}`;
  const what = given.length === 0 ? "has no source" : `has several sources: ${given.join(" and ")}`;
  throw composeError(map.from, what, `give it exactly one of ${choice}`);
}

/** A variable is looked up where its document's variables are: an included project has an environment of its own. */
function contentOf(map: MapTree, variable: string | null): Secret | null {
  const text = variable === null ? textOf(map, "content") : (map.from.scope.lookup(variable) ?? null);
  return text === null ? null : new Secret(text);
}

/** `external: {name: …}` is the old way to write it. */
function isExternal(map: MapTree): boolean {
  const external = childOf(map, "external");
  return external !== null && (external.kind === "map" || readBoolean(external));
}

function nameOf(map: MapTree): string | null {
  const name = textOf(map, "name");
  const external = childOf(map, "external");
  const old = external?.kind === "map" ? textOf(external, "name") : null;
  if (name !== null && old !== null)
    throw composeError(map.from, "has a name and external.name", "keep name only");
  return name ?? old;
}

function textOf(map: MapTree, key: string): string | null {
  const child = childOf(map, key);
  return child === null ? null : readString(child);
}

function textsOf(map: MapTree, key: string): Readonly<Record<string, string>> {
  const child = childOf(map, key);
  return child === null ? {} : readTexts(child);
}
