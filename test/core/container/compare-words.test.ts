// What is the same in other words of the engine's, and what looks alike and is not: field by field.
import { describe, expect, it } from "vitest";
import { compared, ENDPOINT, type Made } from "./told.ts";

type Row = readonly [what: string, wanted: Made, found: Made];

const host = (fields: object): Made => ({ host: fields });
const config = (fields: object): Made => ({ config: fields });
const mount = (fields: object): Made =>
  host({ Mounts: [{ Type: "bind", Source: "/a", Target: "/b", ...fields }] });
const volume = (fields: object): Made => host({ Mounts: [{ Type: "volume", Target: "/b", ...fields }] });
const bind = (text: string): Made => host({ Binds: [text] });
const labelOff = { SecurityOpt: ["label=disable"] };
const ofImage = { image: { Volumes: { "/b": {} } } };
const devices = (...list: readonly object[]): Made => host({ Devices: list });
const DISK = { PathOnHost: "/dev/a", PathInContainer: "/dev/a", CgroupPermissions: "rwm" };
const endpoint = (fields: object): Made => ({ networks: { p_default: { ...ENDPOINT, ...fields } } });
const ALIASES = ["p-web-1", "web"];
const asked = (fields: object): Made => ({ networks: { p_default: { Aliases: ALIASES, ...fields } } });
const two = (a: object, b: object): Made => ({
  networks: { a: { Aliases: ALIASES, ...a }, p_default: { Aliases: ALIASES, ...b } },
});

