// A network and a volume as the JSON text docker compose hashes.
import type { DesiredNetwork, DesiredVolume } from "../../model/index.ts";
import { flag, flagPointer, list, stringMap, struct, text } from "./go-json.ts";

export type HashedNetwork = Omit<DesiredNetwork, "composeHash" | "key">;
export type HashedVolume = Omit<DesiredVolume, "composeHash" | "key">;

export function encodeNetwork(network: HashedNetwork): string {
  return struct([
    ["name", text(network.name)],
    ["driver", text(network.driver ?? undefined)],
    ["driver_opts", stringMap(network.driverOpts)],
    ["ipam", encodeIpam(network.ipam)],
    ["external", flag(network.external)],
    ["internal", flag(network.internal)],
    ["attachable", flag(network.attachable)],
    ["labels", stringMap(network.labels)],
    ["enable_ipv4", flagPointer(network.enableIpv4)],
    ["enable_ipv6", flagPointer(network.enableIpv6 ?? undefined)],
  ]);
}

/** Printed even when nothing is configured. */
function encodeIpam(ipam: DesiredNetwork["ipam"]): string {
  return struct([
    ["driver", text(ipam?.driver ?? undefined)],
    [
      "config",
      list(ipam?.config, (pool) =>
        struct([
          ["subnet", text(pool.subnet)],
          ["gateway", text(pool.gateway)],
          ["ip_range", text(pool.ip_range)],
          ["aux_addresses", stringMap(pool.aux_addresses)],
        ]),
      ),
    ],
  ]);
}

export function encodeVolume(volume: HashedVolume): string {
  return struct([
    ["name", text(volume.name)],
    ["driver", text(volume.driver ?? "local")],
    ["driver_opts", stringMap(volume.driverOpts)],
    ["external", flag(volume.external)],
    ["labels", stringMap(volume.labels)],
  ]);
}
