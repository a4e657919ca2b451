// What is compared was told by a real engine (20.10, API 1.41), or follows its rules; test/scenarios/compose/compared
// holds all of it against engines.
import { describe, expect, it } from "vitest";
import { differing, ENDPOINT, ID, type Made } from "./told.ts";

describe("a container of a service without a word of its own", () => {
  it("must differ in nothing", () => {
    expect(differing({})).toEqual([]);
  });

  it.each<[string, Made]>([
    ["environment", { config: { Env: ["PATH=/bin", "APP_VERSION=1", "MORE="] } }],
    ["environment", { config: { Env: ["PATH=/bin"] } }],
    ["command", { config: { Cmd: ["/start", ""] } }],
    ["entrypoint", { config: { Entrypoint: ["/start"] } }],
    ["labels", { config: { Labels: { "org.opencontainers.image.version": "1", empty: "" } } }],
    ["labels", { config: { Labels: {} } }],
    ["hostname", { config: { Hostname: "own" } }],
    ["image", { config: { Image: "y" } }],
    ["stdin_open", { config: { StdinOnce: true } }],
    ["stop_grace_period", { config: { StopTimeout: 0 } }],
    ["expose", { config: { ExposedPorts: { "8080/tcp": {}, "9/udp": {} } } }],
    ["mac_address", { config: { MacAddress: "02:42:ac:11:65:43" } }],
    ["network_mode", { config: { NetworkDisabled: true } }],
    ["volumes", { config: { Volumes: { "/data": {} } } }],
    ["volumes", { host: { Binds: ["/srv:/srv:rw"] } }],
    ["volumes", { host: { Mounts: [{ Type: "volume", Target: "/data" }] } }],
    ["ports", { host: { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "" }] } } }],
    ["restart", { host: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 0 } } }],
    ["logging", { host: { LogConfig: { Type: "json-file", Config: { "max-size": "1m" } } } }],
    ["logging", { host: { LogConfig: { Type: "local", Config: {} } } }],
    ["cgroup", { host: { CgroupnsMode: "private" } }],
    ["ipc", { host: { IpcMode: "shareable" } }],
    ["shm_size", { host: { ShmSize: 1 } }],
    ["runtime", { host: { Runtime: "crun" } }],
    ["mem_swappiness", { host: { MemorySwappiness: 10 } }],
    ["security_opt", { host: { SecurityOpt: ["label=disable"] } }],
    ["security_opt", { host: { MaskedPaths: [], ReadonlyPaths: [] } }],
    ["network_mode", { host: { NetworkMode: "bridge" } }],
    ["networks", { networks: { p_default: { ...ENDPOINT, Aliases: ["p-web-1", "web", "more"] } } }],
    ["networks", { networks: { p_default: { ...ENDPOINT, Aliases: ["web"] } } }],
    ["networks", { networks: { p_default: { ...ENDPOINT, IPAMConfig: { IPv4Address: "10.0.0.2" } } } }],
    ["networks", { networks: { p_default: ENDPOINT, other: ENDPOINT } }],
    ["links", { networks: { p_default: { ...ENDPOINT, Links: ["p-db-1:db"] } } }],
    ["IOMaximumIOps", { host: { IOMaximumIOps: 5 } }],
    ["FromTheFuture", { host: { FromTheFuture: ["on"] } }],
  ])("must differ in %s where only that was given", (field, parts) => {
    expect(differing({}, parts)).toContain(field);
    expect(differing({}, parts).filter((one) => one !== field && one !== "networks")).toEqual([]);
  });
});

