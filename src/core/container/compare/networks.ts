// The networks of a container, and what it is on each of them. The MAC address that was asked for on the first of them is
// the container's own; on the others one that nobody asked for cannot be told from one that somebody did.
import { type Json, object, text, texts } from "../../model/engine-json.ts";
import type { Fields } from "./config.ts";
import { unordered } from "./json.ts";

export interface Connected {
  readonly config: Json;
  readonly host: Json;
  readonly networks: Json;
  /** The engine's own alias, where it gives one. */
  readonly id: string;
}

/** By the keys of the compose file. `wanted` is what should be, and may be `one` itself. */
export function networkFields(one: Connected, wanted: Connected): Fields {
  const named = isNamed(text(wanted.host.NetworkMode));
  const endpoints = Object.entries(one.networks).filter(() => named);
  return {
    networks: endpoints.map(([name, endpoint]) => [name, endpointOf(object(endpoint), one.id)]).sort(byName),
    mac_address: [macAddress(one, wanted), furtherMacAddresses(one, wanted)],
    links: linksOf(one),
  };
}

/** Whether it joins networks of its own, and not the engine's, the host's or another container's. */
function isNamed(mode: string): boolean {
  return !["host", "none", "bridge", "default", ""].includes(mode) && !mode.startsWith("container:");
}

function endpointOf(endpoint: Json, id: string): unknown {
  const { Aliases, IPAMConfig, DriverOpts, GwPriority } = endpoint;
  const aliases = texts(Aliases).filter((alias) => alias !== id.slice(0, 12));
  const { LinkLocalIPs, ...addresses } = object(IPAMConfig);
  return {
    aliases: unordered(aliases),
    addresses,
    local: unordered(texts(LinkLocalIPs)),
    DriverOpts,
    GwPriority,
  };
}

/** Below API 1.44 it is sent for the container, above for the endpoint. */
function macAddress(one: Connected, wanted: Connected): string {
  const primary = one === wanted ? object(one.networks[text(one.host.NetworkMode)]) : {};
  return (text(one.config.MacAddress) || text(primary.MacAddress)).toLowerCase();
}

/** Only where one is wanted: every endpoint that runs has one. */
function furtherMacAddresses(one: Connected, wanted: Connected): readonly unknown[] {
  return Object.entries(wanted.networks)
    .filter(
      ([name, endpoint]) => name !== wanted.host.NetworkMode && text(object(endpoint).MacAddress) !== "",
    )
    .map(([name]) => [name, text(object(one.networks[name]).MacAddress).toLowerCase()])
    .sort(byName);
}

/** `container:alias`; on its default bridge the engine writes `/container:/own name/alias`. */
function linksOf({ host, networks }: Connected): readonly string[] {
  const all = [...texts(host.Links), ...Object.values(networks).flatMap((one) => texts(object(one).Links))];
  return unordered(
    all.map((link) => {
      const [target = "", alias = target] = link.split(":");
      return [target.replace(/^\//, ""), alias.split("/").at(-1)];
    }),
  );
}

function byName(a: readonly unknown[], b: readonly unknown[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1;
}