const SAME: readonly Row[] = [
  ["capabilities to drop", host({ CapDrop: ["net_raw"] }), host({ CapDrop: ["CAP_NET_RAW"] })],
  ["the order of groups", host({ GroupAdd: ["1", "2"] }), host({ GroupAdd: ["2", "1"] })],
  [
    "the order of limits",
    host({ Ulimits: [{ Name: "a" }, { Name: "b" }] }),
    host({ Ulimits: [{ Name: "b" }, { Name: "a" }] }),
  ],
  [
    "the order of device rules",
    host({ DeviceCgroupRules: ["a", "b"] }),
    host({ DeviceCgroupRules: ["b", "a"] }),
  ],
  ["a device with all permissions", devices({ ...DISK, CgroupPermissions: "" }), devices(DISK)],
  [
    "the order of tmpfs",
    host({ Tmpfs: { "/a": "", "/b": "size=1" } }),
    host({ Tmpfs: { "/b": "size=1", "/a": "" } }),
  ],
  ["volumes of another container", host({ VolumesFrom: ["abc:rw"] }), host({ VolumesFrom: ["abc"] })],
  ["no swappiness", host({ MemorySwappiness: null }), host({ MemorySwappiness: -1 })],
  ["no limit of processes", host({ PidsLimit: 0 }), host({ PidsLimit: -1 })],
  [
    "retries of a policy without",
    host({ RestartPolicy: { Name: "always" } }),
    host({ RestartPolicy: { Name: "always", MaximumRetryCount: 3 } }),
  ],
  [
    "any retries",
    host({ RestartPolicy: { Name: "on-failure" } }),
    host({ RestartPolicy: { Name: "on-failure", MaximumRetryCount: 0 } }),
  ],
  [
    "any port",
    host({ PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "0" }] } }),
    host({ PortBindings: { "80/tcp": [{ HostPort: "" }] } }),
  ],
  [
    "the order of ports",
    host({ PortBindings: { "80/tcp": [{ HostPort: "1" }, { HostPort: "2" }] } }),
    host({ PortBindings: { "80/tcp": [{ HostPort: "2" }, { HostPort: "1" }] } }),
  ],
  ["no label for the privileged", host({ Privileged: true }), host({ Privileged: true, ...labelOff })],
  ["no label in the host's ipc", host({ IpcMode: "host" }), host({ IpcMode: "host", ...labelOff })],
  ["no label among the host's processes", host({ PidMode: "host" }), host({ PidMode: "host", ...labelOff })],
  [
    "paths that the privileged see anyway",
    host({ Privileged: true }),
    host({ Privileged: true, MaskedPaths: [], ReadonlyPaths: [] }),
  ],
  ["one kind of open paths", {}, host({ MaskedPaths: [] })],
  [
    "the order of labels",
    config({ Labels: { b: "2", a: "1" } }),
    config({ Labels: { a: "1", b: "2", "org.opencontainers.image.version": "1" } }),
  ],
  [
    "labels of the tools",
    {},
    config({ Labels: { "io.boardhand.x": "1", "org.opencontainers.image.version": "1" } }),
  ],
  [
    "the order of variables",
    config({ Env: ["B=2", "A=1"] }),
    config({ Env: ["A=1", "PATH=/bin", "B=2", "APP_VERSION=1"] }),
  ],
  [
    "a variable that is said twice",
    config({ Env: ["A=1", "A=2"] }),
    config({ Env: ["PATH=/bin", "APP_VERSION=1", "A=2"] }),
  ],
  [
    "an empty word for the image's",
    config({ User: "" }),
    { config: { User: "app" }, image: { User: "app" } },
  ],
  [
    "a nothing in a health check",
    config({ Healthcheck: { Retries: 0 } }),
    { config: { Healthcheck: { Retries: 3 } }, image: { Healthcheck: { Retries: 3 } } },
  ],
  [
    "all of a range of ports",
    config({ ExposedPorts: { "1-3/tcp": {} } }),
    config({ ExposedPorts: { "1/tcp": {}, "2/tcp": {}, "3": {}, "8080/tcp": {} } }),
  ],
  [
    "the last port there is",
    config({ ExposedPorts: { "65534-65535/tcp": {} } }),
    config({ ExposedPorts: { "65534/tcp": {}, "65535/tcp": {}, "8080/tcp": {} } }),
  ],
  ["the order of a bind's words", bind("/a:/b:z,ro"), bind("/a:/b:ro,z")],
  ["read-only in either form", bind("/a:/b:ro"), mount({ ReadOnly: true })],
  [
    "propagation in either form",
    bind("/a:/b:rw,rshared"),
    mount({ BindOptions: { Propagation: "rshared" } }),
  ],
  ["no copy in either form", bind("v:/b:nocopy"), volume({ Source: "v", VolumeOptions: { NoCopy: true } })],
  ["a copy in either form", bind("v:/b"), volume({ Source: "v", VolumeOptions: { NoCopy: false } })],
  ["consistency that is the default", mount({}), mount({ Consistency: "default" })],
  [
    "options that say nothing",
    mount({}),
    mount({ BindOptions: { NonRecursive: false }, TmpfsOptions: null }),
  ],
  ["the image's volume", {}, { ...volume({ VolumeOptions: {} }), ...ofImage }],
  ["the order of networks", two({}, {}), { networks: { p_default: ENDPOINT, a: ENDPOINT } }],
  [
    "the order of local addresses",
    asked({ IPAMConfig: { LinkLocalIPs: ["a", "b"] } }),
    endpoint({ IPAMConfig: { LinkLocalIPs: ["b", "a"] } }),
  ],
  [
    "letters of an address",
    config({ MacAddress: "02:AA:00:00:00:01" }),
    config({ MacAddress: "02:aa:00:00:00:01" }),
  ],
  [
    "an address of the first network",
    asked({ MacAddress: "02:AA:00:00:00:01" }),
    config({ MacAddress: "02:aa:00:00:00:01" }),
  ],
  [
    "letters of a further address",
    two({ MacAddress: "02:AA:00:00:00:01" }, {}),
    { networks: { a: { ...ENDPOINT, MacAddress: "02:aa:00:00:00:01" }, p_default: ENDPOINT } },
  ],
  [
    "addresses that the engine gave",
    two({}, {}),
    { networks: { a: { ...ENDPOINT, MacAddress: "02:aa:00:00:00:01" }, p_default: ENDPOINT } },
  ],
  [
    "links in the bridge's words",
    host({ NetworkMode: "bridge", Links: ["db:base"] }),
    host({ NetworkMode: "bridge", Links: ["/db:/web/base"] }),
  ],
  ["the order of links", asked({ Links: ["a:b", "c:d"] }), endpoint({ Links: ["c:d", "a:b"] })],
  ["a link without another name", asked({ Links: ["db"] }), endpoint({ Links: ["db:db"] })],
  ...["bridge", "none", "default", "container:x"].map(
    (NetworkMode): Row => [
      `what is on network ${NetworkMode}`,
      { ...host({ NetworkMode }), networks: {} },
      { host: { NetworkMode }, networks: { [NetworkMode]: ENDPOINT } },
    ],
  ),
];

describe("the same in the engine's other words", () => {
  it.each(SAME)("must be the same: %s", (_, wanted, found) => {
    expect(compared(wanted, found)).toEqual([]);
  });
});

