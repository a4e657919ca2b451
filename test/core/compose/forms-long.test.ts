// The rarer halves of the forms: long syntaxes, empty values, bounds, and each refusal in full with what to do.
import { describe, expect, test } from "vitest";
import { compile, refusal, spec } from "./helper.ts";

const env = { HOME: "/users/pi" };
const VOLUMES = "volumes:\n  data:\n";
const device = (body: string) => `deploy: {resources: {reservations: {devices: [${body}]}}}`;
const RANGES = (count: number, rest: string) =>
  `ports: [${Array.from({ length: count }, (_, n) => `'127.0.0.${n}::1-16384', `).join("")}${rest}]`;

test.each([
  ["devices: [{source: /dev/a, target: /dev/b}]", { devices: [{ source: "/dev/a", target: "/dev/b" }] }],
  [
    "devices: [{source: /dev/a, target: /dev/b, permissions: r}]",
    { devices: [{ source: "/dev/a", target: "/dev/b", permissions: "r" }] },
  ],
  ["extra_hosts: {' h ': 1.1.1.1}", { extra_hosts: ["h=1.1.1.1"] }],
  ["oom_score_adj: -1000", { oom_score_adj: -1000 }],
  ["oom_score_adj: 1000", { oom_score_adj: 1000 }],
  ["extra_hosts: ['h= 1.1.1.1, [::1]']", { extra_hosts: ["h=1.1.1.1", "h=::1"] }],
  [
    "extra_hosts: ['h=host-gateway', 'i=x[1]', 'j=[1]x']",
    { extra_hosts: ["h=host-gateway", "i=x[1]", "j=[1]x"] },
  ],
  ["depends_on: {db: {restart: true}}", { depends_on: { db: { restart: true, required: true } } }],
  ["depends_on: {db: {restart: false, required: true}}", { depends_on: { db: { restart: false } } }],
  ["healthcheck: {test: [NONE]}", { healthcheck: { test: ["NONE"] } }],
  ["healthcheck: {test: [CMD-SHELL, x]}", { healthcheck: { test: ["CMD-SHELL", "x"] } }],
  ["healthcheck: {test: []}", { healthcheck: { test: [] } }],
  [
    "networks: {default: {ipv6_address: 'fd00::2', link_local_ips: [169.254.1.1], driver_opts: {a: 1}}}",
    {
      networks: {
        default: { ipv6_address: "fd00::2", link_local_ips: ["169.254.1.1"], driver_opts: { a: "1" } },
      },
    },
  ],
  ["networks: {default: {mac_address: 'a:b'}}", { networks: { default: { mac_address: "a:b" } } }],
  [
    device("{capabilities: [gpu], count: all}"),
    { deploy: { resources: { reservations: { devices: [{ capabilities: ["gpu"], count: -1 }] } } } },
  ],
  [
    device("{capabilities: [gpu], count: 2, options: {a: b}}"),
    {
      deploy: {
        resources: { reservations: { devices: [{ capabilities: ["gpu"], count: 2, options: { a: "b" } }] } },
      },
    },
  ],
  [
    device("{capabilities: [gpu], device_ids: ['0']}"),
    { deploy: { resources: { reservations: { devices: [{ capabilities: ["gpu"], device_ids: ["0"] }] } } } },
  ],
  ["deploy: {placement: {constraints: [x]}}", { deploy: { placement: { constraints: ["x"] } } }],
  [
    "deploy: {placement: {preferences: [{spread: x}], max_replicas_per_node: 1}}",
    { deploy: { placement: { preferences: [{ spread: "x" }], max_replicas_per_node: 1 } } },
  ],
  ["deploy: {replicas: 1000}", { deploy: { replicas: 1000 } }],
])("%s must be read as it is, with nothing beside it", (body, expected) => {
  const [key = ""] = Object.keys(expected);
  const read = spec(body, { env }, "  db: {image: db}\n") as unknown as Record<string, unknown>;
  if (key === "depends_on") expect(read).toMatchObject(expected);
  else expect(read[key]).toStrictEqual((expected as Record<string, unknown>)[key]);
});

test("a health check that is not disabled must not say so", () => {
  expect(spec("healthcheck: {test: x, disable: false}").healthcheck).toStrictEqual({
    test: ["CMD-SHELL", "x"],
  });
});

