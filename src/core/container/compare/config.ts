// `Config` of a container, in the words of the compose file: what was asked for with the image's own in its gaps, as the
// engine fills them, against what the engine has.
import { type Json, object, text, texts } from "../../model/engine-json.ts";
import { isNothing } from "./json.ts";

/** Labels of the tools themselves: their values follow from the rest, or tell of other times. */
const TOOLS = /^(com\.docker\.compose|io\.boardhand)\./;

export type Fields = Readonly<Record<string, unknown>>;

/** What `config` asks for; an engine makes the same of it by merging the image's own into it. */
export function withImage(config: Json, image: Json): Json {
  const own = (key: string) => (config[key] === undefined || config[key] === "" ? image[key] : config[key]);
  const entrypoint = texts(config.Entrypoint);
  const command = texts(config.Cmd);
  return {
    ...config,
    User: own("User"),
    WorkingDir: own("WorkingDir"),
    StopSignal: own("StopSignal"),
    Env: [...texts(image.Env), ...texts(config.Env)],
    Labels: { ...object(image.Labels), ...object(config.Labels) },
    ExposedPorts: { ...object(image.ExposedPorts), ...object(config.ExposedPorts) },
    // An entrypoint of one's own leaves the image's command behind; an empty one is one too.
    Entrypoint: Array.isArray(config.Entrypoint) ? entrypoint : texts(image.Entrypoint),
    Cmd: entrypoint.length === 0 && command.length === 0 ? texts(image.Cmd) : command,
    Healthcheck: healthcheck(object(config.Healthcheck), object(image.Healthcheck)),
  };
}

function healthcheck(own: Json, image: Json): Json {
  return { ...image, ...Object.fromEntries(Object.entries(own).filter(([, value]) => !isNothing(value))) };
}

/** By the keys of the compose file; what only matters to who is attached is left out. */
export function configFields(config: Json): Fields {
  return {
    image: text(config.Image),
    hostname: text(config.Hostname),
    domainname: text(config.Domainname),
    user: text(config.User),
    working_dir: withoutSlash(text(config.WorkingDir)),
    command: texts(config.Cmd),
    entrypoint: texts(config.Entrypoint),
    environment: environment(texts(config.Env)),
    labels: Object.entries(object(config.Labels))
      .filter(([key]) => !TOOLS.test(key))
      .sort(byKey),
    expose: ports(Object.keys(object(config.ExposedPorts))),
    healthcheck: config.Healthcheck,
    stop_signal: text(config.StopSignal),
    stop_grace_period: typeof config.StopTimeout === "number" ? `${config.StopTimeout}` : "",
    tty: config.Tty,
    stdin_open: [config.OpenStdin ?? false, config.StdinOnce ?? false],
    "network_mode disabled": config.NetworkDisabled,
  };
}

/** A variable without a value takes the image's away. */
function environment(entries: readonly string[]): readonly unknown[] {
  const values = new Map<string, string | null>();
  for (const entry of entries) {
    const at = entry.indexOf("=");
    values.set(at === -1 ? entry : entry.slice(0, at), at === -1 ? null : entry.slice(at + 1));
  }
  return [...values].sort(byKey);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** Versions of docker compose differ in who writes a range out and who names the protocol. */
function ports(keys: readonly string[]): readonly string[] {
  const single = new Set<string>();
  for (const key of keys) {
    const [range = "", protocol = "tcp"] = key.split("/");
    const [first = Number.NaN, last = first] = range.split("-").map(Number);
    const count = first <= last && last <= MAX_PORT ? last - first + 1 : 0;
    if (count === 0 || single.size + count > MAX_WRITTEN_OUT) single.add(key);
    else for (let port = first; port <= last; port += 1) single.add(`${port}/${protocol}`);
  }
  return [...single].sort();
}

const MAX_PORT = 65_535;
/** More than anybody exposes; an image may name any number of ranges. */
const MAX_WRITTEN_OUT = 4096;

function withoutSlash(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end -= 1;
  return path.slice(0, end);
}
