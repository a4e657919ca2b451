// Puts container ids in the place of `service:x`; refuses a service whose container is not known.
import { BoardhandError, type ServiceSpec } from "../model/index.ts";

/** Container id by service name. */
export type Shares = Readonly<Record<string, string>>;

/**
 * The spec as docker compose hashes it for a container's label: `network_mode`, `ipc` and `pid` `service:x` become
 * `container:<id>`, `volumes_from` entries become bare ids (docker compose drops their `:ro`).
 */
export function withShares(spec: ServiceSpec, shares: Shares): ServiceSpec {
  return {
    ...spec,
    ...namespace("network_mode", spec.network_mode, shares),
    ...namespace("ipc", spec.ipc, shares),
    ...namespace("pid", spec.pid, shares),
    ...(spec.volumes_from === undefined
      ? {}
      : { volumes_from: spec.volumes_from.map((entry) => volumesFromId(entry, shares)) }),
  };
}

function namespace(
  key: "network_mode" | "ipc" | "pid",
  value: string | undefined,
  shares: Shares,
): Partial<ServiceSpec> {
  return value === undefined ? {} : { [key]: resolveNamespace(value, shares) };
}

/** `service:x` as `container:<id>`; anything else as it is. */
export function resolveNamespace(value: string, shares: Shares): string {
  const prefix = "service:";
  return value.startsWith(prefix) ? `container:${shared(value.slice(prefix.length), shares)}` : value;
}

/** What the engine is sent: the id or name, with the access mode that the compose file asks for. */
export function resolveVolumesFrom(entry: string, shares: Shares): string {
  const parts = entry.split(":");
  const mode = parts[0] === "container" ? parts[2] : parts[1];
  const id = volumesFromId(entry, shares);
  return mode === undefined ? id : `${id}:${mode}`;
}

function volumesFromId(entry: string, shares: Shares): string {
  const [first = "", second = ""] = entry.split(":");
  return first === "container" ? second : shared(first, shares);
}

function shared(service: string, shares: Shares): string {
  const id = Object.hasOwn(shares, service) ? shares[service] : undefined;
  if (id === undefined) {
    throw new BoardhandError("E_COMPOSE", `service ${service} is shared but has no container`, {
      hint: `start ${service} first, or remove the reference to it`,
      data: { service },
    });
  }
  return id;
}