describe("ports", () => {
  test.each([
    ["{target: 1, host_ip: '', published: ''}", [{ mode: "ingress", target: 1, protocol: "tcp" }]],
    ["{target: 65535, protocol: SCTP}", [{ mode: "ingress", target: 65535, protocol: "SCTP" }]],
    ["80/sctp", [{ mode: "ingress", target: 80, protocol: "sctp" }]],
    ["'65535:65535'", [{ mode: "ingress", target: 65535, published: "65535", protocol: "tcp" }]],
    [
      "255.255.255.255:80:80",
      [{ mode: "ingress", host_ip: "255.255.255.255", target: 80, published: "80", protocol: "tcp" }],
    ],
    [
      "100.100.100.100:80:80",
      [{ mode: "ingress", host_ip: "100.100.100.100", target: 80, published: "80", protocol: "tcp" }],
    ],
  ])("%s must be read", (port, expected) => {
    expect(spec(`ports:\n- ${port}`).ports).toStrictEqual(expected);
  });

  test.each([
    ["{published: 80}", "a port needs a target"],
    ["{target: 0}", "is not a port between 1 and 65535"],
    ["{target: 65536}", "is not a port between 1 and 65535"],
    ["{target: 80, host_ip: x}", '"x" is not an IP address'],
    ["x", '"x" is not a port or a range of ports'],
    ["x80", '"x80" is not a port or a range of ports'],
    ["80x", '"80x" is not a port or a range of ports'],
    ["65536", '"65536" is not a port or a range of ports'],
    ["65536-65537", '"65536-65537" is not a port or a range of ports'],
    ["65530-65536", '"65530-65536" is not a port or a range of ports'],
    ["'1-3:1-2'", 'the port ranges of "1-3:1-2" differ in length'],
    ["80/http", '"http" is not a protocol'],
    ["x1.2.3.4:80:80", '"x1.2.3.4" is not an IP address'],
    ["1.2.3.4x:80:80", '"1.2.3.4x" is not an IP address'],
    ["'g::1:80:80'", '"g::1" is not an IP address'],
    ["'::1g:80:80'", '"::1g" is not an IP address'],
    ["'x[::1]:80:80'", '"x[::1]" is not an IP address'],
    ["'[::1]x:80:80'", '"[::1]x" is not an IP address'],
  ])("%s must be refused: %s", (port, words) => {
    expect(refusal(() => spec(`ports:\n- ${port}`)).message.endsWith(`: ${words}`)).toBe(true);
  });

  test("an unknown protocol must be told the known ones", () => {
    expect(refusal(() => spec("ports: [80/http]")).hint).toBe("use tcp, udp or sctp");
  });

  test("as many as there are must be accepted, and one more refused", () => {
    expect(spec(RANGES(3, "1-16384")).ports).toHaveLength(65_536);
    expect(refusal(() => spec(RANGES(4, "1"))).message).toContain("publishes more than 65536 ports");
  });
});

