// HostConfig: limits, ports, security, devices; the same values docker compose 2.40.3 was seen to send.
import { describe, expect, it } from "vitest";
import { containerBody } from "../../../src/core/container/index.ts";
import type { ServiceSpec } from "../../../src/core/model/index.ts";
import { input, service } from "./builders.ts";

function host(spec: Partial<ServiceSpec>, parts: Parameters<typeof input>[1] = {}): Record<string, unknown> {
  return containerBody(input(spec, parts)).HostConfig as Record<string, unknown>;
}

describe("HostConfig", () => {
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
  ])("must carry %s as docker compose does", (_title, spec, expected) => {
    expect(host(spec)).toMatchObject(expected);
  });

  it("must send a seccomp profile in place of its file, and every other option as it is", () => {
    const other = "label=level:seccomp=x";
    const option = "seccomp=./profile.json";
    const web = service({ security_opt: [option, other] }, { seccomp: { [option]: '{"a":1}' } });
    expect(host({}, { service: web })).toMatchObject({ SecurityOpt: ['seccomp={"a":1}', other] });
  });

  it("must leave a limit of zero to the engine, the short one counting beside deploy's", () => {
    const zero = { mem_limit: 0, cpus: 0, pids_limit: 0, shm_size: 0, memswap_limit: 0 };
    const sent = Object.keys(host(zero));
    for (const key of ["Memory", "NanoCpus", "PidsLimit", "ShmSize", "MemorySwap"]) {
      expect(sent).not.toContain(key);
    }
    const limits = { memory: 0, cpus: 0, pids: 0 };
    expect(host({ mem_limit: 1, cpus: 1, pids_limit: 1, deploy: { resources: { limits } } })).toMatchObject({
      Memory: 1,
      NanoCpus: 1e9,
      PidsLimit: 1,
    });
  });

  it("must take an empty deploy policy and an empty restart for no name", () => {
    const none = { RestartPolicy: { Name: "", MaximumRetryCount: 0 } };
    expect(host({ restart: "always", deploy: { restart_policy: {} } })).toMatchObject(none);
    expect(host({ restart: "" })).toMatchObject(none);
  });

  it("must carry options of requested devices, and of others nothing", () => {
    const devices = [
      { capabilities: ["gpu"], count: -1, options: { a: "b" } },
      { capabilities: ["tpu"], device_ids: ["0"] },
    ];
    expect(host({ deploy: { resources: { reservations: { devices } } } }).DeviceRequests).toStrictEqual([
      { Driver: "", Count: -1, Capabilities: [["gpu"]], Options: { a: "b" } },
      { Driver: "", Count: 0, DeviceIDs: ["0"], Capabilities: [["tpu"]] },
    ]);
  });

  it("must keep options of a tmpfs that hold a colon, and sort limits whatever their order", () => {
    expect(host({ tmpfs: ["/a:x:y"] })).toMatchObject({ Tmpfs: { "/a": "x:y" } });
    const names = ({ Ulimits }: { Ulimits?: unknown }) =>
      (Ulimits as { Name: string }[]).map((one) => one.Name);
    expect(names(host({ ulimits: { a: 1, c: 1, b: 1 } }))).toEqual(["a", "b", "c"]);
  });

  it("must trim capabilities, and leave the host port to the engine where none is given", () => {
    expect(host({ cap_add: [" sys_time "] })).toMatchObject({ CapAdd: ["CAP_SYS_TIME"] });
    expect(host({ ports: [{ mode: "ingress", target: 80, protocol: "tcp" }] })).toMatchObject({
      PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "" }] },
    });
  });

  it.each<[Partial<ServiceSpec>, Readonly<Record<string, unknown>>]>([
    [{ annotations: { a: "b" } }, { Annotations: { a: "b" } }],
    [
      { cgroup: "host", cgroup_parent: "/m" },
      { CgroupnsMode: "host", CgroupParent: "/m" },
    ],
    [
      { cpu_count: 2, cpu_percent: 50 },
      { CpuCount: 2, CpuPercent: 5000 },
    ],
    [
      { cpu_period: 1000, cpu_quota: -1 },
      { CpuPeriod: 1000, CpuQuota: -1 },
    ],
    [
      { cpu_rt_period: 3, cpu_rt_runtime: 4 },
      { CpuRealtimePeriod: 3, CpuRealtimeRuntime: 4 },
    ],
    [{ device_cgroup_rules: ["c 1:3 mr"] }, { DeviceCgroupRules: ["c 1:3 mr"] }],
    [{ external_links: ["redis", "db:mysql", "a:b:c"] }, { Links: ["redis:redis", "db:mysql", "a:a"] }],
    [{ isolation: "default" }, { Isolation: "default" }],
    [
      { mem_swappiness: 60, oom_kill_disable: true },
      { MemorySwappiness: 60, OomKillDisable: true },
    ],
    [{ storage_opt: { size: "1G" } }, { StorageOpt: { size: "1G" } }],
    [
      { userns_mode: "host", uts: "host" },
      { UsernsMode: "host", UTSMode: "host" },
    ],
    [
      {
        blkio_config: {
          weight: 300,
          weight_device: [{ path: "/dev/a", weight: 400 }],
          device_read_bps: [{ path: "/dev/a", rate: 1024 }],
          device_read_iops: [{ path: "/dev/a", rate: 2 }],
          device_write_bps: [{ path: "/dev/b" }],
          device_write_iops: [{ rate: 4 }],
        },
      },
      {
        BlkioWeight: 300,
        BlkioWeightDevice: [{ Path: "/dev/a", Weight: 400 }],
        BlkioDeviceReadBps: [{ Path: "/dev/a", Rate: 1024 }],
        BlkioDeviceReadIOps: [{ Path: "/dev/a", Rate: 2 }],
        BlkioDeviceWriteBps: [{ Path: "/dev/b", Rate: 0 }],
        BlkioDeviceWriteIOps: [{ Path: "", Rate: 4 }],
      },
    ],
  ])("%j must be sent as %j, and be absent where it is not said", (spec, sent) => {
    expect(host(spec)).toMatchObject(sent);
    for (const key of Object.keys(sent))
      if (key !== "OomKillDisable") expect(host({})).not.toHaveProperty(key);
  });

  it("must pass the built-in seccomp profile on", () => {
    expect(host({ security_opt: ["seccomp=builtin"] })).toMatchObject({ SecurityOpt: ["seccomp=builtin"] });
  });

  it("must not take a name that every object has for a known container", () => {
    expect(() => host({ pid: "service:constructor" })).toThrow(/service constructor is shared/);
  });

  it("must take an empty network_mode for none given", () => {
    expect(host({ network_mode: "" })).toMatchObject({ NetworkMode: "p_default" });
  });
});
