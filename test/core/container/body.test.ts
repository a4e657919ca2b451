// What is sent must be what docker compose 2.40.3 sends for the same file (each body was compared with its requests).
import { describe, expect, it } from "vitest";
import { composeHashes } from "../../../src/core/compose/hash/index.ts";
import {
  containerBody,
  containerName,
  platformParameter,
  withShares,
} from "../../../src/core/container/index.ts";
import type { ServiceSpec } from "../../../src/core/model/index.ts";
import { IMAGE_ID, input, PROJECT, service } from "./builders.ts";

function host(spec: Partial<ServiceSpec>, parts: Parameters<typeof input>[1] = {}): Record<string, unknown> {
  return containerBody(input(spec, parts)).HostConfig as Record<string, unknown>;
}

describe("containerBody", () => {
  it("of a bare service must be complete and nothing more", () => {
    const bare = input();
    expect(containerBody(bare)).toEqual({
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
      OpenStdin: false,
      StdinOnce: false,
      Image: "x",
      Env: [],
      ExposedPorts: {},
      Labels: {
        "com.docker.compose.project": "p",
        "com.docker.compose.service": "web",
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.container-number": "1",
        "com.docker.compose.config-hash": bare.service.composeHashes[0],
        "com.docker.compose.image": IMAGE_ID,
        "com.docker.compose.depends_on": "",
        "com.docker.compose.project.working_dir": "/srv/p",
        "com.docker.compose.project.config_files": "/srv/p/compose.yaml,/srv/p/more.yaml",
        "com.docker.compose.version": "2.40.3",
        "io.boardhand.definition-hash": bare.service.definitionHash,
        "io.boardhand.restart-policy": "no",
        "io.boardhand.revision": "rev",
      },
      HostConfig: {
        Binds: [],
        Mounts: [],
        NetworkMode: "p_default",
        PortBindings: {},
        RestartPolicy: { Name: "", MaximumRetryCount: 0 },
        LogConfig: { Type: "", Config: {} },
        ExtraHosts: [],
        Privileged: false,
        ReadonlyRootfs: false,
        OomKillDisable: false,
        Devices: [],
      },
      NetworkingConfig: {
        EndpointsConfig: { p_default: { Aliases: ["p-web-1", "web"], IPAMConfig: null } },
      },
    });
  });

  it.each<[string, Partial<ServiceSpec>, Record<string, unknown>]>([
    [
      "names",
      { hostname: "h", domainname: "d", user: "1", working_dir: "/w" },
      { Hostname: "h", Domainname: "d", User: "1", WorkingDir: "/w" },
    ],
    ["an empty command", { command: [], entrypoint: null }, { Cmd: [] }],
    ["an entrypoint", { entrypoint: ["/a"], command: ["b"] }, { Entrypoint: ["/a"], Cmd: ["b"] }],
    ["the environment", { environment: { B: "1=2", A: null, C: "" } }, { Env: ["A", "B=1=2", "C="] }],
    [
      "stopping",
      { stop_grace_period: 1_900e6, stop_signal: "SIGINT" },
      { StopTimeout: 1, StopSignal: "SIGINT" },
    ],
    ["a terminal", { tty: true, stdin_open: true }, { Tty: true, OpenStdin: true }],
    [
      "a disabled health check",
      { healthcheck: { disable: true, test: ["CMD", "a"] } },
      { Healthcheck: { Test: ["NONE"] } },
    ],
    [
      "a health check",
      {
        healthcheck: {
          test: ["CMD", "a"],
          interval: 5e9,
          timeout: 1e9,
          start_period: 2e9,
          start_interval: 1e8,
          retries: 3,
        },
      },
      {
        Healthcheck: {
          Test: ["CMD", "a"],
          Interval: 5e9,
          Timeout: 1e9,
          StartPeriod: 2e9,
          StartInterval: 1e8,
          Retries: 3,
        },
      },
    ],
    [
      "exposed and published ports",
      { expose: ["7000"], ports: [{ mode: "ingress", target: 80, protocol: "udp" }] },
      { ExposedPorts: { "7000": {}, "80/udp": {} } },
    ],
  ])("must carry %s into the configuration", (_title, spec, expected) => {
    expect(containerBody(input(spec))).toMatchObject(expected);
  });

  it.each<[string, Partial<ServiceSpec>, Record<string, unknown>]>([
    [
      "several bindings of one port",
      {
        ports: [
          { mode: "ingress", target: 80, published: "8080", protocol: "tcp", host_ip: "127.0.0.1" },
          { mode: "ingress", target: 80, published: "8000-8010", protocol: "tcp" },
        ],
      },
      {
        PortBindings: {
          "80/tcp": [
            { HostIp: "127.0.0.1", HostPort: "8080" },
            { HostIp: "", HostPort: "8000-8010" },
          ],
        },
      },
    ],
    [
      "a restart count",
      { restart: "on-failure:3" },
      { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } },
    ],
    [
      "deploy's restart policy before restart",
      { restart: "always", deploy: { restart_policy: { condition: "any", max_attempts: 2 } } },
      { RestartPolicy: { Name: "always", MaximumRetryCount: 2 } },
    ],
    [
      "deploy's policy none as no",
      { deploy: { restart_policy: { condition: "none" } } },
      { RestartPolicy: { Name: "no", MaximumRetryCount: 0 } },
    ],
    [
      "capabilities as docker's client does",
      { cap_add: ["sys_time", "CAP_SYS_TIME", "all"], cap_drop: ["mknod"] },
      { CapAdd: ["ALL", "CAP_SYS_TIME"], CapDrop: ["CAP_MKNOD"] },
    ],
    [
      "extra hosts with IPv6",
      { extra_hosts: ["a=::1", "b=1.2.3.4"] },
      { ExtraHosts: ["a:::1", "b:1.2.3.4"] },
    ],
    [
      "tmpfs with and without options",
      { tmpfs: ["/run:size=1m,mode=1777", "/tmp"] },
      { Tmpfs: { "/run": "size=1m,mode=1777", "/tmp": "" } },
    ],
    [
      "open system paths",
      { security_opt: ["systempaths=unconfined", "seccomp:unconfined"] },
      { SecurityOpt: ["seccomp:unconfined"], MaskedPaths: [], ReadonlyPaths: [] },
    ],
    [
      "logging",
      { logging: { driver: "local", options: { "max-size": "1m" } } },
      { LogConfig: { Type: "local", Config: { "max-size": "1m" } } },
    ],
    [
      "flags",
      { privileged: true, read_only: true, init: false, runtime: "runc" },
      { Privileged: true, ReadonlyRootfs: true, Init: false, Runtime: "runc" },
    ],
    [
      "name servers",
      { dns: ["1.1.1.1"], dns_opt: ["ndots:1"], dns_search: ["a"] },
      { Dns: ["1.1.1.1"], DnsOptions: ["ndots:1"], DnsSearch: ["a"] },
    ],
    [
      "sysctls and groups",
      { sysctls: { a: "1" }, group_add: ["audio"] },
      { Sysctls: { a: "1" }, GroupAdd: ["audio"] },
    ],
    [
      "limits, processors in 32-bit arithmetic",
      {
        cpus: 0.13,
        mem_limit: 10,
        mem_reservation: 5,
        memswap_limit: -1,
        shm_size: 7,
        cpu_shares: 2,
        cpuset: "0",
        pids_limit: -1,
        oom_score_adj: -5,
      },
      {
        NanoCpus: 129_999_992,
        Memory: 10,
        MemoryReservation: 5,
        MemorySwap: -1,
        ShmSize: 7,
        CpuShares: 2,
        CpusetCpus: "0",
        PidsLimit: -1,
        OomScoreAdj: -5,
      },
    ],
    [
      "deploy's limits before the short ones",
      {
        mem_limit: 1,
        cpus: 1,
        pids_limit: 1,
        deploy: {
          resources: { limits: { memory: 2, cpus: 0.5, pids: 3 }, reservations: { memory: 4, cpus: 9 } },
        },
      },
      { Memory: 2, NanoCpus: 500_000_000, PidsLimit: 3, MemoryReservation: 4 },
    ],
    [
      "ulimits by name",
      { ulimits: { nproc: 5, core: { soft: 1, hard: 2 } } },
      {
        Ulimits: [
          { Name: "core", Soft: 1, Hard: 2 },
          { Name: "nproc", Soft: 5, Hard: 5 },
        ],
      },
    ],
    [
      "devices",
      { devices: [{ source: "/dev/a", target: "/dev/b", permissions: "r" }] },
      { Devices: [{ PathOnHost: "/dev/a", PathInContainer: "/dev/b", CgroupPermissions: "r" }] },
    ],
    [
      "requested devices",
      {
        deploy: {
          resources: {
            reservations: {
              devices: [
                { capabilities: ["gpu"], driver: "nvidia", count: -1 },
                { capabilities: ["gpu"], device_ids: ["0"] },
              ],
            },
          },
        },
      },
      {
        DeviceRequests: [
          { Driver: "nvidia", Count: -1, Capabilities: [["gpu"]] },
          { Driver: "", Count: 0, DeviceIDs: ["0"], Capabilities: [["gpu"]] },
        ],
      },
    ],
  ])("must carry %s into HostConfig", (_title, spec, expected) => {
    expect(host(spec)).toMatchObject(expected);
  });

  it("must refuse a seccomp profile from a file, and start_interval where the engine would ignore it", () => {
    expect(() => host({ security_opt: ["seccomp=./profile.json"] })).toThrow(
      expect.objectContaining({ code: "E_COMPOSE", retry: "never" }),
    );
    const healthcheck = { test: ["CMD", "a"], start_interval: 1e9, start_period: 1e9 };
    expect(() => host({ healthcheck }, { apiVersion: "1.43" })).toThrow(/API 1\.44, this one has 1\.43/);
    expect(() => host({ healthcheck: { start_interval: 1e9 } })).toThrow(/without start_period/);
  });

  it("must share by container id and hash what it shares, as docker compose does", () => {
    const spec: ServiceSpec = {
      image: "x",
      network_mode: "service:vpn",
      pid: "service:vpn",
      ipc: "shareable",
      volumes_from: ["vpn:ro", "container:other:rw", "container:plain"],
    };
    const shares = { vpn: "abc" };
    const body = containerBody(
      input({}, { service: service({}, { spec, sharesWith: ["vpn"] }), networks: [], shares }),
    );
    expect(body.HostConfig).toMatchObject({
      NetworkMode: "container:abc",
      PidMode: "container:abc",
      IpcMode: "shareable",
      VolumesFrom: ["abc:ro", "other:rw", "plain"],
    });
    expect(body).not.toHaveProperty("NetworkingConfig");
    const hashed = {
      ...spec,
      network_mode: "container:abc",
      pid: "container:abc",
      volumes_from: ["abc", "other", "plain"],
    };
    expect(withShares(spec, shares)).toEqual(hashed);
    expect(body.Labels).toMatchObject({ "com.docker.compose.config-hash": composeHashes(hashed)[0] });
    expect(() => withShares(spec, {})).toThrow(/service vpn is shared but has no container/);
  });

  it("must not let a label of the file stand in for one of the tool", () => {
    const labels = { "com.docker.compose.project": "other", mine: "1" };
    expect(containerBody(input({ labels })).Labels).toMatchObject({
      "com.docker.compose.project": "p",
      mine: "1",
    });
  });

  it("must label dependencies, environment files and the digests it was pinned to", () => {
    const body = containerBody(
      input(
        {},
        {
          project: { ...PROJECT, environmentFiles: ["a.env", "b.env"] },
          service: service(
            {},
            {
              dependsOn: [
                { service: "db", condition: "service_healthy", restart: true, required: true },
                { service: "mq", condition: "service_started", restart: false, required: false },
              ],
            },
          ),
          pinned: {
            reference: "x",
            name: "docker.io/library/x",
            tag: "latest",
            indexDigest: "sha256:1",
            platformDigest: "sha256:2",
            configDigest: "sha256:3",
            platform: { os: "linux", architecture: "arm", variant: "v7" },
            layers: [],
          },
        },
      ),
    );
    expect(body.Labels).toMatchObject({
      "com.docker.compose.depends_on": "db:service_healthy:true,mq:service_started:false",
      "com.docker.compose.project.environment_file": "a.env,b.env",
      "io.boardhand.index-digest": "sha256:1",
      "io.boardhand.platform-digest": "sha256:2",
    });
  });
});

describe("names", () => {
  it("must be compose's, or the one the file gives", () => {
    expect(containerName(PROJECT, service(), 2)).toBe("p-web-2");
    expect(containerName(PROJECT, service({ container_name: "own" }), 1)).toBe("own");
  });

  it("must ask for a platform only where the service does", () => {
    expect(platformParameter(service())).toBeNull();
    const platform = { os: "linux", architecture: "arm", variant: "v7" };
    expect(platformParameter(service({}, { platform }))).toBe("linux/arm/v7");
  });
});
