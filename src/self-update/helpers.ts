// The two containers beside the successor, both made after it: one in which the new image looks round before anything is
// touched, and the updater that hands over. Neither has a published port, a fixed address or a volume of its own. Pure.
import { apiAtLeast } from "../core/container/index.ts";
import { type Json, list, object, text, texts } from "../core/model/engine-json.ts";
import { AGENT, type AgentRole, type HandOver } from "../core/model/index.ts";
import type { Blueprint } from "../ports/index.ts";
import type { MadeContainer } from "./successor.ts";

export interface HelperInput {
  /** Of the successor, as it was made. */
  readonly blueprint: Blueprint;
  /** Words after the command: which configuration file is in use. */
  readonly options: readonly string[];
  readonly apiVersion: string;
}

/** API version from which one create call takes several networks. */
const MULTIPLE_ENDPOINTS = 44;
/** Their logs are read by the agent, which not every driver allows. */
const LOG = { Type: "json-file", Config: { "max-size": "1m", "max-file": "2" } };

/** Who may do what: as the successor, or it could prove nothing. */
const RIGHTS = [
  "CapAdd",
  "CapDrop",
  "GroupAdd",
  "Privileged",
  "Runtime",
  "SecurityOpt",
  "UsernsMode",
] as const;
const NAMES = ["Dns", "DnsOptions", "DnsSearch", "ExtraHosts"] as const;

/** `doctor --json` of the new image, with everything that the successor has but its ports and addresses. */
export function preflightOf({ blueprint, options, apiVersion }: HelperInput): MadeContainer {
  const host = object(blueprint.container.HostConfig);
  const hostConfig = {
    ...host,
    PortBindings: {},
    PublishAllPorts: false,
    RestartPolicy: { Name: "no" },
    AutoRemove: false,
    LogConfig: LOG,
  };
  const command = ["doctor", "--json", ...options];
  return made("preflight", command, blueprint, hostConfig, networksOf(blueprint, apiVersion), {});
}

export interface UpdaterInput extends HelperInput {
  readonly handOver: HandOver;
  /** Paths that it has to see as the agent does: the engine's socket, configuration, certificates. */
  readonly needs: readonly string[];
  /** Whether the engine is spoken to over the network. */
  readonly remoteEngine: boolean;
}

/**
 * `updater` of the new image: the engine's socket and the configuration, and nothing else of the agent's. It comes back
 * after a crash and after a reboot until it has done what it is for.
 */
export function updaterOf(input: UpdaterInput): MadeContainer {
  const { blueprint, options, handOver, apiVersion, remoteEngine } = input;
  const host = object(blueprint.container.HostConfig);
  const kept = remoteEngine ? [...RIGHTS, ...NAMES] : RIGHTS;
  const hostConfig = {
    ...Object.fromEntries(kept.flatMap((key) => (host[key] == null ? [] : [[key, host[key]]]))),
    NetworkMode: remoteEngine ? host.NetworkMode : "none",
    Mounts: neededMounts(blueprint, input.needs),
    RestartPolicy: { Name: "always" },
    LogConfig: LOG,
  };
  const networks = remoteEngine ? networksOf(blueprint, apiVersion) : NO_NETWORKS;
  const command = ["updater", ...options];
  return made("updater", command, blueprint, hostConfig, networks, handOverLabels(handOver));
}

/** The record of a hand-over as labels. */
export function handOverLabels(handOver: HandOver): Readonly<Record<string, string>> {
  return {
    [AGENT.old]: handOver.old,
    [AGENT.successor]: handOver.successor,
    [AGENT.name]: handOver.name,
    [AGENT.restartPolicy]: handOver.restartPolicy,
    [AGENT.digest]: handOver.digest,
  };
}

interface Networks {
  readonly first: readonly string[];
  readonly further: readonly string[];
}

const NO_NETWORKS: Networks = { first: [], further: [] };

function made(
  role: AgentRole,
  command: readonly string[],
  { container }: Blueprint,
  hostConfig: Json,
  networks: Networks,
  labels: Readonly<Record<string, string>>,
): MadeContainer {
  const config = object(container.Config);
  const endpoints = Object.fromEntries(networks.first.map((name) => [name, {}]));
  return {
    body: {
      Image: container.Image,
      Cmd: command,
      Env: texts(config.Env),
      User: text(config.User),
      // Health is asked for by whoever waits.
      Healthcheck: { Test: ["NONE"] },
      Labels: { ...labels, [AGENT.role]: role },
      HostConfig: hostConfig,
      ...(networks.first.length === 0 ? {} : { NetworkingConfig: { EndpointsConfig: endpoints } }),
    },
    further: networks.further.map((network) => ({ network, endpoint: {} })),
  };
}

/** The networks of the successor, in which the helper is one more without a name. */
function networksOf({ container }: Blueprint, apiVersion: string): Networks {
  const { NetworkMode: mode } = object(container.HostConfig);
  if (mode === "host" || mode === "none" || text(mode).startsWith("container:")) return NO_NETWORKS;
  const names = Object.keys(object(object(container.NetworkSettings).Networks));
  if (names.length <= 1) return NO_NETWORKS;
  if (apiAtLeast(apiVersion, MULTIPLE_ENDPOINTS)) return { first: names, further: [] };
  return { first: [], further: names.filter((name) => name !== mode) };
}

function neededMounts({ container }: Blueprint, needs: readonly string[]): readonly Json[] {
  return list(container.Mounts)
    .map(object)
    .filter(({ Destination }) => needs.some((path) => isIn(path, text(Destination))))
    .map(({ Type, Name, Source, Destination, RW }) => ({
      Type,
      Source: Type === "volume" ? Name : Source,
      Target: Destination,
      ReadOnly: RW === false,
    }));
}

function isIn(path: string, directory: string): boolean {
  const [inner, outer] = [canonical(path), canonical(directory)];
  return outer !== "" && (inner === outer || inner.startsWith(`${outer.replace(/\/$/, "")}/`));
}

/** In images as on boards, /var/run is a link to /run: either may be mounted and the other named. */
function canonical(path: string): string {
  return path.replace(/^\/var\/run(?=\/|$)/, "/run");
}
