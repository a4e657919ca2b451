// Mounts of a service in short and long syntax (compose.md 1.9): binds absolute, one entry a target, the last one counting.
import type { MountType, VolumeMountSpec } from "../../model/index.ts";
import { keysOf } from "../attributes/index.ts";
import { composeError, quote } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asList, asMap, readBoolean, readBytes, readString, readTexts, readTruncated } from "../read.ts";
import { childOf, type MapTree, type Place, type Tree } from "../tree.ts";
import { absolutePath, cleanPath } from "../values/path.ts";
import type { FormContext } from "./context.ts";
import { type Fields, oneOf, readFields } from "./fields.ts";

type Bind = NonNullable<VolumeMountSpec["bind"]>;
type Volume = NonNullable<VolumeMountSpec["volume"]>;
type Tmpfs = NonNullable<VolumeMountSpec["tmpfs"]>;
type Image = NonNullable<VolumeMountSpec["image"]>;

const KEYS = keysOf("services.*.volumes[]");
const TYPES: readonly MountType[] = ["bind", "volume", "tmpfs", "image", "cluster", "npipe"];

const BIND: Fields<Bind> = {
  selinux: oneOf("z", "Z"),
  propagation: readString,
  create_host_path: readBoolean,
  recursive: oneOf("enabled", "disabled", "writable", "readonly"),
};
const VOLUME: Fields<Volume> = { nocopy: readBoolean, subpath: readString, labels: readTexts };
const TMPFS: Fields<Tmpfs> = { size: readBytes, mode: fileMode };
const IMAGE: Fields<Image> = { subpath: readString };

const PROPAGATION: ReadonlySet<string> = new Set([
  "private",
  "rprivate",
  "shared",
  "rshared",
  "slave",
  "rslave",
]);

/** Mounts in file order; a later mount on the same target takes the earlier one's place. */
export function readVolumes(tree: Tree, context: FormContext): readonly VolumeMountSpec[] {
  const mounts = new Map<string, VolumeMountSpec>();
  for (const item of asList(tree).items) {
    const mount = item.kind === "map" ? longMount(item, context) : shortMount(readString(item), item.from);
    mounts.set(mount.target, mount);
  }
  return [...mounts.values()];
}

function shortMount(spec: string, from: Place): VolumeMountSpec {
  if (/^[A-Za-z]:/.test(spec)) {
    throw composeError(
      from,
      `${quote(spec)} begins like a Windows drive`,
      "name the volume with two letters or more; Windows paths do not exist here",
    );
  }
  const parts = spec.split(":");
  if (parts.length > 3) throw composeError(from, `${quote(spec)} has too many colons`);
  if (parts.some((part) => part === "")) throw composeError(from, `${quote(spec)} has an empty part`);
  const [first = "", second, options] = parts;
  if (second === undefined) {
    return { type: "volume", target: cleanPath(first), ...(spec.length > 2 ? { volume: {} } : {}) };
  }
  const isPath = /^[./~\\]/.test(first);
  const words = (options ?? "").split(",");
  const access = words.findLast((word) => word === "ro" || word === "rw");
  const readOnly = access === "ro" ? { read_only: true } : {};
  const bind = bindOptions(words);
  const target = cleanPath(second);
  const copy = words.includes("nocopy") ? { nocopy: true } : null;
  if (isPath) {
    const source = absolutePath(first, from);
    return {
      type: "bind",
      source,
      target,
      ...readOnly,
      bind: { ...bind, create_host_path: true },
      // Means nothing for a path; docker compose hashes and sends it all the same.
      ...(copy === null ? {} : { volume: copy }),
    };
  }
  return {
    type: "volume",
    source: first,
    target,
    ...readOnly,
    ...(Object.keys(bind).length === 0 ? {} : { bind }),
    volume: copy ?? {},
  };
}

function bindOptions(words: readonly string[]): { selinux?: string; propagation?: string } {
  const selinux = words.findLast((word) => word === "z" || word === "Z");
  const propagation = words.findLast((word) => PROPAGATION.has(word));
  return {
    ...(selinux === undefined ? {} : { selinux }),
    ...(propagation === undefined ? {} : { propagation }),
  };
}

function longMount(tree: Tree, context: FormContext): VolumeMountSpec {
  const map = asMap(tree);
  checkKeys(map, KEYS);
  const type = mountType(map);
  const source = childOf(map, "source");
  const target = childOf(map, "target");
  if (target === null) throw composeError(map.from, "a mount needs a target");
  if (type === "bind" && source === null) throw composeError(map.from, "a bind mount needs a source");
  const readOnly = childOf(map, "read_only");
  const consistency = childOf(map, "consistency");
  return {
    type,
    ...(source === null ? {} : { source: sourceOf(source, type) }),
    target: cleanPath(readString(target)),
    ...(readOnly !== null && readBoolean(readOnly) ? { read_only: true } : {}),
    ...(consistency === null ? {} : { consistency: readString(consistency) }),
    ...options(map, type, context),
  };
}

function mountType(map: MapTree): MountType {
  const tree = childOf(map, "type");
  if (tree === null) throw composeError(map.from, "a mount needs a type", "bind, volume or tmpfs");
  const text = readString(tree);
  const type = TYPES.find((known) => known === text);
  if (type !== undefined) return type;
  throw composeError(tree.from, `there is no mount of type ${quote(text)}`, "use bind, volume or tmpfs");
}

function sourceOf(tree: Tree, type: MountType): string {
  const source = readString(tree);
  return type === "bind" ? absolutePath(source, tree.from) : source;
}

/** Options of another type than the mount's are kept, since they are hashed, and never sent. */
function options(
  map: MapTree,
  type: MountType,
  context: FormContext,
): Pick<VolumeMountSpec, "bind" | "volume" | "tmpfs" | "image"> {
  const read = <T>(key: MountType, fields: Fields<T>): { readonly [key: string]: Partial<T> } => {
    const child = childOf(map, key);
    if (child === null) return {};
    if (key !== type) context.warn(child.from, `means nothing on a mount of type ${type}`);
    return { [key]: readFields(child, fields, context) };
  };
  return {
    ...read("bind", BIND),
    ...read("volume", VOLUME),
    ...read("tmpfs", TMPFS),
    ...read("image", IMAGE),
  };
}

/** Already a number as YAML types it (`0700` is octal); what is behind the point is dropped. */
function fileMode(tree: Tree): number {
  const mode = tree.kind === "scalar" && typeof tree.value === "number" ? readTruncated(tree) : -1;
  if (mode >= 0 && mode < 2 ** 32) return mode;
  throw composeError(tree.from, "must be a file mode in octal digits, without quotes");
}
