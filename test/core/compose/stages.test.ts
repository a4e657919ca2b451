// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of compose files
// The rarer answers of the stages: top-level resources in full, what is shared, what a message shows of a template.
import { describe, expect, test } from "vitest";
import { compile, refusal, spec, web } from "./helper.ts";

describe("networks and volumes", () => {
  const used = "services: {web: {image: a, networks: [n], volumes: ['vv:/x']}}\n";
  const read = (rest: string) => compile(used + rest).project;

  test("every key of a network must arrive", () => {
    const pool =
      "{subnet: 10.0.0.0/24, gateway: 10.0.0.1, ip_range: 10.0.0.128/25, aux_addresses: {h: 10.0.0.5}}";
    const { networks } = read(
      `networks: {n: {driver: bridge, driver_opts: {a: 1}, attachable: true, ipam: {driver: d, config: [${pool}]}}}\nvolumes: {vv: }`,
    );
    expect(networks[0]).toMatchObject({
      driver: "bridge",
      driverOpts: { a: "1" },
      attachable: true,
      internal: false,
    });
    expect(networks[0]?.ipam).toStrictEqual({
      driver: "d",
      config: [
        {
          subnet: "10.0.0.0/24",
          gateway: "10.0.0.1",
          ip_range: "10.0.0.128/25",
          aux_addresses: { h: "10.0.0.5" },
        },
      ],
    });
  });

  test("what is not said must be left open", () => {
    const { networks, volumes } = read(
      "networks: {n: {internal: false, ipam: {}}}\nvolumes: {vv: {external: false}}",
    );
    expect(networks[0]).toMatchObject({ internal: false, attachable: false, enableIpv6: null });
    expect(networks[0]?.ipam).toStrictEqual({ driver: null, config: [] });
    expect(volumes[0]).toMatchObject({
      name: "app_vv",
      external: false,
      driver: null,
      driverOpts: {},
      labels: {},
    });
    const bare = read("networks: {n: {ipam: {config: [{subnet: 10.0.0.0/24}]}}}\nvolumes: {vv: }")
      .networks[0];
    expect(bare?.ipam?.config).toStrictEqual([{ subnet: "10.0.0.0/24" }]);
  });

  test("something external may have a name and an extension", () => {
    const { networks } = read(
      "networks: {n: {external: true, name: theirs, x-a: 1, driver: }}\nvolumes: {vv: }",
    );
    expect(networks[0]).toMatchObject({ name: "theirs", external: true });
    expect(refusal(() => read("networks: {n: {external: true, ax-: 1}}")).message).toContain("is unknown");
  });

  test("the default network must be plain", () => {
    expect(compile("services: {web: {image: a}}").project.networks[0]).toMatchObject({
      key: "default",
      external: false,
      internal: false,
      attachable: false,
    });
  });

  test("only the device of a bind is a path, and options without one are kept", () => {
    const options = (body: string) =>
      read(`networks: {n: }\nvolumes: {vv: {driver_opts: ${body}}}`).volumes[0]?.driverOpts;
    expect(options("{type: nfs, o: 'addr=1.1.1.1', device: ':/d'}")).toEqual({
      type: "nfs",
      o: "addr=1.1.1.1",
      device: ":/d",
    });
    expect(options("{device: ./d}")).toEqual({ device: "./d" });
    expect(options("{o: bind}")).toEqual({ o: "bind" });
    expect(options("{o: bind, device: ./d}")).toEqual({ o: "bind", device: "./d" });
    const local = read(
      "networks: {n: }\nvolumes: {vv: {driver: local, driver_opts: {o: bind, device: ./d}}}",
    );
    expect(local.volumes[0]?.driverOpts).toEqual({ o: "bind", device: "/srv/app/d" });
  });
});

describe("a dependency that is not there", () => {
  test.each([
    ["ipc: service:db\npid: service:web2", "ipc"],
    ["pid: service:db", "pid"],
    ["volumes_from: [other, 'db:ro']", "volumes_from"],
    ["links: [other, 'db:x']", "links"],
    ["links: [other]\ndepends_on: [db]", "depends_on"],
  ])("%s must be named by %s", (body, key) => {
    const rest = "  other: {image: o}\n  web2: {image: w}\n";
    expect(refusal(() => web(body, {}, rest)).message).toContain(
      `services.web.${key}: the service "db" does not exist`,
    );
  });

  test("must leave no empty section behind when it is optional", () => {
    const off = "  db: {image: d, profiles: [p]}\n";
    expect(spec("depends_on: {db: {required: false}}", {}, off)).not.toHaveProperty("depends_on");
  });

  test("a service with an empty list of profiles must be on", () => {
    expect(compile("services: {web: {image: a, profiles: []}}").project.services).toHaveLength(1);
  });
});

