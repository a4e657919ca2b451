// The next agent's container where no compose file says what it is: what the present one was made with, minus what came
// from its image, so that the new image's own word counts. Pure; refuses nothing.
import { apiAtLeast } from "../core/container/index.ts";
import { type Json, list, object, text, textMap, texts } from "../core/model/engine-json.ts";
import { AGENT, BOARDHAND, COMPOSE, type PinnedImage } from "../core/model/index.ts";
import type { Blueprint, CreateContainerBody } from "../ports/index.ts";

export interface MadeContainer {
  readonly body: CreateContainerBody;
  /** Networks that this engine does not take in the create call. */
  readonly further: readonly { readonly network: string; readonly endpoint: Json }[];
}

export interface SuccessorInput {
  /** Of the present agent. */
  readonly blueprint: Blueprint;
  readonly image: PinnedImage;
  /** What the engine calls the new image. */
  readonly imageId: string;
  readonly apiVersion: string;
  /** The engine's own host name: that of every container on the host's network. */
  readonly hostName: string;
}

/** API version from which one create call takes several networks. */
const MULTIPLE_ENDPOINTS = 44;

/** The body of `POST /containers/create`, and what has to be connected after it. */
export function successorOf(input: SuccessorInput): MadeContainer {
  const { blueprint, image, imageId, apiVersion } = input;
  const { container } = blueprint;
  const config = object(container.Config);
  const networks = endpointsOf(container);
  const mode = text(object(container.HostConfig).NetworkMode);
  const first = networks.filter(([name]) => apiAtLeast(apiVersion, MULTIPLE_ENDPOINTS) || name === mode);
  return {
    body: {
      ...ownConfig(config, object(object(blueprint.image).Config)),
      ...hostWords(container, input),
      Image: image.reference,
      Labels: labelsOf(config, object(object(blueprint.image).Config), image, imageId),
      HostConfig: hostConfigOf(container),
      ...(first.length === 0 ? {} : { NetworkingConfig: { EndpointsConfig: Object.fromEntries(first) } }),
    },
    further: networks
      .filter((one) => !first.includes(one))
      .map(([network, endpoint]) => ({ network, endpoint })),
  };
}

/** What somebody asked for beyond the image. Fields that are the image's own are left out. */
function ownConfig(config: Json, image: Json): Json {
  const own: Record<string, unknown> = {};
  for (const key of ["User", "WorkingDir", "StopSignal", "Healthcheck", "Shell"] as const) {
    if (isSaid(config[key]) && !same(config[key], image[key])) own[key] = config[key];
  }
  for (const key of ["Tty", "OpenStdin", "StdinOnce", "StopTimeout", "NetworkDisabled"] as const) {
    if (isSaid(config[key])) own[key] = config[key];
  }
  // With an entry point of one's own the engine takes no command from the image: they are sent together.
  const entrypoint = isSaid(config.Entrypoint) && !same(config.Entrypoint, image.Entrypoint);
  if (entrypoint) own.Entrypoint = config.Entrypoint;
  if (isSaid(config.Cmd) && (entrypoint || !same(config.Cmd, image.Cmd))) own.Cmd = config.Cmd;
  const fromImage = new Set(texts(image.Env));
  own.Env = texts(config.Env).filter((entry) => !fromImage.has(entry));
  own.ExposedPorts = without(object(config.ExposedPorts), object(image.ExposedPorts));
  return own;
}

/** Names and addresses of the machine, where they are somebody's wish and not the engine's doing. */
function hostWords(container: Json, { apiVersion, hostName }: SuccessorInput): Json {
  const config = object(container.Config);
  const host = object(container.HostConfig);
  const hostname = text(config.Hostname);
  const joins = text(host.NetworkMode).startsWith("container:") || text(host.UTSMode) === "host";
  const given = hostname !== "" && hostname !== text(container.Id).slice(0, 12) && hostname !== hostName;
  const domain = text(config.Domainname);
  const mac = text(config.MacAddress);
  return {
    ...(given && !joins ? { Hostname: hostname } : {}),
    ...(domain !== "" && !joins ? { Domainname: domain } : {}),
    ...(mac !== "" && !apiAtLeast(apiVersion, MULTIPLE_ENDPOINTS) ? { MacAddress: mac } : {}),
  };
}

