// What planning is told about a service, and the hashes that decide about recreation.
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "../../../src/core/compose/stages/hashes.ts";
import { compile, web } from "./helper.ts";

test.each([
  [undefined, "check"],
  ["always", "check"],
  ["daily", "check"],
  ["weekly", "check"],
  ["every_12h", "check"],
  ["missing", "missing"],
  ["if_not_present", "missing"],
  ["never", "never"],
  ["build", "never"],
])("pull_policy %s must mean %s", (policy, expected) => {
  expect(web(policy === undefined ? "tty: true" : `pull_policy: ${policy}`).pull).toBe(expected);
});

test.each([
  ["tty: true", "no"],
  ["restart: no", "no"],
  ["restart: ''", "no"],
  ["restart: on-failure:3", "on-failure:3"],
  ["restart: always\ndeploy: {restart_policy: {condition: none}}", "no"],
  ["deploy: {restart_policy: {}}", "always"],
  ["deploy: {restart_policy: {condition: any, max_attempts: 3}}", "always"],
  ["deploy: {restart_policy: {condition: on-failure}}", "on-failure"],
  [
    "deploy: {restart_policy: {condition: on-failure, max_attempts: 3, delay: 5s, window: 1m}}",
    "on-failure:3",
  ],
])("%s must restart %s", (body, expected) => {
  expect(web(body).restart).toBe(expected);
});

test.each([
  ["tty: true", [], []],
  ["ports: [80]", [], []],
  ["ports: ['8000-8010:80']", [], []],
  [
    "ports: ['80:80/UDP', '127.0.0.1:81:81']",
    ["127.0.0.1:81/tcp", ":80/udp"],
    ["publishes the host port 127.0.0.1:81/tcp", "publishes the host port 80/udp"],
  ],
  ["devices: [/dev/a]", [], ["uses the device /dev/a"]],
  ["network_mode: host", [], ["uses the host's network"]],
  [
    "networks: {default: {ipv4_address: 10.0.0.2}}",
    [],
    ["has the fixed address 10.0.0.2 in the network default"],
  ],
  ["mac_address: 00:11:22:33:44:55", [], ["has the fixed address 00:11:22:33:44:55"]],
  ["container_name: cc\npid: host\nipc: host", [], []],
])("%s must hold the ports %j exclusively", (body, ports, words) => {
  const service = web(body);
  expect(service.hostPorts).toEqual(ports);
  expect(service.exclusive).toEqual(words);
});

test("the rollout's wishes, replicas, platform and name must be told", () => {
  const service = web(
    "platform: linux/arm/v7\ndeploy: {replicas: 2, update_config: {order: start-first, monitor: 1m, failure_action: pause}}",
  );
  expect(service).toMatchObject({
    reference: "nginx",
    replicas: 2,
    containerName: null,
    platform: { os: "linux", architecture: "arm", variant: "v7" },
    rollout: { order: "start-first", monitorMs: 60_000, failureAction: "pause" },
  });
  expect(web("scale: 0\ncontainer_name: cc")).toMatchObject({
    replicas: 0,
    containerName: "cc",
    platform: null,
    rollout: { order: null, monitorMs: null, failureAction: null },
  });
  expect(web("tty: true", { env: { DOCKER_DEFAULT_PLATFORM: "linux/arm64" } }).platform?.architecture).toBe(
    "arm64",
  );
});

test.each([
  "pull_policy: always",
  "scale: 3",
  "deploy: {replicas: 3}",
  "deploy: {update_config: {order: start-first}}",
  "profiles: [p]",
  "depends_on: [db]",
  "x-boardhand: {update: off}",
  "build: .",
])("%s must not change the definition: policy never recreates a container", (body) => {
  const rest = "  db: {image: db}\n";
  const setting = { profiles: ["*"] };
  expect(web(body, setting, rest).definitionHash).toBe(web("x-a: 1", setting, rest).definitionHash);
});

test.each([
  "{image: a, tty: true}",
  "{image: a, environment: [A=1]}",
  "{image: b}",
  "{image: a, labels: [a=b]}",
  "{image: a, deploy: {resources: {limits: {cpus: 1}}}}",
  "{image: a, command: []}",
])("%s must change the definition and the revision", (service) => {
  const changed = compile(`services: {web: ${service}}`).project;
  const before = compile("services: {web: {image: a}}").project;
  expect(changed.services[0]?.definitionHash).toMatch(/^v1:[0-9a-f]{64}$/);
  expect(changed.services[0]?.definitionHash).not.toBe(before.services[0]?.definitionHash);
  expect(changed.composeRevision).not.toBe(before.composeRevision);
});

test.each([
  ["services: {web: {image: a, scale: 2}}"],
  ["services: {web: {image: a}, b: {image: b}}"],
  ["services: {web: {image: a}}\nnetworks: {default: {internal: true}}"],
  ["services: {web: {image: a, depends_on: {x: {required: false}}}, x: {image: a}}"],
])("%s must change the revision", (text) => {
  expect(compile(text).project.composeRevision).not.toBe(
    compile("services: {web: {image: a}}").project.composeRevision,
  );
});

test("the order of keys and services in the file must change nothing", () => {
  const one = compile(
    "services: {a: {image: a, environment: {X: 1, Y: 2}}, b: {image: b, tty: true}}",
  ).project;
  const two = compile("services: {b: {tty: true, image: b}, a: {environment: [Y=2, X=1], image: a}}").project;
  expect(two).toEqual(one);
});

test("canonical JSON must not depend on the order of keys, and must parse back to the same value", () => {
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, item]) => [key, shuffled(item)]),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(canonicalJson({ b: 1n, a: undefined, c: [undefined] })).toBe('{"b":1,"c":[null]}');
});