const UNLIKE: readonly (readonly [field: string, wanted: Made, found: Made])[] = [
  ["blkio_config", {}, host({ BlkioWeight: 5 })],
  ["cap_drop", host({ CapDrop: ["net_raw"] }), host({ CapDrop: ["net_admin"] })],
  ["group_add", host({ GroupAdd: ["1"] }), host({ GroupAdd: ["1", "2"] })],
  ["ulimits", host({ Ulimits: [{ Name: "a", Soft: 1 }] }), host({ Ulimits: [{ Name: "a", Soft: 2 }] })],
  ["device_cgroup_rules", host({ DeviceCgroupRules: ["a"] }), host({ DeviceCgroupRules: ["b"] })],
  ["devices", devices({ ...DISK, CgroupPermissions: "r" }), devices(DISK)],
  ["devices", devices(DISK), devices({ ...DISK, PathInContainer: "/dev/b" })],
  ["dns_search", host({ DnsSearch: ["a", "b"] }), host({ DnsSearch: ["b", "a"] })],
  ["dns_opt", host({ DnsOptions: ["a"] }), host({ DnsOptions: ["b"] })],
  ["tmpfs", host({ Tmpfs: { "/a": "" } }), host({ Tmpfs: { "/a": "size=1" } })],
  ["volumes_from", host({ VolumesFrom: ["abc"] }), host({ VolumesFrom: ["abd"] })],
  ["pids_limit", host({ PidsLimit: 0 }), host({ PidsLimit: 1 })],
  [
    "restart",
    host({ RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } }),
    host({ RestartPolicy: { Name: "on-failure", MaximumRetryCount: 4 } }),
  ],
  [
    "restart",
    host({ RestartPolicy: { Name: "always" } }),
    host({ RestartPolicy: { Name: "unless-stopped" } }),
  ],
  [
    "ports",
    host({ PortBindings: { "80/tcp": [{ HostPort: "1" }] } }),
    host({ PortBindings: { "80/tcp": [{ HostPort: "2" }] } }),
  ],
  [
    "ports",
    host({ PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1" }] } }),
    host({ PortBindings: { "80/tcp": [{}] } }),
  ],
  [
    "ports",
    host({ PortBindings: { "80/tcp": [{ HostPort: "1" }] } }),
    host({ PortBindings: { "81/tcp": [{ HostPort: "1" }] } }),
  ],
  [
    "security_opt",
    host({ Privileged: true }),
    host({ Privileged: true, SecurityOpt: ["seccomp=unconfined"] }),
  ],
  [
    "labels",
    config({ Labels: { a: "1" } }),
    config({ Labels: { a: "2", "org.opencontainers.image.version": "1" } }),
  ],
  ["environment", config({ Env: ["A="] }), config({ Env: ["PATH=/bin", "APP_VERSION=1", "A"] })],
  ["environment", config({ Env: ["A=b=c"] }), config({ Env: ["PATH=/bin", "APP_VERSION=1", "A=b"] })],
  ["stop_grace_period", config({ StopTimeout: 5 }), config({ StopTimeout: 6 })],
  ["working_dir", config({ WorkingDir: "/" }), config({ WorkingDir: "" })],
  [
    "expose",
    config({ ExposedPorts: { "1-3/tcp": {} } }),
    config({ ExposedPorts: { "1/tcp": {}, "2/tcp": {}, "8080/tcp": {} } }),
  ],
  [
    "expose",
    config({ ExposedPorts: { "1/tcp": {} } }),
    config({ ExposedPorts: { "1/udp": {}, "8080/tcp": {} } }),
  ],
  [
    "expose",
    config({ ExposedPorts: { "65535-65536/tcp": {} } }),
    config({ ExposedPorts: { "65535/tcp": {}, "65536/tcp": {}, "8080/tcp": {} } }),
  ],
  ["volumes", bind("/a:/b:rw,rshared"), mount({})],
  ["volumes", bind("v:/b:nocopy"), volume({ Source: "v" })],
  ["volumes", volume({ Source: "v" }), volume({ Source: "v", VolumeOptions: { Labels: { a: "1" } } })],
  ["volumes", mount({}), mount({ Consistency: "cached" })],
  [
    "volumes",
    mount({ Type: "tmpfs", TmpfsOptions: { SizeBytes: 1 } }),
    mount({ Type: "tmpfs", TmpfsOptions: { SizeBytes: 2 } }),
  ],
  ["volumes", mount({ BindOptions: { NonRecursive: true } }), mount({})],
  ["volumes", {}, { ...bind("/a:/b"), ...ofImage }],
  ["volumes", {}, { ...volume({ Source: "v" }), ...ofImage }],
  ["volumes", {}, { ...volume({ VolumeOptions: { NoCopy: true } }), ...ofImage }],
  ["volumes", {}, { ...host({ Mounts: [{ Type: "tmpfs", Target: "/b" }] }), ...ofImage }],
  ["networks", asked({ DriverOpts: { a: "1" } }), endpoint({ DriverOpts: { a: "2" } })],
  [
    "networks",
    asked({ IPAMConfig: { LinkLocalIPs: ["a"] } }),
    endpoint({ IPAMConfig: { LinkLocalIPs: ["b"] } }),
  ],
  ["mac_address", asked({ MacAddress: "02:aa:00:00:00:01" }), config({ MacAddress: "02:aa:00:00:00:02" })],
  [
    "mac_address",
    two({ MacAddress: "02:aa:00:00:00:01" }, {}),
    { networks: { a: { ...ENDPOINT, MacAddress: "02:aa:00:00:00:02" }, p_default: ENDPOINT } },
  ],
  ["links", asked({ Links: ["db:base"] }), endpoint({ Links: ["db:other"] })],
  ["links", asked({ Links: ["db:base"] }), endpoint({ Links: ["da:base"] })],
];

describe("what looks alike and is not", () => {
  it.each(UNLIKE)("must differ in %s: %j and %j", (field, wanted, found) => {
    expect(compared(wanted, found)).toEqual([field]);
  });
});
