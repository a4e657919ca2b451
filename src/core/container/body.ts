// The complete body of `POST /containers/create` for one service, made from the compose model and the new image only.
// Decides nothing about when; refuses what this engine cannot do.
import {
  BoardhandError,
  type DesiredProject,
  type DesiredService,
  type ObservedMount,
  type PinnedImage,
  type ServiceSpec,
} from "../model/index.ts";
import { defined } from "./defined.ts";
import { healthcheck } from "./health.ts";
import { COMPOSE_VERSION, containerLabels } from "./labels.ts";
import { containerMacAddress } from "./mac-address.ts";
import { engineMounts } from "./mounts.ts";
import { endpointBody, engineLinks, networkName } from "./network.ts";
import { refusalOf } from "./refusals.ts";
import { resources, restartPolicy } from "./resources.ts";
import { capabilities, securityOptions } from "./security.ts";
import { resolveNamespace, resolveVolumesFrom, type Shares } from "./shares.ts";

export type CreateBody = Readonly<Record<string, unknown>>;

export interface ContainerBodyInput {
  readonly project: DesiredProject;
  readonly service: DesiredService;
  /** Compose's container number, 1-based. */
  readonly number: number;
  /** The name it has in the end: its alias, also while it waits under another. */
  readonly finalName: string;
  readonly image: {
    /** What `Config.Image` will be. */
    readonly reference: string;
    readonly imageId: string;
    /** Destinations the image declares as volumes. */
    readonly volumes: readonly string[];
  };
  /** What the registry offered; null for an image that is only here. */
  readonly pinned: PinnedImage | null;
  readonly composeVersion?: string;
  /** Keys of the networks to give in this call, primary first. */
  readonly networks: readonly string[];
  /** Container id by service name, for `service:x` and `volumes_from`. */
  readonly shares: Shares;
  /** Container names by service name, for `links`. */
  readonly linkNames: Readonly<Record<string, readonly string[]>>;
  /** Mounts of the container being replaced. */
  readonly inherit: readonly ObservedMount[];
  readonly revision: string;
  readonly apiVersion: string;
}

/** compose.md section 2. Throws BoardhandError E_COMPOSE (retry never) for what the engine cannot do. */
export function containerBody(input: ContainerBodyInput): CreateBody {
  const { service, project, apiVersion } = input;
  const refusal = refusalOf(service, project, apiVersion);
  if (refusal !== null) {
    const data = { service: service.name, apiVersion };
    throw new BoardhandError("E_COMPOSE", `service ${service.name} ${refusal}`, { data });
  }
  return { ...config(input), HostConfig: hostConfig(input), ...networkingConfig(input) };
}

function config(input: ContainerBodyInput): CreateBody {
  const { service, project, apiVersion } = input;
  const { spec } = service;
  return {
    ...defined({
      Hostname: spec.hostname,
      Domainname: spec.domainname,
      User: spec.user,
      WorkingDir: spec.working_dir,
      StopSignal: spec.stop_signal,
      MacAddress: containerMacAddress(service, project, apiVersion),
      Cmd: spec.command ?? undefined,
      Entrypoint: spec.entrypoint ?? undefined,
      Healthcheck: healthcheck(spec),
      StopTimeout:
        spec.stop_grace_period === undefined ? undefined : Math.trunc(spec.stop_grace_period / 1e9),
      NetworkDisabled: spec.network_mode === "disabled" ? true : undefined,
    }),
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    Tty: spec.tty ?? false,
    OpenStdin: spec.stdin_open ?? false,
    StdinOnce: false,
    Image: input.image.reference,
    Env: environment(spec),
    ExposedPorts: exposedPorts(spec),
    Labels: containerLabels({
      project,
      service,
      number: input.number,
      imageId: input.image.imageId,
      pinned: input.pinned,
      shares: input.shares,
      revision: input.revision,
      composeVersion: input.composeVersion ?? COMPOSE_VERSION,
    }),
  };
}

