// From several services to one project: names, implied dependencies, profiles, unused things dropped, consistency.
import { describe, expect, test } from "vitest";
import { nameOf } from "../../../src/core/compose/index.ts";
import { compile, refusal, spec, web } from "./helper.ts";

describe("the project's name", () => {
  const none = { files: [], profiles: [], environmentFiles: [] };
  test.each([
    [{ name: "given", env: { COMPOSE_PROJECT_NAME: "env" }, directory: "/srv/dir" }, "given"],
    [{ name: null, env: { COMPOSE_PROJECT_NAME: "env" }, directory: "/srv/dir" }, "env"],
    [{ name: null, env: {}, directory: "/srv/My App.v2" }, "myappv2"],
    [{ name: null, env: {}, directory: "/srv/_-x/" }, "x"],
  ])("%j must be %s", ({ name, env, directory }, expected) => {
    expect(nameOf({ ...none, name, directory, environment: new Map(Object.entries(env)) })).toBe(expected);
  });

  test("the file's name must be interpolated, normalised, and win over the directory only", () => {
    const text = "name: My-$V\nservices: {web: {image: a}}\n";
    expect(compile(text, { env: { V: "X" } }).project.name).toBe("my-x");
    expect(compile(text, { env: { V: "X", COMPOSE_PROJECT_NAME: "env" } }).project.name).toBe("env");
    expect(compile(text, { env: { V: "X" }, name: "given" }).project.name).toBe("given");
  });

  test.each([
    [{ name: "Upper" }, "is not a project name"],
    [{ env: { COMPOSE_PROJECT_NAME: "a b" } }, "is not a project name"],
    [{ directory: "/srv/…" }, "no project name can be made"],
    [{ directory: "/" }, "no project name can be made"],
  ])("%j must be refused", (setting, words) => {
    expect(refusal(() => compile("services: {web: {image: a}}", setting)).message).toContain(words);
  });
});

describe("networks and volumes", () => {
  test("the default network must be there only where it is used, and unused ones must be dropped", () => {
    const { project } = compile(
      "services: {web: {image: a}, x: {image: b, network_mode: host}}\nnetworks: {idle: }\nvolumes: {idle: }\n",
    );
    expect(project.networks.map((network) => [network.key, network.name])).toEqual([
      ["default", "app_default"],
    ]);
    expect(project.volumes).toEqual([]);
    expect(project.services.map((service) => service.networks)).toEqual([["default"], []]);
    expect(compile("services: {x: {image: b, network_mode: host}}").project.networks).toEqual([]);
  });

  test("names must be prefixed, taken as given, or the external's own", () => {
    const { project } = compile(
      `services:
  web: {image: a, networks: [n, m, e, f], volumes: ['xx:/xx', 'rel:/rel']}
networks:
  n:
  m: {name: mine, driver: bridge, internal: true, enable_ipv6: true, labels: [a=b], ipam: {config: [{subnet: 10.0.0.0/24}]}}
  e: {external: true}
  f: {external: {name: theirs}}
volumes:
  rel: {driver: local, driver_opts: {type: none, o: bind, device: ./d}}
  xx: {name: mine, labels: {a: 1}}
`,
    );
    expect(project.networks.map(({ key, name, external }) => [key, name, external])).toEqual([
      ["e", "e", true],
      ["f", "theirs", true],
      ["m", "mine", false],
      ["n", "app_n", false],
    ]);
    expect(project.networks[2]).toMatchObject({
      driver: "bridge",
      internal: true,
      enableIpv6: true,
      labels: { a: "b" },
      ipam: { driver: null, config: [{ subnet: "10.0.0.0/24" }] },
    });
    expect(project.volumes.map(({ key, name, driverOpts }) => [key, name, driverOpts.device])).toEqual([
      ["rel", "app_rel", "/srv/app/d"],
      ["xx", "mine", undefined],
    ]);
    expect(project.networks.every((network) => /^[0-9a-f]{64}$/.test(network.composeHash))).toBe(true);
  });

  test.each([
    ["services: {web: {image: a, networks: [n]}}", 'network "n" is not defined'],
    ["services: {web: {image: a, volumes: ['data:/d']}}", 'volume "data" is not defined'],
    ["services: {web: {image: a, network_mode: host, networks: [default]}}", "cannot stand beside networks"],
    ["services: {web: {image: a}}\nvolumes: {n: {external: true, driver: x}}", "something external"],
  ])("%s must be refused: %s", (text, words) => {
    expect(refusal(() => compile(text)).message).toContain(words);
  });
});

