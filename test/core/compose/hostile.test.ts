// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of compose files
// Whatever a compose file holds, the answer is a project or a BoardhandError.
import fc from "fast-check";
import { expect, test } from "vitest";
import { BoardhandError } from "../../../src/core/model/index.ts";
import { compile, refusal, web } from "./helper.ts";

const words = fc.constantFrom(
  "services",
  "web",
  "image",
  "environment",
  "volumes",
  "ports",
  "networks",
  "depends_on",
  "healthcheck",
  "test",
  "deploy",
  "resources",
  "limits",
  "x-boardhand",
  "update",
  "command",
  "env_file",
  "build",
  "extra_hosts",
  "ulimits",
  "links",
  "name",
  "network_mode",
  "__proto__",
  "constructor",
  "toString",
  "labels",
  "restart",
  "external",
  "ipam",
  "config",
  "",
);
const scalars = fc.oneof(
  words,
  fc.constantFrom(
    "80:80",
    "a:b",
    "/a:/b:ro",
    "${X:-y}",
    "$",
    "${",
    "service:web",
    "1m",
    "!reset",
    "\u0000",
    "=",
    ":",
    "a=b",
    "0-1",
  ),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    scalars,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(words, tie("tree"), { maxKeys: 5 }),
  ),
}));

function answers(text: string): void {
  try {
    compile(text);
  } catch (error) {
    expect(error).toBeInstanceOf(BoardhandError);
  }
}

test("arbitrary trees of compose's own words must be read or refused with a BoardhandError", () => {
  const service = fc.dictionary(words, tree, { maxKeys: 6 });
  const project = fc.oneof(
    tree,
    service.map((body) => ({ services: { web: { image: "a", ...body } } })),
    fc
      .tuple(service, service)
      .map(([web, volume]) => ({ services: { web: { image: "a" } }, networks: web, volumes: volume })),
  );
  fc.assert(
    fc.property(project, (value) => answers(JSON.stringify(value))),
    { numRuns: 3000 },
  );
});

test("arbitrary bytes must be refused with a BoardhandError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => answers(Buffer.from(bytes).toString("latin1"))),
  );
});

test("a service called like a property of every object must be a service like any other", () => {
  const { project } = compile(
    'services: {"constructor": {image: a, environment: [__proto__=x]}, "__proto__": {image: b}}',
  );
  expect(project.services.map((service) => service.name)).toEqual(["__proto__", "constructor"]);
  expect(Object.entries(project.services[1]?.spec.environment ?? {})).toEqual([["__proto__", "x"]]);
});

test("more services than a board could run must be refused", () => {
  const many = Array.from({ length: 1001 }, (_, index) => `  s${index}: {image: a}\n`).join("");
  expect(refusal(() => compile(`services:\n${many}`)).message).toContain("more than 1000 services");
});

test("messages must not show values of the environment", () => {
  const env = { SECRET: "hunter2 hunter2" };
  const error = refusal(() => compile("services: {web: {image: a, tty: $SECRET}}", { env }));
  expect(error.message).not.toContain("hunter2");
});

test.each([
  [
    "ports that repeat all ranges on each address",
    `ports: [${Array.from({ length: 5000 }, (_, n) => `'127.0.${n >> 8}.${n & 255}::1-65535'`).join(", ")}]`,
    "more than 65536 ports",
  ],
  [
    "a long text repeated by aliases",
    `labels: {a: &a ${"x".repeat(1_000_000)}, ${Array.from({ length: 100 }, (_, n) => `l${n}: *a`).join(", ")}}`,
    "more than 16 MiB of text",
  ],
  [
    "templates repeated by aliases",
    `labels: {a: &a $$${"x".repeat(1_000_000)}, ${Array.from({ length: 10 }, (_, n) => `l${n}: *a`).join(", ")}}`,
    "more than 8 MiB",
  ],
  [
    "templates with their variable last, repeated by aliases",
    `labels: {a: &a ${"x".repeat(1_000_000)}$$, ${Array.from({ length: 10 }, (_, n) => `l${n}: *a`).join(", ")}}`,
    "more than 8 MiB",
  ],
])("%s must be refused before they cost memory", (_, body, words) => {
  const started = performance.now();
  expect(refusal(() => web(body)).message).toContain(words);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test("environment files that every service reads anew must be bounded together", () => {
  const services = Array.from({ length: 40 }, (_, n) => `  s${n}: {image: a, env_file: big.env}\n`).join("");
  const envFiles = { "/srv/app/big.env": "A=x\n".repeat(300_000) };
  expect(refusal(() => compile(`services:\n${services}`, { envFiles })).message).toContain(
    "larger than 32 MiB",
  );
});