test("an empty project name must count as none given", () => {
  const text = "services: {web: {image: a}}";
  expect(compile(text, { name: "", env: { COMPOSE_PROJECT_NAME: "" } }).project.name).toBe("app");
});

describe("consistency", () => {
  test.each([
    "scale: 2\ndeploy: {replicas: 2}",
    "cpus: 0\ndeploy: {resources: {limits: {cpus: 1}}}",
    "tmpfs: ['/x', '/y']\nvolumes: ['/a:/z']",
    "volumes: [/anonymous]",
  ])("%s must be accepted", (body) => {
    expect(() => web(body)).not.toThrow();
  });

  test("a circle must be shown without the way to it", () => {
    const text =
      "services: {a: {image: a, depends_on: [b]}, b: {image: b, depends_on: [c]}, c: {image: c, depends_on: [b]}}";
    expect(refusal(() => compile(text)).message).toMatch(
      /services\.b\.depends_on: services depend on each other in a circle: b -> c -> b$/,
    );
  });
});

describe("what planning is told", () => {
  test("volumes must be the named ones, sorted, once each", () => {
    const rest = "volumes:\n  zz:\n  aa:\n";
    const service = web("volumes: ['zz:/z', 'aa:/a', 'zz:/y', '/h:/h', '/anon']", {}, rest);
    expect(service.volumes).toEqual(["aa", "zz"]);
    expect(web("tty: true").volumes).toEqual([]);
  });

  test.each([
    ["stop-first", "rollback"],
    ["start-first", "continue"],
  ])("order %s and failure_action %s must be kept", (order, action) => {
    const { rollout } = web(`deploy: {update_config: {order: ${order}, failure_action: ${action}}}`);
    expect(rollout).toEqual({ order, monitorMs: null, failureAction: action });
  });

  test.each([
    ["no", "no"],
    ["sometimes", "sometimes"],
  ])("deploy's restart condition %s must restart %s", (condition, expected) => {
    expect(web(`deploy: {restart_policy: {condition: '${condition}'}}`).restart).toBe(expected);
  });

  test("an empty default platform must be none, and a one-digit host port counts", () => {
    expect(web("tty: true", { env: { DOCKER_DEFAULT_PLATFORM: "" } }).platform).toBeNull();
    expect(web("ports: ['7:7', '30000:30000', '80']").hostPorts).toEqual([":30000/tcp", ":7/tcp"]);
  });
});

describe("a template that is refused", () => {
  const told = (template: string) =>
    refusal(() => spec(`labels:\n  x: ${JSON.stringify(template)}`)).message.replace(/^.*labels\.x: /, "");

  test.each([
    ["a ${V", "invalid interpolation format: ${V has no closing brace"],
    [`\${${"V".repeat(28)}`, `invalid interpolation format: \${${"V".repeat(28)} has no closing brace`],
    [`\${${"V".repeat(29)}`, `invalid interpolation format: \${${"V".repeat(28)}… has no closing brace`],
    ["${1}", "invalid interpolation format: ${1} names no variable"],
    [
      "${V%x}",
      "invalid interpolation format: ${V%x}; write ${NAME}, ${NAME:-default} or $$ for a dollar sign",
    ],
    ["${NO:?}", "required variable NO is missing a value"],
    ["${NO:?say it}", "required variable NO is missing a value: say it"],
  ])("%s must show no more than it has to: %s", (template, message) => {
    expect(told(template)).toBe(message);
  });

  test("must be nested deeper than 32 levels to be refused for that", () => {
    const nested = (levels: number) => `${"${A:-".repeat(levels)}$B${"}".repeat(levels)}`;
    expect(() => spec(`labels: {x: '${nested(32)}'}`)).not.toThrow();
    expect(told(nested(33))).toBe("variables are nested deeper than 32 levels");
  });
});
