// Which keys are read, and which are refused as unknown.
import { expect, test } from "vitest";
import { compile, refusal, web } from "./helper.ts";

test("what docker compose itself refuses must be refused as unknown, with file, line, column and key", () => {
  const error = refusal(() => web("user: a\nvolume_driver: x"));
  expect(error.message).toBe(
    '/srv/app/0.yaml:5:5: services.web.volume_driver: the key "volume_driver" is unknown',
  );
  expect(error.data).toEqual({
    file: "/srv/app/0.yaml",
    line: 5,
    column: 5,
    key: "services.web.volume_driver",
  });
});

test.each([
  ["services: {web: {imgae: a}}", "services.web.imgae", "image"],
  ["services: {web: {image: a, enviroment: []}}", "services.web.enviroment", "environment"],
  ["services: {web: {image: a}}\nvolume: {}", "volume", "volumes"],
  [
    "services: {web: {image: a, healthcheck: {intervall: 1s}}}",
    "services.web.healthcheck.intervall",
    "interval",
  ],
  ["services: {web: {image: a}}\nnetworks: {n: {extrenal: true}}", "networks.n.extrenal", "external"],
  ["services: {web: {image: a}}\nvolumes: {n: {drivr: x}}", "volumes.n.drivr", "driver"],
  ["services: {web: {image: a, deploy: {replica: 1}}}", "services.web.deploy.replica", "replicas"],
])("a typo in %s must be refused as unknown, naming what was meant", (text, path, meant) => {
  const error = refusal(() => compile(text));
  expect(error.message).toContain(`${path}: the key "${path.split(".").at(-1)}" is unknown`);
  expect(error.hint).toBe(`did you mean "${meant}"?`);
});

test("extensions must be free everywhere", () => {
  expect(() =>
    web("x-a: 1\nhealthcheck: {x-b: 1, test: a}\ndeploy: {x-c: 1}\nlogging: {x-d: 1}"),
  ).not.toThrow();
});

test("version, build beside an image and placement must be ignored with a warning", () => {
  const { warnings } = compile(
    "version: '3'\nservices:\n  web:\n    image: a\n    build: .\n    attach: false\n    deploy: {placement: {constraints: [x]}}\n",
  );
  expect(warnings.map((line) => line.split(": ")[2])).toHaveLength(3);
  expect(warnings.join()).toMatch(/version is obsolete.*build is ignored.*placement means nothing/s);
});

test.each([
  ["services: {web: {}}", "has no image"],
  ["services: {web: }", "must be a mapping"],
  ["services: {web: [a]}", "must be a mapping"],
  ["", "the file is empty"],
  ["# nothing\n", "the file is empty"],
  ["---\n---\n", "the file is empty"],
  ["- a\n- b\n", "must be a mapping"],
  ["just text", "must be a mapping"],
  ["services: {'a b': {image: a}}", "not a usable name"],
  ["services: {web: {image: 5}}", "must be a string"],
])("%j must be refused: %s", (text, words) => {
  expect(refusal(() => compile(text)).message).toContain(words);
});

test.each([
  ["auto", "auto"],
  ["notify", "notify"],
  ["off", "off"],
  ["'off'", "off"],
  ["false", "off"],
])("x-boardhand update: %s must be read", (word, expected) => {
  expect(web(`x-boardhand: {update: ${word}}`).update).toBe(expected);
});

test("the service's update mode must win over the project's, which counts for the rest", () => {
  const { project } = compile(
    "x-boardhand: {update: notify}\nservices: {a: {image: a}, b: {image: b, x-boardhand: {update: auto}}}\n",
  );
  expect(project.services.map((service) => service.update)).toEqual(["notify", "auto"]);
  expect(web("user: a").update).toBe("auto");
});

test.each([
  ["{updates: auto}", '"updates" is unknown'],
  ["{window: x}", '"window" is unknown'],
  ["{x-y: 1}", '"x-y" is unknown'],
  ["{update: sometimes}", "not a way to update"],
  ["[update]", "must be a mapping"],
])("x-boardhand: %s must be refused with its place", (body, words) => {
  const error = refusal(() => web(`x-boardhand: ${body}`));
  expect(error.message).toContain(words);
  expect(error.message).toMatch(/^\/srv\/app\/0\.yaml:4:\d+: services\.web\.x-boardhand/);
});