describe("what the image says", () => {
  it("must stand where the file is silent, and be replaced key by key where it is not", () => {
    const image = { User: "app", WorkingDir: "/app", StopSignal: "SIGINT", Volumes: { "/data": {} } };
    const config = { User: "app", WorkingDir: "/app", StopSignal: "SIGINT", Volumes: { "/data": {} } };
    expect(differing({}, { image, config })).toEqual([]);
    const own = { user: "root", working_dir: "/srv/", stop_signal: "SIGTERM" };
    const asked = { User: "root", WorkingDir: "/srv", StopSignal: "SIGTERM" };
    expect(differing(own, { image, config: { ...config, ...asked } })).toEqual([]);
    expect(differing(own, { image, config })).toEqual(["stop_signal", "user", "working_dir"]);
    const Env = ["APP_VERSION=2", "PATH"];
    expect(differing({ environment: { APP_VERSION: "2", PATH: null } }, { config: { Env } })).toEqual([]);
  });

  it("must lose its command to an entrypoint, and keep it beside none", () => {
    expect(differing({ entrypoint: ["/run"] }, { config: { Entrypoint: ["/run"], Cmd: null } })).toEqual([]);
    expect(differing({ entrypoint: ["/run"] }, { config: { Entrypoint: ["/run"] } })).toEqual(["command"]);
    const image = { Entrypoint: ["/init"] };
    expect(differing({}, { image, config: { Entrypoint: ["/init"] } })).toEqual([]);
    expect(differing({ entrypoint: [] }, { image, config: { Entrypoint: [] } })).toEqual([]);
    expect(differing({ entrypoint: [] }, { image, config: { Entrypoint: ["/init"] } })).toEqual([
      "entrypoint",
    ]);
    expect(differing({ command: ["x"] }, { image, config: { Entrypoint: ["/init"], Cmd: ["x"] } })).toEqual(
      [],
    );
  });

  it("must fill the gaps of a health check", () => {
    const image = { Healthcheck: { Test: ["CMD", "/ok"], Interval: 5, Retries: 3 } };
    const Healthcheck = { Test: ["CMD", "/ok"], Interval: 7, Retries: 3 };
    expect(differing({ healthcheck: { interval: 7 } }, { image, config: { Healthcheck } })).toEqual([]);
    expect(differing({ healthcheck: { interval: 8 } }, { image, config: { Healthcheck } })).toEqual([
      "healthcheck",
    ]);
    expect(differing({}, { image, config: image })).toEqual([]);
  });
});

describe("the same in other words", () => {
  it("must be the same: mounts as binds, a carried-over volume, options that are the default", () => {
    const bind = { type: "bind", source: "/srv", target: "/srv", bind: { create_host_path: true } } as const;
    const Mounts = [
      { Type: "bind", Source: "/srv", Target: "/srv", BindOptions: { Propagation: "rprivate" } },
    ];
    expect(differing({ volumes: [bind] }, { host: { Binds: ["/srv:/srv:rw"] } })).toEqual([]);
    expect(differing({ volumes: [bind] }, { host: { Mounts } })).toEqual([]);
    expect(differing({ volumes: [bind] }, { host: { Binds: ["/srv:/srv:ro"] } })).toEqual(["volumes"]);
    expect(differing({ volumes: [bind] }, { host: { Binds: ["/srv:/srv:rw,z"] } })).toEqual(["volumes"]);
    expect(differing({ volumes: [bind] }, { host: { Binds: ["/srv:/srv:rw,rprivate"] } })).toEqual([]);
    const twice = { config: { Volumes: { "/srv": {} } }, host: { Binds: ["/srv:/srv:rw"] } };
    expect(differing({ volumes: [bind] }, twice)).toEqual([]);
    const mounted = (more: object) => ({ host: { Mounts: [{ ...Mounts[0], ...more }] } });
    expect(differing({ volumes: [bind] }, mounted({ BindOptions: { CreateMountpoint: true } }))).toEqual([]);
    expect(differing({ volumes: [bind] }, mounted({ ReadOnly: true }))).toEqual(["volumes"]);
    const anonymous = { volumes: [{ type: "volume", target: "/data" }] } as const;
    const carried = [{ Type: "volume", Source: ID, Target: "/data", VolumeOptions: {} }];
    expect(differing(anonymous, { host: { Mounts: carried } })).toEqual([]);
    expect(differing(anonymous, { config: { Volumes: { "/data": {} } } })).toEqual([]);
    const bound = { Binds: [`${ID}:/data:rw`] };
    expect(differing(anonymous, { host: bound })).toEqual([]);
    const ofImage = { image: { Volumes: { "/data": {} } }, host: { Mounts: carried } };
    expect(differing({}, ofImage)).toEqual([]);
    const locked = { ...ofImage, host: { Mounts: [{ ...carried[0], ReadOnly: true }] } };
    expect(differing({}, locked)).toEqual(["volumes"]);
    const named = { host: { Mounts: [{ Type: "volume", Source: "p_data", Target: "/data" }] } };
    expect(differing(anonymous, named)).toEqual(["volumes"]);
  });

  it("must be the same: capabilities, ports, orders that mean nothing", () => {
    const config = { ExposedPorts: { "8080/tcp": {}, "7000/udp": {}, "7001/udp": {}, "53/tcp": {} } };
    expect(differing({ expose: ["7000-7001/udp", "53"] }, { config })).toEqual([]);
    expect(
      differing({ cap_add: ["net_admin", "SYS_TIME"] }, { host: { CapAdd: ["SYS_TIME", "CAP_NET_ADMIN"] } }),
    ).toEqual([]);
    const hosts = { extra_hosts: ["a=10.0.0.1", "b=10.0.0.2"] };
    expect(differing(hosts, { host: { ExtraHosts: ["b:10.0.0.2", "a:10.0.0.1"] } })).toEqual([]);
    expect(differing({ dns: ["10.0.0.1", "10.0.0.2"] }, { host: { Dns: ["10.0.0.2", "10.0.0.1"] } })).toEqual(
      ["dns"],
    );
    expect(
      differing({ restart: "no" }, { host: { RestartPolicy: { Name: "no", MaximumRetryCount: 0 } } }),
    ).toEqual([]);
  });

  it("must be the same: a name that the host or another container gives", () => {
    const host = (NetworkMode: string) => ({ NetworkMode });
    const none = { networks: {}, host: host("host"), config: { Hostname: "board" } };
    const alone = { networks: [] };
    expect(differing({ network_mode: "host", networks: {} }, none, alone)).toEqual([]);
    expect(
      differing({ network_mode: "host", networks: {} }, { ...none, config: { Hostname: "x" } }, alone),
    ).toEqual(["hostname"]);
    const joined = {
      networks: {},
      host: host(`container:${ID}`),
      config: { Hostname: "its", Domainname: "too" },
    };
    expect(differing({ network_mode: `container:${ID}`, networks: {} }, joined, alone)).toEqual([]);
  });
});

