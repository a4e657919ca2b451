// The vendored schema behind ajv. Which mistake is told, and the words compose has for it, are docker compose 2.40.3's.
import { describe, expect, test } from "vitest";
import { createSchemaCheck } from "../../../src/adapters/schema/index.ts";
import { COMPOSE_SCHEMA_FILE } from "../../../src/assets.ts";

const check = createSchemaCheck(COMPOSE_SCHEMA_FILE);
const service = (web: unknown) => check({ services: { web } });

describe("the compose schema", () => {
  test("a document that fits must have no problems", () => {
    expect(service({ image: "a", ports: ["80:80", 81, { target: 82 }], "x-own": 1 })).toEqual([]);
  });

  test("the deepest problem must be told, an unknown key counting as one level more", () => {
    const [first, ...rest] = service({ image: 1, ports: [{ target: 80, foo: 1 }], bar: 2 });
    expect(first).toMatchObject({ path: ["services", "web", "ports", "0"], unknownKey: "foo" });
    expect(rest.map((problem) => problem.unknownKey)).toEqual(["bar"]);
  });

  test.each([
    [{ image: 1 }, "image", "must be a string"],
    [{ command: { a: 1 } }, "command", "must be a list or a string or empty"],
    [{ healthcheck: { disable: 3 } }, "healthcheck.disable", "must be a string or true or false"],
    [{ cgroup: "own" }, "cgroup", "means nothing here"],
    [{ provider: {} }, "provider", 'lacks the key "type"'],
    [{ credential_spec: [] }, "credential_spec", "must be a mapping"],
    [{ build: { context: ".", ulimits: { nofile: {} } } }, "build.ulimits.nofile", 'lacks the key "soft"'],
    [{ security_opt: ["a", "a"] }, "security_opt", "names something twice"],
    [{ deploy: { placement: { preferences: [3] } } }, "deploy.placement.preferences.0", "must be a mapping"],
    [{ deploy: { rollback_config: { order: "x" } } }, "deploy.rollback_config.order", "means nothing here"],
  ])("%j must be refused at %s: %s", (web, path, what) => {
    const [problem] = service(web);
    expect([problem?.path.join("."), problem?.what]).toEqual([`services.web.${path}`, what]);
  });

  test("an allowed word must be offered where another was written", () => {
    expect(service({ cgroup: "own" })[0]?.hint).toBe("use one of host, private");
  });

  test("a key with a slash or a tilde must be found again", () => {
    const [problem] = check({ services: { web: { image: "a", deploy: { "a/b~c": 1 } } } });
    expect(problem).toMatchObject({ path: ["services", "web", "deploy"], unknownKey: "a/b~c" });
  });

  test("a list of a hundred thousand items must not take time by its square", () => {
    const items = Array.from({ length: 100_000 }, (_, index) => ({ type: "tmpfs", target: `/${index}` }));
    const started = performance.now();
    expect(service({ volumes: items })).toEqual([]);
    expect(service({ volumes: [...items, items[0]] })[0]?.what).toBe("names something twice");
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
