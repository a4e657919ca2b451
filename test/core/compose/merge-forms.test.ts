// Two forms of one thing that meet in a merge, and the lists that have a rule of their own (compose.md 1.7).
import { describe, expect, test } from "vitest";
import { createSchemaCheck } from "../../../src/adapters/schema/index.ts";
import { COMPOSE_SCHEMA_FILE } from "../../../src/assets.ts";
import type { DesiredProject, ServiceSpec } from "../../../src/core/model/index.ts";
import { compileFiles, refusal } from "./helper.ts";

const schema = createSchemaCheck(COMPOSE_SCHEMA_FILE);

function load(...texts: readonly string[]): DesiredProject {
  return compileFiles(texts, { schema }).project;
}

function merged(base: string, override: string): ServiceSpec | undefined {
  const rest = "v: {image: v}}\nnetworks: {n: , m: }\nmodels: {a: {model: x}, b: {model: y}}";
  const { services } = load(`services: {web: {image: a, ${base}}, ${rest}`, `services: {web: {${override}}}`);
  return services.find(({ name }) => name === "web")?.spec;
}

describe("a list over a mapping", () => {
  test("must say the whole short form of a dependency, and leave what that does not have", () => {
    const base = "depends_on: {v: {condition: service_healthy, required: false, restart: true}}";
    expect(merged(base, "depends_on: [v]")?.depends_on).toEqual({
      v: { condition: "service_started", required: true, restart: true },
    });
  });

  test("must leave the options of a network and a model", () => {
    expect(merged("networks: {n: {aliases: [x]}}", "networks: [n, m]")?.networks).toEqual({
      n: { aliases: ["x"] },
      m: null,
    });
    expect(merged("models: {a: {model_var: M}}", "models: [a, b]")?.models).toEqual({
      a: { model_var: "M" },
      b: null,
    });
  });
});

test("a network that an earlier file lists must be reset by its name", () => {
  expect(merged("networks: [n, m]", "networks: {n: !reset {}}")?.networks).toEqual({ m: null });
});

test("a build in short form must be merged with a long one", () => {
  expect(merged("build: ./x", "build: {args: {A: 1}}")?.build).toMatchObject({
    context: "/srv/app/x",
    args: { A: "1" },
  });
});

test("hosts that both files say alike must be no repetition", () => {
  expect(
    merged("extra_hosts: ['a=1.1.1.1']", "extra_hosts: ['a=1.1.1.1', 'b=2.2.2.2']")?.extra_hosts,
  ).toEqual(["a=1.1.1.1", "b=2.2.2.2"]);
});

test("all gpus must be a list of one when more are added, and cannot take the place of a list", () => {
  expect(merged("gpus: all", "gpus: [{count: 1}]")?.gpus).toEqual([
    expect.objectContaining({ count: -1 }),
    expect.objectContaining({ count: 1 }),
  ]);
  expect(refusal(() => merged("gpus: all", "gpus: all")).message).toContain(
    "services.web.gpus: cannot be merged",
  );
});

test("an external name in the old form must stay under the new one", () => {
  const service = "services: {web: {image: a, networks: [n]}}\n";
  const { networks } = load(
    `${service}networks: {n: {external: {name: old}}}`,
    "networks: {n: {external: true}}",
  );
  expect(networks[0]).toMatchObject({ external: true, name: "old" });
});

describe("subnets", () => {
  const subnets = (base: string, override: string): unknown => {
    const file = (config: string): string => `networks: {n: {ipam: {config: ${config}}}}`;
    return load(`services: {web: {image: a, networks: [n]}}\n${file(base)}`, file(override)).networks[0]?.ipam
      ?.config;
  };
  test.each([
    ["[{subnet: 10.0.0.0/24}]", "[{subnet: 10.0.1.0/24}]", [{ subnet: "10.0.1.0/24" }]],
    [
      "[{subnet: 10.0.0.0/24, gateway: 10.0.0.1}]",
      "[{subnet: 10.0.1.0/24}, {subnet: 10.0.0.0/24, ip_range: 10.0.0.0/25}]",
      [{ subnet: "10.0.1.0/24" }, { subnet: "10.0.0.0/24", gateway: "10.0.0.1", ip_range: "10.0.0.0/25" }],
    ],
    ["[{subnet: 10.0.0.0/24}]", "[]", []],
  ])("%s and then %s must be %j", (base, override, expected) => {
    expect(subnets(base, override)).toEqual(expected);
  });
});

test("a label that is given twice must count once, the last time", () => {
  const { services, networks } = load(
    "services: {web: {image: a, networks: [n], deploy: {labels: [a=1, a=1]}}}\nnetworks: {n: {labels: [a=1, a=1]}}",
  );
  expect(services[0]?.spec.deploy?.labels).toEqual({ a: "1" });
  expect(networks[0]?.labels).toEqual({ a: "1" });
});

test("tens of thousands of resets must cost no more than one look at the document", () => {
  const names = Array.from({ length: 30_000 }, (_, index) => `V${index}`);
  const base = names.map((name) => `${name}: 1`).join(", ");
  const resets = names.map((name) => `${name}: !reset x`).join(", ");
  const started = performance.now();
  expect(merged(`environment: {${base}, Z: 1}`, `environment: {${resets}}`)?.environment).toEqual({ Z: "1" });
  expect(performance.now() - started).toBeLessThan(10_000);
});