function labelsOf(config: Json, image: Json, pinned: PinnedImage, imageId: string): Json {
  const ofImage = textMap(image.Labels);
  const handOver: ReadonlySet<string> = new Set(Object.values(AGENT));
  const own = Object.entries(textMap(config.Labels)).filter(
    ([name, value]) => ofImage[name] !== value && !handOver.has(name),
  );
  const labels: Record<string, string> = Object.fromEntries(own);
  // By this one docker compose knows whether a container runs the image of its tag.
  if (labels[COMPOSE.image] !== undefined) labels[COMPOSE.image] = imageId;
  labels[BOARDHAND.platformDigest] = pinned.platformDigest;
  labels[BOARDHAND.indexDigest] = pinned.indexDigest;
  return labels;
}

/** As it is, with the nameless volumes of the present container by their names, so that nothing in them is lost. */
function hostConfigOf(container: Json): Json {
  const host = object(container.HostConfig);
  const named = list(container.Mounts)
    .map(object)
    .filter(({ Type }) => Type === "volume");
  const volumeAt = (target: unknown) => named.find(({ Destination }) => Destination === target);
  const mounts = list(host.Mounts)
    .map(object)
    .map((mount) =>
      mount.Type === "volume" && !isSaid(mount.Source)
        ? { ...mount, Source: text(volumeAt(mount.Target)?.Name) }
        : mount,
    );
  const targets = new Set([
    ...mounts.map(({ Target }) => text(Target)),
    ...texts(host.Binds).map((bind) => bind.split(":")[1] ?? ""),
  ]);
  const nameless = named
    .filter(({ Destination, Name }) => text(Name) !== "" && !targets.has(text(Destination)))
    .map(({ Destination, Name, RW }) => ({
      Type: "volume",
      Source: Name,
      Target: Destination,
      ReadOnly: RW === false,
    }));
  const { ContainerIDFile: _written, ...rest } = host;
  const all = [...mounts, ...nameless];
  return { ...rest, ...(all.length === 0 ? {} : { Mounts: all }) };
}

/** The networks that were asked for, with names and addresses of the person's, without those of the engine's. */
function endpointsOf(container: Json): readonly (readonly [string, Json])[] {
  const { NetworkMode: mode } = object(container.HostConfig);
  const id = text(container.Id);
  if (mode === "host" || mode === "none" || text(mode).startsWith("container:")) return [];
  const networks = Object.entries(object(object(container.NetworkSettings).Networks));
  return networks.flatMap(([name, value]) => {
    // The one that every container gets is called by the mode alone.
    if (name === "bridge" && networks.length === 1) return [];
    return [[name, endpointOf(object(value), id)] as const];
  });
}

function endpointOf(network: Json, id: string): Json {
  const aliases = texts(network.Aliases).filter((alias) => !id.startsWith(alias) || alias.length < 12);
  const addresses = object(network.IPAMConfig);
  return {
    ...(aliases.length === 0 ? {} : { Aliases: aliases }),
    ...(Object.values(addresses).some(isSaid) ? { IPAMConfig: addresses } : {}),
    ...(list(network.Links).length === 0 ? {} : { Links: network.Links }),
    ...(Object.keys(object(network.DriverOpts)).length === 0 ? {} : { DriverOpts: network.DriverOpts }),
    ...(isSaid(network.GwPriority) && network.GwPriority !== 0 ? { GwPriority: network.GwPriority } : {}),
  };
}

function without(all: Json, taken: Json): Json {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !(key in taken)));
}

function isSaid(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return false;
  return !Array.isArray(value) || value.length > 0;
}

/** The engine writes the fields of an object in one order, whoever made it. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}