describe("dependencies", () => {
  test("links and shared namespaces and volumes must imply dependencies, and what is written must win", () => {
    const rest = ["db", "net", "vol", "pid"].map((name) => `  ${name}: {image: ${name}}\n`).join("");
    const service = web(
      "links: ['db:database']\nnetwork_mode: service:net\npid: service:pid\nvolumes_from: ['vol:ro', 'container:old']\ndepends_on: {db: {condition: service_healthy}}",
      {},
      rest,
    );
    expect(service.dependsOn).toEqual([
      { service: "db", condition: "service_healthy", restart: false, required: true },
      { service: "net", condition: "service_started", restart: true, required: true },
      { service: "pid", condition: "service_started", restart: true, required: true },
      { service: "vol", condition: "service_started", restart: false, required: true },
    ]);
    expect(service.sharesWith).toEqual(["net", "pid", "vol"]);
  });

  test.each([
    ["depends_on: [db]", 'services.web.depends_on: the service "db" does not exist'],
    ["network_mode: service:db", 'services.web.network_mode: the service "db" does not exist'],
    ["links: [db]", 'services.web.links: the service "db" does not exist'],
    ["depends_on: [web]", "in a circle: web -> web"],
  ])("%s must be refused", (body, words) => {
    expect(refusal(() => web(body)).message).toContain(words);
  });

  test("a circle must be named in full", () => {
    const text =
      "services: {a: {image: a, depends_on: [b]}, b: {image: b, depends_on: [c]}, c: {image: c, depends_on: [a]}}";
    expect(refusal(() => compile(text)).message).toContain("a -> b -> c -> a");
  });

  test("a namespace that is joined must exist even where the dependency is called optional", () => {
    const body = "network_mode: service:db\ndepends_on: {db: {required: false}}";
    expect(refusal(() => web(body)).message).toContain(
      'services.web.network_mode: the service "db" does not exist',
    );
  });

  test("a dependency that is not required must be dropped where it is switched off, and exist all the same", () => {
    const off = "  db: {image: d, profiles: [p]}\n";
    expect(web("depends_on: {db: {required: false}}", {}, off).dependsOn).toEqual([]);
    expect(refusal(() => web("depends_on: {db: {required: false}}"))).toMatchObject({
      message: '/srv/app/0.yaml:4:5: services.web.depends_on: the service "db" does not exist',
      hint: "define it, or remove the reference",
    });
    expect(refusal(() => web("depends_on: [db]", {}, off))).toMatchObject({
      message:
        '/srv/app/0.yaml:4:5: services.web.depends_on: the service "db" is switched off by its profiles',
      hint: "switch on its profile too, or say required: false",
    });
  });
});

describe("profiles", () => {
  const text =
    "services: {web: {image: a}, dev: {image: b, profiles: [dev, test]}, old: {image: c, profiles: [old]}}";
  test.each([
    [[], ["web"], ["dev", "old"]],
    [["test"], ["dev", "web"], ["old"]],
    [["*"], ["dev", "old", "web"], []],
  ])("with %j active, %j must be on", (profiles, on, off) => {
    const { project } = compile(text, { profiles });
    expect(project.services.map((service) => service.name)).toEqual(on);
    expect(project.disabledServices).toEqual(off);
  });

  test("a required dependency that is switched off must be refused, an optional one dropped", () => {
    const rest = "  db: {image: b, profiles: [x]}\n";
    expect(refusal(() => web("depends_on: [db]", {}, rest)).message).toContain(
      "switched off by its profiles",
    );
    expect(web("depends_on: {db: {required: false}}", {}, rest).dependsOn).toEqual([]);
  });
});

describe("env_file", () => {
  const envFiles = {
    "/srv/app/a.env": "A=a\nB=a\nC=$HOST$OWN",
    "/srv/app/b.env": "B=b\n",
    "/abs/raw": "D=$HOST",
  };

  test("later files must win over earlier ones and environment over all, null masking what the files say", () => {
    const body =
      "env_file: [a.env, ./b.env, {path: /abs/raw, format: raw}]\nenvironment: {OWN: own, E: e, A: }";
    expect(spec(body, { envFiles, env: { HOST: "host" } }).environment).toEqual({
      A: null,
      B: "b",
      C: "hostown",
      D: "$HOST",
      E: "e",
      OWN: "own",
    });
  });

  test("a missing file must be refused with its place, unless it is not required", () => {
    const error = refusal(() => web("env_file: no.env"));
    expect(error.message).toBe(
      "/srv/app/0.yaml:4:15: services.web.env_file: the environment file /srv/app/no.env does not exist",
    );
    expect(spec("env_file: {path: no.env, required: false}").environment).toBeUndefined();
  });

  test("the file of a service that is switched off must not be asked for", () => {
    expect(() =>
      compile("services: {web: {image: a}, dev: {image: b, profiles: [x], env_file: no.env}}"),
    ).not.toThrow();
  });
});

test.each([
  ["container_name: cc\nscale: 2", "cannot be the name of 2 containers"],
  ["scale: 2\ndeploy: {replicas: 3}", "differs from deploy.replicas"],
  ["cpus: 1\ndeploy: {resources: {limits: {cpus: 2}}}", "differs from deploy.resources.limits.cpus"],
  ["mem_limit: 1g\ndeploy: {resources: {limits: {cpus: 2}}}", "differs from deploy.resources.limits.memory"],
  ["volumes: ['/a:/x']\ntmpfs: ['/x:size=1m']", "/x is mounted twice"],
])("%s must be refused: %s", (body, words) => {
  expect(refusal(() => web(body)).message).toContain(words);
});

test("one container name for two services must be refused", () => {
  const text = "services: {a: {image: a, container_name: same}, b: {image: b, container_name: same}}";
  expect(refusal(() => compile(text)).message).toContain(
    'services.b.container_name: is the container name of "a" too',
  );
});

test("the same limit said twice must be accepted", () => {
  expect(() => web("mem_limit: 1g\ndeploy: {resources: {limits: {memory: 1g}}}")).not.toThrow();
});