describe("volumes", () => {
  test.each([
    ["data:/x:Z", { type: "volume", source: "data", target: "/x", bind: { selinux: "Z" }, volume: {} }],
    ["/a:/x:Z", { type: "bind", source: "/a", target: "/x", bind: { selinux: "Z", create_host_path: true } }],
    ["/a:/x", { type: "bind", source: "/a", target: "/x", bind: { create_host_path: true } }],
    [
      "{type: volume, source: data, target: /x, consistency: cached, read_only: false}",
      { type: "volume", source: "data", target: "/x", consistency: "cached" },
    ],
    [
      "{type: bind, source: /a, target: /x, bind: {}}",
      { type: "bind", source: "/a", target: "/x", bind: {} },
    ],
    [
      "{type: volume, source: data, target: /x, volume: {nocopy: false}}",
      { type: "volume", source: "data", target: "/x", volume: { nocopy: false } },
    ],
    ["{type: tmpfs, target: /x, tmpfs: {}}", { type: "tmpfs", target: "/x", tmpfs: {} }],
    [
      "{type: tmpfs, target: /x, tmpfs: {mode: 0o700}}",
      { type: "tmpfs", target: "/x", tmpfs: { mode: 448 } },
    ],
  ])("%s must be read", (volume, expected) => {
    expect(spec(`volumes:\n- ${volume}`, { env }, VOLUMES).volumes).toStrictEqual([expected]);
  });

  test("a name that holds a dot must be the name of a volume", () => {
    const read = spec("volumes: ['da.ta:/x']", { env }, "volumes:\n  da.ta:\n").volumes;
    expect(read).toStrictEqual([{ type: "volume", source: "da.ta", target: "/x", volume: {} }]);
  });

  test.each([
    ["v:/a", "name the volume with two letters or more; Windows paths do not exist here"],
    ["{target: /x}", "bind, volume or tmpfs"],
    ["{type: floppy, target: /x}", "use bind, volume or tmpfs"],
  ])("%s must be refused with what to write: %s", (volume, hint) => {
    expect(refusal(() => spec(`volumes:\n- ${volume}`, { env }, VOLUMES)).hint).toBe(hint);
  });

  test.each(["x7", "7x", "1777777"])("the mode %s must be refused", (mode) => {
    const body = `volumes: [{type: tmpfs, target: /x, tmpfs: {mode: '${mode}'}}]`;
    expect(refusal(() => spec(body)).message).toContain("must be a file mode in octal digits");
  });
});

describe("environment files", () => {
  const envFiles = { "/srv/app/a.env": "A='x'\n" };
  test("must be dotenv unless they are called raw", () => {
    expect(spec("env_file: a.env", { envFiles }).environment).toEqual({ A: "x" });
    expect(spec("env_file: {path: a.env}", { envFiles }).environment).toEqual({ A: "x" });
    expect(spec("env_file: {path: a.env, format: raw}", { envFiles }).environment).toEqual({ A: "'x'" });
  });

  test.each([
    ["{required: false}", "an environment file needs a path"],
    ["{path: a.env, format: other}", "the only format is raw"],
    ["{path: no.env}", "does not exist"],
    ["{path: no.env, required: true}", "does not exist"],
  ])("%s must be refused: %s", (body, words) => {
    expect(refusal(() => spec(`env_file: ${body}`, { envFiles })).message).toContain(words);
  });
});

test.each([
  ["command: echo 'a", "has an open quote, backslash or parenthesis", "write the command as a list"],
  ["devices: [{target: /dev/a}]", "a device needs a source", null],
  ["devices: [{source: /dev/a, sauce: x}]", 'the key "sauce" is unknown', 'did you mean "source"?'],
  ["devices: [':/dev/a']", '":/dev/a" is not a device', null],
  ["devices: ['/a:/b:r:w']", '"/a:/b:r:w" is not a device', null],
  ["extra_hosts: ['=1.1.1.1']", "must be host=address", null],
  ["oom_score_adj: -1001", "must be between -1000 and 1000", null],
  ["oom_score_adj: 1001", "must be between -1000 and 1000", null],
  ["extra_hosts: ['a:b=1.1.1.1']", "must be host=address", null],
  ["extra_hosts: {h: []}", "must be host=address", null],
  ["extra_hosts: [x]", '"x" must be host=address', null],
  ["ulimits: {nofile: {hard: 1}}", "needs soft and hard", null],
  [
    "depends_on: {db: {condition: maybe}}",
    '"maybe" is not a condition',
    "use one of service_started, service_healthy, service_completed_successfully",
  ],
  [
    "deploy: {update_config: {order: sideways}}",
    '"sideways" means nothing here',
    "use one of start-first, stop-first",
  ],
  ["deploy: {replicas: 1001}", "must be between 0 and 1000", null],
  [device("{capabilities: [gpu], count: 1, device_ids: ['0']}"), "takes count or device_ids, not both", null],
  [device("{capabilities: [gpu], count: many}"), "must be a whole number", null],
  [device("{capabilities: [gpu], count: [all]}"), "must be", null],
])("%s must be refused: %s", (body, words, hint) => {
  const error = refusal(() => spec(body));
  expect(error.message).toContain(words);
  if (hint !== null) expect(error.hint).toBe(hint);
});

test("a command that is not cut must bring no warning", () => {
  expect(compile("services:\n  web:\n    image: a\n    command: echo a\n").warnings).toEqual([]);
});
