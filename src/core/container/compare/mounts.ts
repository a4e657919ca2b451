// Everything that is mounted into a container, whichever way it was said: `Binds` and `Mounts` can say the same, and
// anonymous volumes have a name of their own once they were carried over.
import { type Json, list, object, text, texts } from "../../model/engine-json.ts";
import { isNothing, unordered } from "./json.ts";

/** What the engine calls a volume that nobody named. */
const UNNAMED = /^[0-9a-f]{64}$/;

interface Mounted {
  readonly type: string;
  /** Path or name; empty for an anonymous volume. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly options: readonly unknown[];
}

/** `volumes` of either side, in no order; those that the image declares itself are there in any case. */
export function mountFields(config: Json, host: Json, image: Json): readonly string[] {
  const given = [
    ...texts(host.Binds).map(fromBind),
    ...list(host.Mounts).map((mount) => fromMount(object(mount))),
  ];
  const targets = new Set(given.map(({ target }) => target));
  const anonymous = Object.keys(object(config.Volumes))
    .filter((target) => !targets.has(target))
    .map((target) => fromMount({ Type: "volume", Target: target }));
  const ofImage = new Set(Object.keys(object(image.Volumes)));
  return unordered([...given, ...anonymous].filter((mount) => !isImplied(mount, ofImage)));
}

function isImplied(
  { type, source, target, readOnly, options }: Mounted,
  ofImage: ReadonlySet<string>,
): boolean {
  return type === "volume" && source === "" && !readOnly && options.length === 0 && ofImage.has(target);
}

/** `source:target[:options]`; a source that is no path is a volume. */
function fromBind(bind: string): Mounted {
  const [source = "", target = "", modes = ""] = bind.split(":");
  const words = modes.split(",").filter((word) => word !== "" && word !== "rw" && word !== "rprivate");
  return {
    type: source.startsWith("/") ? "bind" : "volume",
    source: unnamed(source),
    target,
    readOnly: words.includes("ro"),
    options: words.filter((word) => word !== "ro").sort(),
  };
}

function fromMount(mount: Json): Mounted {
  const type = text(mount.Type);
  const { Propagation, CreateMountpoint: _, ...bind } = object(mount.BindOptions);
  const { NoCopy, ...volume } = object(mount.VolumeOptions);
  const words = [
    ...(isNothing(Propagation) || Propagation === "rprivate" ? [] : [Propagation]),
    ...(NoCopy === true ? ["nocopy"] : []),
  ];
  const rest = [bind, volume, object(mount.TmpfsOptions), object(mount.ImageOptions), consistency(mount)];
  return {
    type,
    source: type === "volume" ? unnamed(text(mount.Source)) : text(mount.Source),
    target: text(mount.Target),
    readOnly: mount.ReadOnly === true,
    options: [...words, ...rest.filter((part) => !hasNothing(part))],
  };
}

function consistency({ Consistency }: Json): Json {
  return Consistency === "default" ? {} : { Consistency };
}

function hasNothing(part: Json): boolean {
  return Object.values(part).every(isNothing);
}

function unnamed(source: string): string {
  return UNNAMED.test(source) ? "" : source;
}
