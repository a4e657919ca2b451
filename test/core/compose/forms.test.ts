// Short and long forms of every key, as compose makes them canonical.
import { describe, expect, test } from "vitest";
import { compile, refusal, spec } from "./helper.ts";

const env = { HOME: "/users/pi" };
const VOLUMES = "volumes:\n  data:\n  vv:\n";

describe("ports", () => {
  const tcp = (target: number, published?: string, ip?: string, protocol = "tcp"): object => ({
    mode: "ingress",
    ...(ip === undefined ? {} : { host_ip: ip }),
    target,
    ...(published === undefined ? {} : { published }),
    protocol,
  });

  test.each([
    ["80", [tcp(80)]],
    ['"80:80"', [tcp(80, "80")]],
    ["8080:80/udp", [tcp(80, "8080", undefined, "udp")]],
    ["8080:80/UDP", [tcp(80, "8080", undefined, "udp")]],
    ["127.0.0.1:8080:80", [tcp(80, "8080", "127.0.0.1")]],
    ["127.0.0.1::80", [tcp(80, undefined, "127.0.0.1")]],
    ['"[::1]:8080:80"', [tcp(80, "8080", "::1")]],
    ['"::1:8080:80"', [tcp(80, "8080", "::1")]],
    ["3000-3001", [tcp(3000), tcp(3001)]],
    ["4000-4001:3000-3001", [tcp(3000, "4000"), tcp(3001, "4001")]],
    ["4000-4010:80", [tcp(80, "4000-4010")]],
    ["9-10:9-10", [tcp(10, "10"), tcp(9, "9")]],
    ["{target: 80}", [tcp(80)]],
    ["{target: 80, published: 8080, host_ip: 10.0.0.1, protocol: udp}", [tcp(80, "8080", "10.0.0.1", "udp")]],
    [
      "{target: '80', published: '80-90', mode: host, name: n, app_protocol: http}",
      [{ name: "n", mode: "host", target: 80, published: "80-90", protocol: "tcp", app_protocol: "http" }],
    ],
  ])("%s must be expanded", (port, expected) => {
    expect(spec(`ports:\n- ${port}`).ports).toEqual(expected);
  });

  test("a port given twice must count once, and the same port on two host ports twice", () => {
    expect(spec("ports: ['80:80', '0.0.0.0:80:80', '8080:80']").ports).toHaveLength(2);
  });

  test.each([
    "x",
    "'80:x'",
    "'70000:80'",
    "'80-79'",
    "'1-3:1-2'",
    "'1.2.3.400:80:80'",
    "'80/http'",
    "'a:b:c:80'",
    "'80:'",
    "true",
    "{published: 80}",
    "{target: 0}",
    "{target: 80, tarrget: 1}",
  ])("%s must be refused with its place", (port) => {
    expect(refusal(() => spec(`ports:\n- ${port}`)).message).toMatch(
      /^\/srv\/app\/0\.yaml:5:\d+: services\.web\.ports\[0\]/,
    );
  });
});