function hostConfig(input: ContainerBodyInput): CreateBody {
  const { service, shares } = input;
  const { spec } = service;
  const { binds, mounts } = engineMounts({
    spec,
    files: service.files,
    project: input.project,
    imageVolumes: input.image.volumes,
    inherit: input.inherit,
  });
  return {
    Binds: binds,
    Mounts: mounts,
    NetworkMode: networkMode(input),
    PortBindings: portBindings(spec),
    RestartPolicy: restartPolicy(spec),
    LogConfig: { Type: spec.logging?.driver ?? "", Config: spec.logging?.options ?? {} },
    ExtraHosts: (spec.extra_hosts ?? []).map((entry) => entry.replace("=", ":")),
    Privileged: spec.privileged ?? false,
    ReadonlyRootfs: spec.read_only ?? false,
    ...defined({
      CapAdd: spec.cap_add === undefined ? undefined : capabilities(spec.cap_add),
      CapDrop: spec.cap_drop === undefined ? undefined : capabilities(spec.cap_drop),
      Init: spec.init,
      Runtime: spec.runtime,
      GroupAdd: spec.group_add,
      Sysctls: spec.sysctls,
      Tmpfs: spec.tmpfs === undefined ? undefined : tmpfs(spec.tmpfs),
      Dns: spec.dns,
      DnsOptions: spec.dns_opt,
      DnsSearch: spec.dns_search,
      Links: linksOrNone(input),
      Annotations: spec.annotations,
      CgroupnsMode: spec.cgroup,
      Isolation: spec.isolation,
      StorageOpt: spec.storage_opt,
      UsernsMode: spec.userns_mode,
      UTSMode: spec.uts,
      IpcMode: spec.ipc === undefined ? undefined : resolveNamespace(spec.ipc, shares),
      PidMode: spec.pid === undefined ? undefined : resolveNamespace(spec.pid, shares),
      VolumesFrom: spec.volumes_from?.map((entry) => resolveVolumesFrom(entry, shares)),
    }),
    ...securityOptions(service),
    ...resources(spec),
  };
}

function networkMode(input: ContainerBodyInput): string {
  const { network_mode: mode } = input.service.spec;
  if (mode !== undefined && mode !== "") return resolveNamespace(mode, input.shares);
  const primary = input.networks[0];
  return primary === undefined ? "none" : networkName(primary, input.project);
}

function networkingConfig(input: ContainerBodyInput): CreateBody {
  if ((input.service.spec.network_mode ?? "") !== "" || input.networks.length === 0) return {};
  const { service, project, finalName, apiVersion } = input;
  const endpoints = input.networks.map((network) => [
    networkName(network, project),
    endpointBody({ service, project, network, finalName, links: links(input), apiVersion }),
  ]);
  return { NetworkingConfig: { EndpointsConfig: Object.fromEntries(endpoints) } };
}

function links(input: ContainerBodyInput): readonly string[] {
  return engineLinks(input.service, input.project, input.number, input.linkNames);
}

function linksOrNone(input: ContainerBodyInput): readonly string[] | undefined {
  const { links: own, external_links: external } = input.service.spec;
  return own === undefined && external === undefined ? undefined : links(input);
}

/** A variable without a value is sent by name alone: the engine keeps it so and the image's value goes. */
function environment(spec: ServiceSpec): readonly string[] {
  return Object.entries(spec.environment ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => (value === null ? key : `${key}=${value}`));
}

function exposedPorts(spec: ServiceSpec): CreateBody {
  const published = (spec.ports ?? []).map((port) => `${port.target}/${port.protocol}`);
  return Object.fromEntries([...(spec.expose ?? []), ...published].map((port) => [port, {}]));
}

function portBindings(spec: ServiceSpec): CreateBody {
  const bindings = new Map<string, { HostIp: string; HostPort: string }[]>();
  for (const port of spec.ports ?? []) {
    const key = `${port.target}/${port.protocol}`;
    const binding = { HostIp: port.host_ip ?? "", HostPort: port.published ?? "" };
    bindings.set(key, [...(bindings.get(key) ?? []), binding]);
  }
  return Object.fromEntries(bindings);
}

function tmpfs(entries: readonly string[]): CreateBody {
  return Object.fromEntries(
    entries.map((entry) => {
      const [path = "", ...options] = entry.split(":");
      return [path, options.join(":")];
    }),
  );
}
