// Lists in which one thing may stand only once: the last one counts, in the first one's place; elsewhere it is a mistake.
import { expect, test } from "vitest";
import { createSchemaCheck } from "../../../src/adapters/schema/index.ts";
import { COMPOSE_SCHEMA_FILE } from "../../../src/assets.ts";
import type { ServiceSpec } from "../../../src/core/model/index.ts";
import { compileFiles, refusal } from "./helper.ts";

const schema = createSchemaCheck(COMPOSE_SCHEMA_FILE);

/** The service `web` of these files' bodies, held against the schema, which refuses repetitions. */
function merged(...bodies: readonly string[]): ServiceSpec | undefined {
  const texts = bodies.map((body) => `services: {web: {image: a, ${body}}, v: {image: v}}`);
  const { project } = compileFiles(texts, { schema });
  return project.services.find(({ name }) => name === "web")?.spec;
}

test.each([
  ["environment: [A=1, B=2, A=3]", { environment: { A: "3", B: "2" } }],
  ["labels: [a=1, a=2]", { labels: { a: "2" } }],
  ["sysctls: [a=1, a=2]", { sysctls: { a: "2" } }],
  ["dns: [1.1.1.1, 2.2.2.2, 1.1.1.1]", { dns: ["1.1.1.1", "2.2.2.2"] }],
  ["dns_opt: [a=1, b, a=2]", { dns_opt: ["a=2", "b"] }],
  ["cap_add: [B, A, B]", { cap_add: ["B", "A"] }],
  ["expose: [1, '1', 2]", { expose: ["1", "2"] }],
  ["links: [v, v]", { links: ["v"] }],
  ["tmpfs: ['/a:size=1', /b, '/a:size=2']", { tmpfs: ["/a:size=2", "/b"] }],
  ["ports: ['80:80', '80:80']", { ports: [{ target: 80, published: "80" }] }],
  ["volumes: ['/a:/x', '/b:/y', '/c:/x', '/c:/x']", { volumes: [{ source: "/c" }, { source: "/b" }] }],
  [
    "networks: {default: {aliases: [a, b, a], link_local_ips: [1.1.1.1, 1.1.1.1]}}",
    { networks: { default: { aliases: ["a", "b"], link_local_ips: ["1.1.1.1"] } } },
  ],
])("%s must be %j", (body, expected) => {
  expect(merged(body)).toMatchObject(expected);
});

test("what an earlier file said must keep its place", () => {
  expect(merged("cap_add: [A, B]", "cap_add: [C, A]")?.cap_add).toEqual(["A", "B", "C"]);
  expect(merged("tmpfs: ['/a:size=1', /b]", "tmpfs: '/a:size=2'")?.tmpfs).toEqual(["/a:size=2", "/b"]);
  expect(
    merged("ports: ['80:80', '81:81']", "ports: ['80:80', '8080:80']")?.ports?.map((port) => port.published),
  ).toEqual(["80", "81", "8080"]);
});

test.each([
  "security_opt: [a, a]",
  "group_add: [a, a]",
  "volumes_from: [v, v]",
  "depends_on: [v, v]",
  "device_cgroup_rules: ['c 1:1 r', 'c 1:1 r']",
])("%s must be refused, as docker compose does", (body) => {
  const key = body.split(":")[0];
  expect(refusal(() => merged(body)).message).toContain(`services.web.${key}: names something twice`);
});
