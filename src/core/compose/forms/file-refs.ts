// How a service uses secrets and configs: a name or a mapping, one entry a target, the last one counting (compose.md 1.9).
import type { FileRefSpec } from "../../model/index.ts";
import { keysOf } from "../attributes/index.ts";
import { composeError, type Origin } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asList, readString } from "../read.ts";
import { childOf, type MapTree, type Tree } from "../tree.ts";

/** Those of a config are the same. */
const KEYS = keysOf("services.*.secrets[]");

/** Where compose puts a secret whose target is not an absolute path. */
export const SECRETS_DIRECTORY = "/run/secrets";

/** Go's tar writer takes no more than seven octal digits. */
const MAX_MODE = 0o7777777;
/** What YAML reads as a whole number; `0888` is a floating-point number there. */
const WHOLE_NUMBER = /^\+?(0x[\da-f_]+|0b[01_]+|0o?[0-7_]*|[1-9][\d_]*)$/i;

/** Every entry has a target, since the default is part of what compose hashes. */
export function readSecretRefs(tree: Tree): readonly FileRefSpec[] {
  const refs = readRefs(tree, SECRETS_DIRECTORY);
  return refs
    .map(([key, ref]) => (ref.target === undefined ? { ...ref, target: key } : ref))
    .map(withoutEmpty);
}

/** A target that was not written stays so: compose adds `/<source>` only when it makes the container. */
export function readConfigRefs(tree: Tree): readonly FileRefSpec[] {
  return readRefs(tree, "").map(([, ref]) => withoutEmpty(ref));
}

function readRefs(tree: Tree, directory: string): readonly (readonly [key: string, ref: FileRefSpec])[] {
  const refs = new Map<string, FileRefSpec>();
  for (const item of asList(tree).items) {
    const ref = item.kind === "map" ? readLong(item) : readShort(item);
    refs.set(ref.target ?? `${directory}/${ref.source}`, ref);
  }
  return [...refs];
}

function readShort(tree: Tree): FileRefSpec {
  return { source: sourceName(readString(tree), tree.from) };
}

function readLong(map: MapTree): FileRefSpec {
  checkKeys(map, KEYS);
  const source = childOf(map, "source");
  if (source === null) throw composeError(map.from, "needs a source", "name a top-level secret or config");
  const texts = (["target", "uid", "gid"] as const).flatMap((key) => {
    const child = childOf(map, key);
    return child === null ? [] : [[key, readString(child)] as const];
  });
  const mode = childOf(map, "mode");
  return {
    source: sourceName(readString(source), source.from),
    ...Object.fromEntries(texts),
    ...(mode === null ? {} : { mode: readMode(mode) }),
  };
}

function sourceName(name: string, from: Origin): string {
  if (name === "") throw composeError(from, "names no secret or config");
  return name;
}

/** A number as YAML reads it (`0440`, `0o440`, `288`), or a text in octal; printed with a leading 0 as it is hashed. */
function readMode(tree: Tree): string {
  const mode = tree.kind === "scalar" ? modeOf(tree.value, tree.text) : null;
  if (mode !== null && mode >= 0 && mode <= MAX_MODE) return `0${mode.toString(8)}`;
  throw composeError(tree.from, "must be permissions in octal", 'write them as 0440 or "0440"');
}

function modeOf(value: unknown, text: string): number | null {
  if (typeof value === "string") return /^\+?[0-7]{1,10}$/.test(value) ? Number.parseInt(value, 8) : null;
  return typeof value === "number" && WHOLE_NUMBER.test(text) ? value : null;
}

/** An empty text is what Go leaves out: compose then puts the file at its default place. */
function withoutEmpty(ref: FileRefSpec): FileRefSpec {
  const { target, uid, gid, ...rest } = ref;
  return {
    source: rest.source,
    ...(target === undefined || target === "" ? {} : { target }),
    ...(uid === undefined || uid === "" ? {} : { uid }),
    ...(gid === undefined || gid === "" ? {} : { gid }),
    ...(rest.mode === undefined ? {} : { mode: rest.mode }),
  };
}
