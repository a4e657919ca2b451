// What a file may not say at once (compose.md 1.10), as docker compose has it; each with its place and what to do.
import { describe, expect, test } from "vitest";
import { compile, refusal, spec } from "./helper.ts";

function told(body: string, rest = ""): readonly [string, string | null] {
  const error = refusal(() => spec(body, {}, rest));
  return [error.message.replace(/^\/srv\/app\/0\.yaml:\d+:\d+: services\.web\./, ""), error.hint];
}

describe("a build", () => {
  test.each([
    [
      "build: {dockerfile: x, dockerfile_inline: y}",
      "build: has dockerfile and dockerfile_inline",
      "remove one of them",
    ],
    [
      "build: {additional_contexts: {a: 'service:gone'}}",
      'build: the additional context "a" is a service that does not exist',
      "name one with build",
    ],
    [
      "build: {additional_contexts: {a: 'service:db'}}",
      'build: the additional context "a" is a service that has no build',
      "name one with build",
    ],
    [
      "platform: linux/amd64\nbuild: {platforms: [linux/arm64]}",
      "build: platforms lacks the service's platform linux/amd64",
      "add it to build.platforms",
    ],
    ["build: {secrets: [s]}", 'build: the secret "s" is not defined', "add it to the top-level secrets"],
  ])("%s must be refused: %s", (body, what, hint) => {
    expect(told(body, "  db: {image: db}\n")).toEqual([what, hint]);
  });

  test.each([
    "build: {context: ., dockerfile_inline: y}",
    "build: {additional_contexts: {a: 'service:made', b: 'docker-image://x', c: ./c}}",
    "platform: linux/amd64\nbuild: {platforms: [linux/arm64, linux/amd64]}",
    "platform: linux/amd64\nbuild: {platforms: []}",
  ])("%s must be accepted", (body) => {
    expect(spec(body, {}, "  made: {image: m, build: .}\n")).toHaveProperty("build");
  });
});

test("what is watched must say where it is copied to, unless nothing is", () => {
  const watch = (action: string, more = ""): string =>
    `develop: {watch: [{path: ., action: ${action}${more}}]}`;
  expect(told(watch("sync"))).toEqual([
    "develop: watching with sync needs a target",
    "name a path in the container",
  ]);
  for (const body of [watch("rebuild"), watch("restart"), watch("sync", ", target: /x")])
    expect(spec(body)).toHaveProperty("develop");
});

test("network_mode may stand beside networks that name none", () => {
  expect(spec("network_mode: host\nnetworks: []").network_mode).toBe("host");
  expect(told("network_mode: host\nnetworks: [default]")).toEqual([
    "network_mode: cannot stand beside networks",
    "remove one of them",
  ]);
});

test("an external network may say what it likes, an external volume nothing", () => {
  const service = "services: {web: {image: a}}\n";
  expect(() => compile(`${service}networks: {n: {external: true, driver: x}}`)).not.toThrow();
  expect(() => compile(`${service}volumes: {v: {external: false, driver: x}}`)).not.toThrow();
  expect(refusal(() => compile(`${service}volumes: {v: {external: true, driver: x}}`)).message).toContain(
    "volumes.v.driver: means nothing on something external",
  );
});

test("a circle must be told with its steps, whatever makes it", () => {
  expect(told("links: [db]", "  db: {image: d, network_mode: 'service:web'}\n")).toEqual([
    "links: services depend on each other in a circle: web -> db -> web",
    "remove one of these dependencies; links and shared namespaces count too",
  ]);
});
