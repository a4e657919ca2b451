// Mounts of a service in short and long syntax (compose.md 1.9): binds absolute, one entry a target, the last one counting.
import type { VolumeMountSpec } from "../../model/index.ts";
import { composeError, quote } from "../errors.ts";
import { checkKeys, NOT_YET } from "../keys.ts";
import {
  asList,
  asMap,
  readBoolean,
  readBytes,
  readInteger,
  readString,
  readStringOrNumber,
  readTexts,
} from "../read.ts";
import { childOf, type MapTree, type Place, type Tree } from "../tree.ts";
import { absolutePath, cleanPath } from "../values/path.ts";

const PROPAGATION: ReadonlySet<string> = new Set([
  "private",
  "rprivate",
  "shared",
  "rshared",
  "slave",
  "rslave",
]);

/** Mounts in file order; a later mount on the same target takes the earlier one's place. */
export function readVolumes(tree: Tree): readonly VolumeMountSpec[] {
  const mounts = new Map<string, VolumeMountSpec>();
  for (const item of asList(tree).items) {
    const mount =
      item.kind === "map" ? longMount(item) : shortMount(readString(item), item.from);
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
  const words = new Set((options ?? "").split(","));
  const readOnly = words.has("ro") ? { read_only: true } : {};
  const target = cleanPath(second);
  if (isPath) {
    const source = absolutePath(first, from);
    return {
      type: "bind",
      source,
      target,
      ...readOnly,
      bind: { ...bindOptions(words), create_host_path: true },
    };
  }
  return {
    type: "volume",
    source: first,
    target,
    ...readOnly,
    volume: words.has("nocopy") ? { nocopy: true } : {},
  };
}

function bindOptions(words: ReadonlySet<string>): { selinux?: string; propagation?: string } {
  const selinux = [...words].filter((word) => word === "z" || word === "Z").at(-1);
  const propagation = [...words].filter((word) => PROPAGATION.has(word)).at(-1);
  return {
    ...(selinux === undefined ? {} : { selinux }),
    ...(propagation === undefined ? {} : { propagation }),
  };
}

function longMount(tree: Tree): VolumeMountSpec {
  const map = asMap(tree);
  checkKeys(
    map,
    ["type", "source", "target", "read_only", "consistency", "bind", "volume", "tmpfs"],
    NOT_YET.mount,
  );
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
    ...options(map),
  };
}

function mountType(map: MapTree): VolumeMountSpec["type"] {
  const tree = childOf(map, "type");
  if (tree === null) throw composeError(map.from, "a mount needs a type", "bind, volume or tmpfs");
  const type = readString(tree);
  if (type === "bind" || type === "volume" || type === "tmpfs") return type;
  throw composeError(
    tree.from,
    `the mount type ${quote(type)} is not supported yet`,
    "use bind, volume or tmpfs",
  );
}

function sourceOf(tree: Tree, type: VolumeMountSpec["type"]): string {
  const source = readString(tree);
  return type === "bind" ? absolutePath(source, tree.from) : source;
}

function options(map: MapTree): Pick<VolumeMountSpec, "bind" | "volume" | "tmpfs"> {
  const bind = childOf(map, "bind");
  const volume = childOf(map, "volume");
  const tmpfs = childOf(map, "tmpfs");
  return {
    ...(bind === null ? {} : { bind: longBind(asMap(bind)) }),
    ...(volume === null ? {} : { volume: longVolume(asMap(volume)) }),
    ...(tmpfs === null ? {} : { tmpfs: longTmpfs(asMap(tmpfs)) }),
  };
}

function longBind(map: MapTree): NonNullable<VolumeMountSpec["bind"]> {
  checkKeys(map, ["selinux", "propagation", "create_host_path"], NOT_YET.bind);
  const selinux = childOf(map, "selinux");
  const propagation = childOf(map, "propagation");
  const create = childOf(map, "create_host_path");
  return {
    ...(selinux === null ? {} : { selinux: readString(selinux) }),
    ...(propagation === null ? {} : { propagation: readString(propagation) }),
    ...(create === null ? {} : { create_host_path: readBoolean(create) }),
  };
}

function longVolume(map: MapTree): NonNullable<VolumeMountSpec["volume"]> {
  checkKeys(map, ["nocopy", "subpath", "labels"]);
  const nocopy = childOf(map, "nocopy");
  const subpath = childOf(map, "subpath");
  const labels = childOf(map, "labels");
  return {
    ...(nocopy !== null && readBoolean(nocopy) ? { nocopy: true } : {}),
    ...(subpath === null ? {} : { subpath: readString(subpath) }),
    ...(labels === null ? {} : { labels: readTexts(labels) }),
  };
}

function longTmpfs(map: MapTree): NonNullable<VolumeMountSpec["tmpfs"]> {
  checkKeys(map, ["size", "mode"]);
  const size = childOf(map, "size");
  const mode = childOf(map, "mode");
  return {
    ...(size === null ? {} : { size: readBytes(size) }),
    ...(mode === null ? {} : { mode: fileMode(mode) }),
  };
}

/** A number as typed (`0700` is octal already), or a string of octal digits. */
function fileMode(tree: Tree): number {
  const text = readStringOrNumber(tree);
  const quoted = tree.kind === "scalar" && typeof tree.value === "string";
  if (!quoted) return readInteger(tree);
  if (!/^0?[0-7]{1,5}$/.test(text)) throw composeError(tree.from, "must be a file mode in octal digits");
  return Number.parseInt(text, 8);
}
