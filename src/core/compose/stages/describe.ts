// A finished specification → what planning needs to know of the service, in Boardhand's words.
import { parsePlatform } from "../../image/platform.ts";
import type { DesiredService, RolloutWish, ServiceSpec } from "../../model/index.ts";
import { refusalsOf } from "../attributes/index.ts";
import { composeHashes } from "../hash/index.ts";
import type { UpdateMode } from "./boardhand.ts";
import { definitionHash } from "./hashes.ts";
import { sharedServices } from "./links.ts";

/** What a service takes from its project. */
export interface ServiceSetting {
  readonly project: string;
  readonly update: UpdateMode;
  /** DOCKER_DEFAULT_PLATFORM, used where the service names none. */
  readonly platform: string | null;
}

export function describeService(name: string, spec: ServiceSpec, setting: ServiceSetting): DesiredService {
  const wanted = spec.platform ?? setting.platform;
  return {
    name,
    reference: spec.image ?? `${setting.project}-${name}`,
    platform: wanted === null || wanted === "" ? null : parsePlatform(wanted),
    pull: pullOf(spec),
    update: setting.update,
    replicas: spec.scale ?? spec.deploy?.replicas ?? 1,
    containerName: spec.container_name ?? null,
    definitionHash: definitionHash(spec),
    composeHashes: composeHashes(spec),
    dependsOn: Object.entries(spec.depends_on ?? {}).map(([service, dependency]) => ({
      service,
      ...dependency,
    })),
    sharesWith: sharedServices(spec),
    restart: restartOf(spec),
    rollout: rolloutOf(spec),
    exclusive: exclusiveOf(spec),
    hostPorts: hostPortsOf(spec),
    networks: Object.keys(spec.networks ?? {}).sort(),
    volumes: volumesOf(spec),
    files: [],
    seccomp: {},
    refusals: refusalsOf(spec),
    spec,
  };
}

/** `build` says that the image is made here, as does no image at all: then no registry is asked for it. */
function pullOf({ image, pull_policy: policy }: ServiceSpec): DesiredService["pull"] {
  if (image === undefined) return "never";
  if (policy === "missing") return "missing";
  return policy === "never" || policy === "build" ? "never" : "check";
}

/** `deploy.restart_policy` overrides `restart` (compose.md 2). */
function restartOf(spec: ServiceSpec): string {
  const policy = spec.deploy?.restart_policy;
  if (policy === undefined) return spec.restart === undefined || spec.restart === "" ? "no" : spec.restart;
  switch (policy.condition ?? "any") {
    case "none":
    case "no":
      return "no";
    case "on-failure":
      return policy.max_attempts ? `on-failure:${policy.max_attempts}` : "on-failure";
    case "any":
      return "always";
    default:
      return policy.condition ?? "always";
  }
}

function rolloutOf(spec: ServiceSpec): RolloutWish {
  const config = spec.deploy?.update_config;
  const order = config?.order;
  const action = config?.failure_action;
  return {
    order: order === "stop-first" || order === "start-first" ? order : null,
    monitorMs: config?.monitor === undefined ? null : Math.round(config.monitor / 1e6),
    failureAction: action === "rollback" || action === "pause" || action === "continue" ? action : null,
  };
}

/** Fixed host ports only: where the engine picks one, two containers can stand side by side. */
function hostPortsOf(spec: ServiceSpec): readonly string[] {
  const fixed = (spec.ports ?? []).filter(
    ({ published }) => published !== undefined && /^[1-9]\d*$/.test(published),
  );
  return fixed.map((port) => `${port.host_ip ?? ""}:${port.published}/${port.protocol.toLowerCase()}`).sort();
}

/** Each reads on after "it …". */
function exclusiveOf(spec: ServiceSpec): readonly string[] {
  const addresses = Object.entries(spec.networks ?? {}).flatMap(([key, attachment]) => {
    const fixed = attachment?.ipv4_address ?? attachment?.ipv6_address ?? attachment?.mac_address;
    return fixed === undefined ? [] : [`has the fixed address ${fixed} in the network ${key}`];
  });
  return [
    ...hostPortsOf(spec).map((port) => `publishes the host port ${port.replace(/^:/, "")}`),
    ...(spec.devices ?? []).map((device) => `uses the device ${device.source}`),
    ...addresses,
    ...(spec.mac_address === undefined ? [] : [`has the fixed address ${spec.mac_address}`]),
    ...(spec.network_mode === "host" ? ["uses the host's network"] : []),
  ];
}

function volumesOf(spec: ServiceSpec): readonly string[] {
  const named = (spec.volumes ?? []).flatMap((mount) =>
    mount.type === "volume" && mount.source !== undefined ? [mount.source] : [],
  );
  return [...new Set(named)].sort();
}
