// What may differ between two tools that made the same thing (compose.md 7): orders that docker compose leaves to
// chance, the ids of other containers, empty against absent, and each tool's own labels.
import type { RecordedRequest } from "../../lab/recording-proxy.ts";
import type { Picture } from "./both.ts";

/** Lists whose order docker compose leaves to chance. */
const UNORDERED: readonly string[] = ["Env", "Binds", "Mounts", "ExtraHosts", "Ulimits", "GroupAdd"];
/** What each container, network and volume has of its own, and what no tool asked for. */
const LEFT_OUT: readonly string[] = [
  ...["Id", "Created", "CreatedAt", "State", "EndpointID", "NetworkID", "ConsoleSize", "GraphDriver"],
  ...["ResolvConfPath", "HostnamePath", "HostsPath", "LogPath"],
];
const OWN_LABEL = "io.boardhand.";
const VERSION = "com.docker.compose.version";
const DEPENDS_ON = "com.docker.compose.depends_on";
/** The name of an anonymous volume, alone or in its path; digests have their algorithm before them. */
const ANONYMOUS = /(?<=^|volumes\/)[0-9a-f]{64}(?=$|\/_data)/;
const CONFIG_HASH = "com.docker.compose.config-hash";

/** What the engine chooses when a container starts; what was asked for stands in IPAMConfig and PortBindings too. */
const CHOSEN: readonly string[] = [
  ...["Gateway", "IPv6Gateway", "IPAddress", "IPPrefixLen", "GlobalIPv6Address", "GlobalIPv6PrefixLen"],
  ...["SandboxID", "SandboxKey", "Ports"],
  // A health check that runs in this very moment.
  "ExecIDs",
  // Of a network: who is on it, with their addresses.
  "Containers",
];
/** The MAC addresses that the cases ask for; any other one is the engine's choice. */
const ASKED_MAC = /^02:42:ac:11:65:/;

/** Services whose hash is over another container's id. */
const JOINED: readonly string[] = ["joined", "borrowed"];
/** Networks whose addresses the file gives; those of the others are the engine's choice. */
const ADDRESSED = /_(front|six|modern)$/;

/** Names by id, for references to other containers. */
export type Names = ReadonlyMap<string, string>;

/** The names of everything in a picture, by its id and by what the engine makes of that for aliases and host names. */
export function namesOf({ containers, networks }: Picture): Names {
  const ids = [...containers, ...networks].flatMap(([name, { Id }]) => [
    [String(Id), name] as const,
    [String(Id).slice(0, 12), name] as const,
  ]);
  return new Map(ids);
}

/** A value in the one form both tools' values have. */
export function normal(value: unknown, names: Names = new Map(), key = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => normal(item, names));
    return UNORDERED.includes(key)
      ? items.sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)))
      : items;
  }
  if (typeof value === "string") return withNames(value, names);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([name]) => !LEFT_OUT.includes(name))
    .filter(([name]) => key !== "Labels" || !(name.startsWith(OWN_LABEL) || name === VERSION))
    .map(([name, item]) => [name, key === "Labels" ? label(name, item) : normal(item, names, name)] as const)
    .filter(([, item]) => !isNothing(item))
    .sort(([a], [b]) => compare(a, b));
  return Object.fromEntries(entries);
}

/** The engine takes null, an empty list or map, false and 0 for what is not there. */
function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === 0 || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** As it is, hashes and all; an empty label is a label. */
function label(name: string, value: unknown): unknown {
  const text = String(value);
  return name === DEPENDS_ON ? text.split(",").sort().join(",") || "(none)" : text || "(empty)";
}

function withNames(value: string, names: Names): string {
  let shown = value.replace(ANONYMOUS, "<anonymous>");
  for (const [id, name] of names) shown = shown.replaceAll(id, `<${name}>`);
  return shown;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Requests of one kind by the name that they give, as the engine was sent them. */
export function requestsByName(
  requests: readonly RecordedRequest[],
  path: string,
): ReadonlyMap<string, RecordedRequest> {
  const found = requests.filter((one) => one.path === path && one.status < 300);
  return new Map(found.map((one) => [nameOf(one), one]));
}

function nameOf(request: RecordedRequest): string {
  const { Name } = (request.body ?? {}) as { readonly Name?: string };
  return request.query.name ?? Name ?? "";
}

/** What was sent or is inspected, without the hash over another container's id, which cannot be the same twice. */
export function withoutHash(thing: unknown): unknown {
  const text = JSON.stringify(thing);
  const joined = JOINED.some((service) => text.includes(`"com.docker.compose.service":"${service}"`));
  return joined ? without(thing, (key) => key === CONFIG_HASH) : thing;
}

/** What is inspected while it runs, without what the engine chose for this run. */
export function whileRunning(inspected: unknown): unknown {
  return without(withoutHash(inspected), (key, value) =>
    key === "MacAddress" ? !ASKED_MAC.test(String(value)) : CHOSEN.includes(key),
  );
}

/** Address pools are the engine's choice where the file gives none. */
export function withoutPool(network: unknown): unknown {
  const { Name } = network as { readonly Name?: unknown };
  return ADDRESSED.test(String(Name)) ? network : without(network, (key) => key === "IPAM");
}

function without(value: unknown, isLeftOut: (key: string, value: unknown) => boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, isLeftOut));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key, item]) => !isLeftOut(key, item));
  return Object.fromEntries(kept.map(([key, item]) => [key, without(item, isLeftOut)]));
}
