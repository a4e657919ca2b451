// The top-level networks and volumes → what the engine needs to make or find them.
import type { DesiredNetwork, DesiredVolume } from "../../model/index.ts";
import { keysOf } from "../attributes/index.ts";
import { composeError } from "../errors.ts";
import { checkKeys } from "../keys.ts";
import { asList, asMap, readBoolean, readString, readTexts } from "../read.ts";
import { childOf, isNull, type MapTree, type Place, type Tree } from "../tree.ts";
import { absolutePath } from "../values/path.ts";
import { checkResourceName } from "./name.ts";

/** Without its hash, which is computed when it is known to be used. */
export type NetworkDraft = Omit<DesiredNetwork, "composeHash">;
export type VolumeDraft = Omit<DesiredVolume, "composeHash">;

const NETWORK_KEYS = keysOf("networks.*");
const VOLUME_KEYS = keysOf("volumes.*");

type IpamConfig = NonNullable<DesiredNetwork["ipam"]>["config"][number];

/** By key. `project` prefixes the names of those that are neither named nor external. */
export function readNetworks(tree: Tree | null, project: string): ReadonlyMap<string, NetworkDraft> {
  return readSection(tree, (key, map) => {
    checkKeys(map, NETWORK_KEYS);
    const ipam = childOf(map, "ipam");
    const ipv4 = childOf(map, "enable_ipv4");
    const ipv6 = childOf(map, "enable_ipv6");
    return {
      ...readCommon(key, map, project),
      driverOpts: texts(map, "driver_opts"),
      internal: flag(map, "internal"),
      attachable: flag(map, "attachable"),
      ...(ipv4 === null ? {} : { enableIpv4: readBoolean(ipv4) }),
      enableIpv6: ipv6 === null ? null : readBoolean(ipv6),
      ipam: ipam === null ? null : readIpam(asMap(ipam)),
    };
  });
}

/** By key; a relative `device` of a bind is taken from the directory of its document. */
export function readVolumes(tree: Tree | null, project: string): ReadonlyMap<string, VolumeDraft> {
  return readSection(tree, (key, map) => {
    checkKeys(map, VOLUME_KEYS);
    const common = readCommon(key, map, project);
    if (common.external) requireBareExternal(map);
    const options = texts(map, "driver_opts");
    const { device } = options;
    const isBind = common.driver === "local" && options.o === "bind" && device !== undefined;
    return {
      ...common,
      driverOpts: isBind ? { ...options, device: absolutePath(device, map.from) } : options,
    };
  });
}

/** The network that services without a network of their own share. */
export function defaultNetwork(project: string): NetworkDraft {
  return {
    key: "default",
    name: `${project}_default`,
    external: false,
    driver: null,
    driverOpts: {},
    internal: false,
    attachable: false,
    enableIpv6: null,
    ipam: null,
    labels: {},
  };
}

function readSection<T>(tree: Tree | null, read: (key: string, map: MapTree) => T): ReadonlyMap<string, T> {
  const result = new Map<string, T>();
  if (tree === null) return result;
  for (const [key, entry] of asMap(tree).entries) {
    checkResourceName(key, entry.keyFrom);
    result.set(key, read(key, isNull(entry.value) ? emptyMap(entry.keyFrom) : asMap(entry.value)));
  }
  return result;
}

function emptyMap(from: Place): MapTree {
  return { kind: "map", entries: new Map(), from };
}

function readCommon(
  key: string,
  map: MapTree,
  project: string,
): {
  key: string;
  name: string;
  external: boolean;
  driver: string | null;
  labels: Readonly<Record<string, string>>;
} {
  const external = childOf(map, "external");
  const name = childOf(map, "name") ?? (external?.kind === "map" ? childOf(external, "name") : null);
  const isExternal = external !== null && (external.kind === "map" || readBoolean(external));
  const driver = childOf(map, "driver");
  return {
    key,
    name: name === null ? (isExternal ? key : `${project}_${key}`) : readString(name),
    external: isExternal,
    driver: driver === null ? null : readString(driver),
    labels: texts(map, "labels"),
  };
}

/** docker compose lets an external network say what it likes, and an external volume nothing. */
function requireBareExternal(map: MapTree): void {
  for (const [other, entry] of map.entries) {
    if (other !== "external" && other !== "name" && !other.startsWith("x-") && !isNull(entry.value)) {
      throw composeError(
        entry.keyFrom,
        "means nothing on something external",
        "remove it, or remove external",
      );
    }
  }
}

function texts(map: MapTree, key: string): Readonly<Record<string, string>> {
  const child = childOf(map, key);
  return child === null ? {} : readTexts(child);
}

function flag(map: MapTree, key: string): boolean {
  const child = childOf(map, key);
  return child !== null && readBoolean(child);
}

function readIpam(map: MapTree): NonNullable<DesiredNetwork["ipam"]> {
  // docker compose has no place for `options` in its model: they are read and forgotten.
  checkKeys(map, ["driver", "config", "options"]);
  const driver = childOf(map, "driver");
  const config = childOf(map, "config");
  return {
    driver: driver === null ? null : readString(driver),
    config: config === null ? [] : asList(config).items.map((item) => readIpamConfig(asMap(item))),
  };
}

function readIpamConfig(map: MapTree): IpamConfig {
  checkKeys(map, ["subnet", "gateway", "ip_range", "aux_addresses"]);
  const aux = childOf(map, "aux_addresses");
  const fields = (["subnet", "gateway", "ip_range"] as const).flatMap((key) => {
    const child = childOf(map, key);
    return child === null ? [] : [[key, readString(child)] as const];
  });
  return { ...Object.fromEntries(fields), ...(aux === null ? {} : { aux_addresses: readTexts(aux) }) };
}