describe("volumes", () => {
  const bind = (source: string, target: string, more: object = {}, options: object = {}): object => ({
    type: "bind",
    source,
    target,
    ...more,
    bind: { ...options, create_host_path: true },
  });

  test.each([
    ["/cache", { type: "volume", target: "/cache", volume: {} }],
    ["/c", { type: "volume", target: "/c" }],
    ["data:/data", { type: "volume", source: "data", target: "/data", volume: {} }],
    ["data:/data/:ro", { type: "volume", source: "data", target: "/data", read_only: true, volume: {} }],
    [
      "data:/data:z,rslave",
      {
        type: "volume",
        source: "data",
        target: "/data",
        bind: { selinux: "z", propagation: "rslave" },
        volume: {},
      },
    ],
    ["data:/data:ro,rw", { type: "volume", source: "data", target: "/data", volume: {} }],
    ["./a:/x:nocopy", { ...bind("/srv/app/a", "/x"), volume: { nocopy: true } }],
    ["data:/data:nocopy", { type: "volume", source: "data", target: "/data", volume: { nocopy: true } }],
    ["/a//b/:/x", bind("/a//b/", "/x")],
    ["./a:/x:rw", bind("/srv/app/a", "/x")],
    ["../a:/x", bind("/srv/a", "/x")],
    [".:/x:ro,z", bind("/srv/app", "/x", { read_only: true }, { selinux: "z" })],
    ["~/a:/x:rshared", bind("/users/pi/a", "/x", {}, { propagation: "rshared" })],
    ["./a:/x:cached", bind("/srv/app/a", "/x")],
    ["{type: bind, source: ./a, target: /x}", { type: "bind", source: "/srv/app/a", target: "/x" }],
    [
      "{type: bind, source: /a, target: /x, read_only: yes, bind: {create_host_path: false, propagation: slave, selinux: Z}}",
      {
        type: "bind",
        source: "/a",
        target: "/x",
        read_only: true,
        bind: { create_host_path: false, propagation: "slave", selinux: "Z" },
      },
    ],
    [
      "{type: volume, source: data, target: /x, volume: {nocopy: true, subpath: s, labels: [a=b]}}",
      {
        type: "volume",
        source: "data",
        target: "/x",
        volume: { nocopy: true, subpath: "s", labels: { a: "b" } },
      },
    ],
    [
      "{type: tmpfs, target: /x, tmpfs: {size: 64m, mode: 0700}}",
      { type: "tmpfs", target: "/x", tmpfs: { size: 67_108_864, mode: 448 } },
    ],
    [
      "{type: tmpfs, target: /x, tmpfs: {mode: 448.9}}",
      { type: "tmpfs", target: "/x", tmpfs: { mode: 448 } },
    ],
  ])("%s must be expanded", (volume, expected) => {
    expect(spec(`volumes:\n- ${volume}`, { env }, VOLUMES).volumes).toEqual([expected]);
  });

  test("a later mount on the same target must take the earlier one's place", () => {
    const { volumes } = spec("volumes: ['/a:/x', '/b:/y', '/c:/x/']", { env });
    expect(volumes?.map((mount) => mount.source)).toEqual(["/c", "/b"]);
  });

  test.each([
    ["v:/a", "Windows drive"],
    ["'C:\\a:/a'", "Windows drive"],
    ["/a:/b:ro:rw", "too many colons"],
    ["'data:'", "empty part"],
    ["''", "empty part"],
    ["5", "must be a string"],
    ["{type: bind, target: /x}", "needs a source"],
    ["{type: volume}", "needs a target"],
    ["{target: /x}", "needs a type"],
    ["{type: floppy, target: /x}", "no mount of type"],
    ["{type: bind, source: /a, target: /x, bind: {recursive: yes}}", "means nothing here"],
    ["{type: tmpfs, target: /x, tmpfs: {mode: '0700'}}", "without quotes"],
    ["{type: tmpfs, target: /x, tmpfs: {mode: '9'}}", "octal"],
  ])("%s must be refused: %s", (volume, words) => {
    expect(refusal(() => spec(`volumes:\n- ${volume}`, { env }, VOLUMES)).message).toContain(words);
  });

  test("~ without HOME must be refused, and the agent's own HOME must not count", () => {
    expect(refusal(() => spec("volumes: ['~/a:/x']")).message).toContain("~ needs HOME");
  });
});

