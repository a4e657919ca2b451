// Every path that has a merge rule of its own, and what the general rule does to the rest.
import { expect, test } from "vitest";
import type { ServiceSpec } from "../../../src/core/model/index.ts";
import { compile, compileFiles, refusal } from "./helper.ts";

function merged(base: string, override: string): ServiceSpec | undefined {
  const file = (body: string): string => `services:\n  web:\n    ${body}\n`;
  return compileFiles([file(`image: a\n    ${base}`), file(override)], {
    envFiles: { "/srv/app/a.env": "A=a", "/srv/app/b.env": "B=b" },
  }).project.services[0]?.spec;
}

test.each([
  ["sysctls: [a=1, b=1]", "sysctls: {b: 2}", { sysctls: { a: "1", b: "2" } }],
  ["deploy: {labels: [a=1]}", "deploy: {labels: {b: 2}}", { deploy: { labels: { a: "1", b: "2" } } }],
  ["environment: [A=1]", "environment: [A=2, C]", { environment: { A: "2", C: null } }],
  ["dns_search: a", "dns_search: b", { dns_search: ["a", "b"] }],
  ["tmpfs: /a", "tmpfs: [/b]", { tmpfs: ["/a", "/b"] }],
  ["env_file: a.env", "env_file: [b.env]", { environment: { A: "a", B: "b" } }],
  [
    "extra_hosts: {a: [1.1.1.1, 2.2.2.2]}",
    "extra_hosts: ['b=3.3.3.3']",
    {
      extra_hosts: ["a=1.1.1.1", "a=2.2.2.2", "b=3.3.3.3"],
    },
  ],
  ["command: [a]", "command: !override [b]", { command: ["b"] }],
  [
    "ports: ['80:80']",
    "ports: []",
    { ports: [{ mode: "ingress", target: 80, published: "80", protocol: "tcp" }] },
  ],
  [
    "logging: {driver: a, options: {x: 1}}",
    "logging: {driver: a, options: {y: 2}}",
    {
      logging: { driver: "a", options: { x: "1", y: "2" } },
    },
  ],
  ["logging: {options: {x: 1}}", "logging: {driver: b}", { logging: { driver: "b", options: { x: "1" } } }],
  ["user:", "user: b", { user: "b" }],
  ["logging: {driver: a, options: {x: 1}}", "logging: {driver: b}", { logging: { driver: "b" } }],
  [
    "healthcheck: {test: [CMD, a], interval: 1s}",
    "healthcheck: {interval: 2s}",
    { healthcheck: { test: ["CMD", "a"], interval: 2e9 } },
  ],
])("%s and then %s must be exactly %j", (base, override, expected) => {
  const [key = ""] = Object.keys(expected);
  const read = merged(base, override) as unknown as Record<string, unknown>;
  expect(read[key]).toStrictEqual((expected as Record<string, unknown>)[key]);
});

test("labels of networks and volumes must merge as a list and as a mapping", () => {
  const one = "services: {web: {image: a, networks: [n], volumes: ['vv:/x']}}\n";
  const { project } = compileFiles([
    `${one}networks: {n: {labels: [a=1]}}\nvolumes: {vv: {labels: {a: 1}}}`,
    "networks: {n: {labels: {b: 2}}}\nvolumes: {vv: {labels: [b=2]}}",
  ]);
  expect(project.networks[0]?.labels).toEqual({ a: "1", b: "2" });
  expect(project.volumes[0]?.labels).toEqual({ a: "1", b: "2" });
});

test("names of dependencies in both files must come together, once each", () => {
  const { project } = compileFiles([
    "services: {a: {image: a}, b: {image: b}, web: {image: w, depends_on: [a, b]}}",
    "services: {web: {depends_on: [b]}}",
  ]);
  expect(project.services[2]?.dependsOn.map((one) => one.service)).toEqual(["a", "b"]);
});

test.each([
  ["depends_on: [[a]]", "depends_on: [b]", "services.web.depends_on[0]: must be a name"],
  [
    "environment: [A]",
    "environment: [' =1']",
    "services.web.environment[0]: must be KEY=value, without a space before the equals sign",
  ],
  [
    "deploy: {replicas: 1}",
    "deploy: [x]",
    "services.web.deploy: cannot be merged onto what /srv/app/0.yaml:4 says",
  ],
  ["user: a", "user: [x]", "services.web.user: must be a string"],
])("%s and then %s must be refused: %s", (base, override, message) => {
  expect(refusal(() => merged(base, override)).message.endsWith(message)).toBe(true);
});

test("a reset must be found in lists and deep down", () => {
  const { project } = compileFiles([
    "services: {web: {image: a, cap_add: [A], deploy: {replicas: 2, labels: {a: 1}}}}",
    "services: {web: {deploy: {labels: !reset {}}}}",
  ]);
  expect(project.services[0]?.spec.deploy).toStrictEqual({ replicas: 2 });
  const { project: listed } = compile(
    "services: {web: {image: a, deploy: {resources: {reservations: {devices: [{capabilities: [g], driver: !reset x}]}}}}}",
  );
  expect(listed.services[0]?.spec.deploy?.resources?.reservations?.devices?.[0]).toStrictEqual({
    capabilities: ["g"],
    count: -1,
  });
});
