// Several files, and several documents of one file, onto one another.
import { expect, test } from "vitest";
import type { ServiceSpec } from "../../../src/core/model/index.ts";
import { compile, compileFiles, refusal } from "./helper.ts";

function merged(base: string, override: string, rest = ""): ServiceSpec | undefined {
  const file = (body: string): string => `services:\n  web:\n    ${body.replaceAll("\n", "\n    ")}\n`;
  const { project } = compileFiles([file(`image: a\n${base}`) + rest, file(override)], { profiles: ["*"] });
  return project.services.find((service) => service.name === "web")?.spec;
}

test.each([
  ["user: a", "user: b", { user: "b" }],
  ["user: a", "user:", { user: "a" }],
  ["command: [a, b]", "command: c", { command: ["c"] }],
  ["entrypoint: a", "entrypoint: []", { entrypoint: [] }],
  [
    "healthcheck: {test: [CMD, a], interval: 1s}",
    "healthcheck: {test: b}",
    { healthcheck: { test: ["CMD-SHELL", "b"], interval: 1e9 } },
  ],
  ["environment: [A=1, B=1]", "environment: {B: 2, C: 2}", { environment: { A: "1", B: "2", C: "2" } }],
  ["environment: {A: 1}", "environment: [A]", { environment: { A: null } }],
  ["labels: {a: 1}", "labels: [a=2, b]", { labels: { a: "2", b: "" } }],
  ["dns: 1.1.1.1", "dns: [2.2.2.2, 1.1.1.1]", { dns: ["1.1.1.1", "2.2.2.2"] }],
  ["cap_add: [A]", "cap_add: [B, A]", { cap_add: ["A", "B"] }],
  ["extra_hosts: ['a:1.1.1.1']", "extra_hosts: {b: 2.2.2.2}", { extra_hosts: ["a=1.1.1.1", "b=2.2.2.2"] }],
  [
    "ulimits: {nofile: {soft: 1, hard: 2}, nproc: 1}",
    "ulimits: {nofile: 5}",
    { ulimits: { nofile: 5, nproc: 1 } },
  ],
  ["logging: {driver: a, options: {x: 1}}", "logging: {driver: b}", { logging: { driver: "b" } }],
  [
    "logging: {driver: a, options: {x: 1}}",
    "logging: {options: {y: 2}}",
    { logging: { driver: "a", options: { x: "1", y: "2" } } },
  ],
  [
    "deploy: {replicas: 1, labels: [a=b]}",
    "deploy: {replicas: 2}",
    { deploy: { replicas: 2, labels: { a: "b" } } },
  ],
  ["cap_add: [A]", "cap_add: !override [B]", { cap_add: ["B"] }],
  ["environment: {A: 1, B: 2}", "environment: {A: !reset x}", { environment: { B: "2" } }],
])("%s and then %s must give %j", (base, override, expected) => {
  expect(merged(base, override)).toMatchObject(expected);
});

test("ports must be kept beside each other, volumes and devices replaced in place by target", () => {
  expect(
    merged("ports: ['80:80']", "ports: ['8080:80', '80:80']")?.ports?.map((port) => port.published),
  ).toEqual(["80", "8080"]);
  expect(
    merged("volumes: ['/a:/x', '/b:/y']", "volumes: ['/c:/x']")?.volumes?.map((mount) => mount.source),
  ).toEqual(["/c", "/b"]);
  expect(
    merged("devices: ['/dev/a:/x']", "devices: ['/dev/b:/x']")?.devices?.map((device) => device.source),
  ).toEqual(["/dev/b"]);
});

test("lists of names must merge with mappings", () => {
  const both = merged(
    "depends_on: [a]",
    "depends_on: {b: {condition: service_healthy}}",
    "  a: {image: a}\n  b: {image: b}\n",
  );
  expect(Object.entries(both?.depends_on ?? {}).map(([name, { condition }]) => [name, condition])).toEqual([
    ["a", "service_started"],
    ["b", "service_healthy"],
  ]);
  expect(merged("networks: [default]", "networks: {default: {aliases: [x]}}")?.networks).toEqual({
    default: { aliases: ["x"] },
  });
});

test("documents of one file must be merged too", () => {
  const { project } = compile(
    "services: {web: {image: a}}\n---\nservices: {web: {image: b}, db: {image: c}}\n",
  );
  expect(project.services.map((service) => service.reference)).toEqual(["c", "b"]);
});

test("an error in the second file must name the second file", () => {
  const error = refusal(() =>
    compileFiles(["services: {web: {image: a}}", "services:\n  web:\n    oops: 1\n"]),
  );
  expect(error.message).toContain("/srv/app/1.yaml:3:5: services.web.oops");
  expect(refusal(() => merged("dns: [a]\ncap_add: [A]", "cap_add: {a: b}")).message).toContain(
    "cannot be merged onto",
  );
  expect(refusal(() => compileFiles(["", "# nothing"])).message).toContain("0.yaml:1:1: the file is empty");
  expect(compileFiles(["services: {web: {image: a}}", ""]).project.services).toHaveLength(1);
});

test("what a later file resets must be gone", () => {
  expect(merged("user: a\ntty: true", "user: !reset x")).not.toHaveProperty("user");
  expect(merged("user: a\ntty: true", "user: !reset x")).toHaveProperty("tty", true);
});