describe("other forms", () => {
  test.each([
    ["command: echo 'a b' c", { command: ["echo", "a b", "c"] }],
    ["command: [echo, 'a']", { command: ["echo", "a"] }],
    ["command: ''", { command: [] }],
    ["command: []", { command: [] }],
    ["entrypoint: /run.sh -x", { entrypoint: ["/run.sh", "-x"] }],
    [
      "environment: {A: 1, B: true, C: 0700, D: x, E: ''}",
      { environment: { A: "1", B: "true", C: "448", D: "x", E: "" } },
    ],
    ["environment: [A=1, B=, C=a=b]", { environment: { A: "1", B: "", C: "a=b" } }],
    ["environment: [A=1, A=2]", { environment: { A: "2" } }],
    ["environment: [HOME, NOBODY]", { environment: { HOME: "/users/pi", NOBODY: null } }],
    ["environment: {HOME: , NOBODY: null}", { environment: { HOME: "/users/pi", NOBODY: null } }],
    ["labels: [a=b, c]", { labels: { a: "b", c: "" } }],
    ["labels: {a: , b: 1.0}", { labels: { a: "", b: "1" } }],
    [
      "healthcheck: {test: curl -f x || exit 1}",
      { healthcheck: { test: ["CMD-SHELL", "curl -f x || exit 1"] } },
    ],
    [
      "healthcheck: {test: [CMD, x], interval: 1m30s, timeout: 5s, start_period: 1s, start_interval: 500ms, retries: '3'}",
      {
        healthcheck: {
          test: ["CMD", "x"],
          interval: 90e9,
          timeout: 5e9,
          start_period: 1e9,
          start_interval: 5e8,
          retries: 3,
        },
      },
    ],
    ["healthcheck: {disable: true}", { healthcheck: { disable: true } }],
    ["extra_hosts: ['b:1.2.3.4', 'a=::1', 'c:[::2]']", { extra_hosts: ["a=::1", "b=1.2.3.4", "c=::2"] }],
    ["extra_hosts: ['a=::1', 'a:[::1]']", { extra_hosts: ["a=::1", "a=::1"] }],
    ["extra_hosts: {h: [1.1.1.1, 2.2.2.2]}", { extra_hosts: ["h=1.1.1.1", "h=2.2.2.2"] }],
    [
      "ulimits: {nofile: {soft: 1, hard: 2}, nproc: 5}",
      { ulimits: { nofile: { soft: 1, hard: 2 }, nproc: 5 } },
    ],
    [
      "devices: ['/dev/a', '/dev/b:/dev/c:r']",
      {
        devices: [
          { source: "/dev/a", target: "/dev/a", permissions: "rwm" },
          { source: "/dev/b", target: "/dev/c", permissions: "r" },
        ],
      },
    ],
    [
      "logging: {driver: json-file, options: {max-file: 3}}",
      { logging: { driver: "json-file", options: { "max-file": "3" } } },
    ],
    ["dns: 1.1.1.1", { dns: ["1.1.1.1"] }],
    ["dns: ['', 1.1.1.1]", { dns: ["1.1.1.1"] }],
    ["dns: ''", { dns: [] }],
    ["dns_search: ''", { dns_search: [""] }],
    ["tmpfs: /run", { tmpfs: ["/run"] }],
    ["cap_add: [A, A, B]", { cap_add: ["A", "B"] }],
    ["expose: [80, '81/udp']", { expose: ["80", "81/udp"] }],
    ["sysctls: {net.core.somaxconn: 1024}", { sysctls: { "net.core.somaxconn": "1024" } }],
    ["shm_size: 64m", { shm_size: 67_108_864 }],
    ["mem_limit: 1024\nmemswap_limit: -1", { mem_limit: 1024, memswap_limit: -1 }],
    ["cpus: '0.5'", { cpus: 0.5 }],
    ["stop_grace_period: 1m", { stop_grace_period: 60e9 }],
    ["privileged: 'yes'\ntty: off\ninit: 'False'", { privileged: true, tty: false, init: false }],
    ["networks: [default]", { networks: { default: null } }],
    [
      "networks: {default: {aliases: [a], ipv4_address: 10.0.0.2, priority: 5}}",
      {
        networks: { default: { aliases: ["a"], ipv4_address: "10.0.0.2", priority: 5 } },
      },
    ],
    [
      "deploy: {replicas: '2', resources: {limits: {cpus: '0.5', memory: 1g, pids: 5}}}",
      {
        deploy: { replicas: 2, resources: { limits: { cpus: 0.5, memory: 1024 ** 3, pids: 5 } } },
      },
    ],
    [
      "deploy: {resources: {reservations: {devices: [{driver: nvidia, capabilities: [gpu]}]}}}",
      {
        deploy: {
          resources: { reservations: { devices: [{ driver: "nvidia", capabilities: ["gpu"], count: -1 }] } },
        },
      },
    ],
    ["pull_policy: if_not_present", { pull_policy: "missing" }],
  ])("%s must be made canonical", (body, expected) => {
    expect(spec(body, { env })).toMatchObject(expected);
  });

  test.each([
    ["command: echo 'a", "open quote"],
    ["environment: ['A =1']", "without a space"],
    ["environment: {A: [1]}", "must be a string"],
    ["environment: x", "must be a list"],
    ["user: 1000", "put the value in quotes"],
    ["healthcheck: {test: [curl]}", "must begin with CMD"],
    ["healthcheck: {interval: 90}", "must be a duration"],
    ["healthcheck: {interval: '90'}", "must be a duration"],
    ["restart: sometimes", "not a restart policy"],
    ["restart: on-failure:x", "not a restart policy"],
    ["depends_on: {db: {condition: maybe}}", "not a condition"],
    ["platform: linux", "names no processor"],
    ["pull_policy: sometimes", "not a pull policy"],
    ["container_name: 'a b'", "not a container name"],
    ["deploy: {replicas: -1}", "between 0 and 1000"],
    ["deploy: {replicas: 1000000}", "between 0 and 1000"],
    ["deploy: {update_config: {order: sideways}}", "stop-first"],
    ["deploy: {resources: {reservations: {devices: [{count: 1}]}}}", "needs capabilities"],
    ["extra_hosts: [x]", "host=address"],
    ["ulimits: {nofile: {soft: 1}}", "needs soft and hard"],
    ["shm_size: lots", "must be a size"],
    ["privileged: maybe", "true or false"],
    ["cpus: fast", "must be a number"],
    ["pids_limit: many", "whole number"],
    ["image: a b", "must name an image"],
    ["devices: ['a:b:c:d']", "not a device"],
    ["user: !secret x", "unknown"],
  ])("%s must be refused: %s", (body, words) => {
    const base = body.startsWith("image:") ? `services:\n  web:\n    ${body}\n` : null;
    const error = refusal(() => (base === null ? spec(body) : compile(base)));
    expect(error.message + (error.hint ?? "")).toContain(words);
    expect(error.message).toMatch(/^\/srv\/app\/0\.yaml:\d+:\d+: services\.web/);
  });

  test("a command that compose cuts at an operator must be cut, with a warning", () => {
    const { project, warnings } = compile("services:\n  web:\n    image: a\n    command: echo a && ls\n");
    expect(project.services[0]?.spec.command).toEqual(["echo", "a"]);
    expect(warnings.join()).toContain('ends this command at the unquoted "&"');
  });
});
