// A container as a real engine (20.10, API 1.41) tells of it, to be changed part by part and compared with a service.
import { containerBody, differences } from "../../../src/core/container/index.ts";
import type { ContainerDetails, ServiceSpec } from "../../../src/core/model/index.ts";
import { input } from "./builders.ts";

export const ID = "90848f09b92dfe357b8d4c329ceb8c2ce16eacbdbc37b516788e3e937c83db8a";
const HIDDEN = { MaskedPaths: ["/proc/asound", "/proc/acpi"], ReadonlyPaths: ["/proc/bus", "/proc/fs"] };

export const ENDPOINT = {
  IPAMConfig: null,
  Links: null,
  Aliases: ["p-web-1", "web", "90848f09b92d"],
  Gateway: "172.18.0.1",
  IPAddress: "172.18.0.2",
  MacAddress: "02:42:ac:12:00:02",
  DriverOpts: null,
};

/** A service of which the file says nothing but its image, as the engine shows it. */
const PLAIN: ContainerDetails = {
  config: {
    ...{ Hostname: "90848f09b92d", Domainname: "", User: "", AttachStdin: false, AttachStdout: true },
    ...{ ExposedPorts: { "8080/tcp": {} }, Tty: false, OpenStdin: false, StdinOnce: false },
    ...{ Env: ["PATH=/bin", "APP_VERSION=1"], Cmd: ["/start"], Image: "x", Volumes: null, WorkingDir: "" },
    ...{ Entrypoint: null, OnBuild: null },
    Labels: {
      "com.docker.compose.project": "p",
      "com.docker.compose.version": "2.26.1-4",
      "org.opencontainers.image.version": "1",
    },
  },
  hostConfig: {
    ...{
      Binds: null,
      ContainerIDFile: "",
      LogConfig: { Type: "json-file", Config: {} },
      NetworkMode: "p_default",
    },
    ...{
      PortBindings: {},
      RestartPolicy: { Name: "", MaximumRetryCount: 0 },
      AutoRemove: false,
      VolumesFrom: null,
    },
    ...{ CapAdd: null, CapDrop: null, CgroupnsMode: "host", Dns: null, ExtraHosts: [], IpcMode: "private" },
    ...{ Links: null, OomScoreAdj: 0, PidMode: "", Privileged: false, SecurityOpt: null, ShmSize: 67108864 },
    ...{ Runtime: "runc", ConsoleSize: [0, 0], CpuShares: 0, Memory: 0, Devices: [], MemorySwap: 0 },
    ...{ MemorySwappiness: null, OomKillDisable: false, PidsLimit: null, Ulimits: null, ...HIDDEN },
  },
  networks: { p_default: ENDPOINT },
  image: {
    ...{
      Env: ["PATH=/bin", "APP_VERSION=1"],
      Cmd: ["/start"],
      ExposedPorts: { "8080/tcp": {} },
      Volumes: null,
    },
    ...{ Labels: { "org.opencontainers.image.version": "1" } },
  },
  engine: { hostName: "board", runtime: "runc", logDriver: "json-file", cgroupVersion: "1", unenforced: [] },
};

export interface Made {
  readonly config?: object;
  readonly host?: object;
  readonly networks?: object;
  readonly image?: object;
  readonly engine?: object;
}

function made(parts: Made): ContainerDetails {
  return {
    config: { ...PLAIN.config, ...parts.config },
    hostConfig: { ...PLAIN.hostConfig, ...parts.host },
    networks: { ...(parts.networks ?? PLAIN.networks) },
    image: { ...PLAIN.image, ...parts.image },
    engine: { ...PLAIN.engine, ...parts.engine },
  };
}

/** Fields in which a container made for a service that says nothing else differs. */
export function differing(
  spec: Partial<ServiceSpec>,
  parts: Made = {},
  given: Parameters<typeof input>[1] = {},
) {
  return differences(containerBody(input(spec, { apiVersion: "1.41", ...given })), ID, made(parts));
}

/** The same for two sides in the engine's own words; what neither names is as the plain service has it. */
export function compared(wanted: Made, found: Made): readonly string[] {
  const body = containerBody(input({}, { apiVersion: "1.41" }));
  const HostConfig = { ...(body.HostConfig as object), ...wanted.host };
  const NetworkingConfig = wanted.networks ? { EndpointsConfig: wanted.networks } : body.NetworkingConfig;
  const asked = { ...body, ...wanted.config, HostConfig, NetworkingConfig };
  return differences(asked, ID, made(found));
}