describe("what an image can bring with it", () => {
  it("must not cost more than a moment, and count where it makes no sense", () => {
    const odd = { "9-8/tcp": {}, "x/tcp": {}, "70000/tcp": {} };
    expect(differing({}, { config: { ExposedPorts: { "8080/tcp": {}, ...odd } } })).toEqual(["expose"]);
    const all = Array.from({ length: 5_000 }, (_, index) => [`1-4000/p${index}`, {}]);
    const image = { ExposedPorts: Object.fromEntries(all), WorkingDir: `${"/".repeat(200_000)}x` };
    const started = performance.now();
    expect(differing({}, { image, config: image })).toEqual([]);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("what this engine makes of it", () => {
  it("must not be missed where its kernel cannot do it", () => {
    const spec = { mem_limit: 64, pids_limit: 9 };
    const unenforced = ["Memory", "MemorySwap", "PidsLimit"];
    expect(differing(spec, { host: { MemorySwap: -1 }, engine: { unenforced } })).toEqual([]);
    expect(differing(spec, { host: { MemorySwap: -1 } })).toEqual([
      "mem_limit",
      "memswap_limit",
      "pids_limit",
    ]);
  });

  it("must be counted in: twice the memory with swap, its own drivers, the second version of cgroups", () => {
    expect(differing({ mem_limit: 64 }, { host: { Memory: 64, MemorySwap: 128 } })).toEqual([]);
    const engine = { runtime: "crun", logDriver: "local", cgroupVersion: "2" };
    const host = { Runtime: "crun", LogConfig: { Type: "local", Config: {} }, CgroupnsMode: "private" };
    expect(differing({}, { engine, host })).toEqual([]);
    const open = { privileged: true, pid: "host" };
    const shown = { Privileged: true, PidMode: "host", SecurityOpt: ["label=disable"], MaskedPaths: null };
    expect(differing(open, { host: shown })).toEqual([]);
  });
});
