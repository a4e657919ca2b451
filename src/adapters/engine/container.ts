// One container as the engine inspects it, in the project's words.
import { type Json, list, number, object, text, textMap, texts } from "../../core/model/engine-json.ts";
import {
  BOARDHAND,
  COMPOSE,
  type ContainerState,
  type Digest,
  type HealthState,
  type InspectedContainer,
  type ObservedMount,
} from "../../core/model/index.ts";

const MAX_HEALTH_OUTPUT = 300;

const STATES: Readonly<Record<string, ContainerState>> = {
  created: "created",
  running: "running",
  paused: "paused",
  restarting: "restarting",
  removing: "removing",
  exited: "exited",
  dead: "dead",
  // Podman's own words.
  configured: "created",
  initialized: "created",
  stopping: "running",
  stopped: "exited",
};

/** Of `GET /containers/ID/json`. */
export function toContainer(inspected: Json): InspectedContainer {
  const state = object(inspected.State);
  const config = object(inspected.Config);
  const host = object(inspected.HostConfig);
  const labels = textMap(config.Labels);
  return {
    id: text(inspected.Id),
    name: text(inspected.Name).replace(/^\//, ""),
    service: labels[COMPOSE.service] ?? "",
    number: containerNumber(labels[COMPOSE.containerNumber]),
    state: stateOf(state),
    ...healthOf(state),
    restartCount: number(inspected.RestartCount),
    exitCode: number(state.ExitCode),
    error: text(state.Error),
    startedAt: time(state.StartedAt),
    finishedAt: time(state.FinishedAt),
    restartPolicy: restartPolicy(object(host.RestartPolicy)),
    stopGraceMs: typeof config.StopTimeout === "number" ? config.StopTimeout * 1000 : null,
    imageId: text(inspected.Image),
    imageReference: text(config.Image),
    platformDigest: platformDigest(labels, inspected),
    definitionHash: labels[BOARDHAND.definitionHash] ?? null,
    composeHash: labels[COMPOSE.configHash] ?? null,
    sharedWith: sharedWith(host),
    hostPorts: hostPorts(object(host.PortBindings)),
    mounts: list(inspected.Mounts).map((mount) => toMount(object(mount))),
    labels,
  };
}

/** `State.Status`, in Docker's words whoever speaks; one that nobody knows is `dead`. */
export function stateOf(state: Json): ContainerState {
  return STATES[text(state.Status)] ?? "dead";
}

function containerNumber(label: string | undefined): number {
  return label !== undefined && /^[1-9]\d{0,5}$/.test(label) ? Number(label) : 1;
}

function healthOf(state: Json): { readonly health: HealthState; readonly healthOutput: string } {
  const health = object(state.Health);
  const last = object(list(health.Log).at(-1));
  return {
    health: healthState(text(health.Status)),
    healthOutput: text(last.Output).trim().slice(0, MAX_HEALTH_OUTPUT),
  };
}

function healthState(status: string): HealthState {
  return status === "starting" || status === "healthy" || status === "unhealthy" ? status : "none";
}

/** ms since the epoch; the engine writes year 1 for "never". */
export function time(value: unknown): number | null {
  const at = Date.parse(text(value));
  return Number.isNaN(at) || at <= 0 ? null : at;
}

/** `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3`. */
export function restartPolicy(policy: Json): string {
  const name = text(policy.Name) || "no";
  const retries = number(policy.MaximumRetryCount);
  return name === "on-failure" && retries > 0 ? `${name}:${retries}` : name;
}

/** Our label was written from the registry; the engine's word is for containers that others made (API 1.48, containerd store). */
function platformDigest(labels: Readonly<Record<string, string>>, inspected: Json): Digest | null {
  return (
    asDigest(labels[BOARDHAND.platformDigest]) ??
    asDigest(text(object(inspected.ImageManifestDescriptor).digest))
  );
}

function asDigest(value: string | undefined): Digest | null {
  const match = /^sha256:([0-9a-f]{64})$/.exec(value ?? "");
  return match === null ? null : `sha256:${match[1] ?? ""}`;
}

function sharedWith(host: Json): readonly string[] {
  const modes = [host.NetworkMode, host.IpcMode, host.PidMode].map(text);
  const joined = modes.flatMap((mode) =>
    mode.startsWith("container:") ? [mode.slice("container:".length)] : [],
  );
  const volumes = texts(host.VolumesFrom).map((from) => from.split(":")[0] ?? "");
  return [...new Set([...joined, ...volumes])].filter((id) => id !== "").sort();
}

/** `ip:port/protocol`, ip empty for all addresses; from the configuration, since a stopped container has no ports. */
function hostPorts(bindings: Json): readonly string[] {
  const ports = Object.entries(bindings).flatMap(([target, published]) =>
    list(published).flatMap((one) => {
      const port = text(object(one).HostPort);
      const ip = text(object(one).HostIp);
      // Port 0 or none: the engine picks a free one at each start.
      if (port === "" || port === "0") return [];
      return [`${ip === "0.0.0.0" || ip === "::" ? "" : ip}:${port}/${target.split("/")[1] ?? "tcp"}`];
    }),
  );
  return [...new Set(ports)].sort();
}

function toMount(mount: Json): ObservedMount {
  return {
    type: text(mount.Type),
    name: text(mount.Name),
    source: text(mount.Source),
    destination: text(mount.Destination),
    writable: mount.RW === true,
  };
}
