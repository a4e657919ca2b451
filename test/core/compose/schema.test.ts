// A merged document beside the schema: the place and the words of what only the schema refuses, and lenient projects.
import { describe, expect, test } from "vitest";
import { createSchemaCheck } from "../../../src/adapters/schema/index.ts";
import { parseYaml } from "../../../src/adapters/yaml/index.ts";
import { COMPOSE_SCHEMA_FILE } from "../../../src/assets.ts";
import { type CompiledProject, compileProject, prepareProject } from "../../../src/core/compose/index.ts";
import { finish, refusal } from "./helper.ts";

const check = createSchemaCheck(COMPOSE_SCHEMA_FILE);

function compile(text: string, lenient = false): CompiledProject {
  const path = "/srv/app/compose.yaml";
  const work = prepareProject({
    parse: parseYaml,
    files: [{ path, documents: parseYaml(text, path) }],
    directory: "/srv/app",
    name: "app",
    environment: new Map(),
    profiles: [],
    environmentFiles: [],
    schema: { check, lenient },
  });
  return compileProject(finish(work), new Map());
}

describe("the schema", () => {
  test("what only the schema refuses must be told with its place", () => {
    const error = refusal(() =>
      compile("services:\n  web:\n    image: a\n    security_opt:\n      - a\n      - a\n"),
    );
    expect(error).toMatchObject({
      code: "E_COMPOSE",
      message: "/srv/app/compose.yaml:5:7: services.web.security_opt: names something twice",
      hint: "remove one of the two",
    });
  });

  test("the better message of a reader must be told before the schema's", () => {
    const error = refusal(() => compile("services:\n  web:\n    image: a\n    restrat: always\n"));
    expect(error.hint).toBe('did you mean "restart"?');
  });

  test("in a lenient project unknown keys must be warnings with their place, and mean nothing", () => {
    const text = [
      "services:",
      "  web:",
      "    image: a",
      "    exclude_from_hc: true",
      "    volumes:",
      "      - {type: volume, source: data, target: /data, is_directory: true}",
      "volumes: {data: {}}",
      "store: {}",
      "",
    ].join("\n");
    expect(() => compile(text)).toThrow();
    const { project, warnings } = compile(text, true);
    expect(warnings).toEqual([
      '/srv/app/compose.yaml:4:5: services.web.exclude_from_hc: the key "exclude_from_hc" is unknown and ignored',
      '/srv/app/compose.yaml:6:53: services.web.volumes[0].is_directory: the key "is_directory" is unknown and ignored',
      '/srv/app/compose.yaml:8:1: store: the key "store" is unknown and ignored',
    ]);
    expect(project.services[0]?.spec.volumes).toEqual([{ type: "volume", source: "data", target: "/data" }]);
  });

  test("a lenient project must be refused for every other mistake", () => {
    expect(refusal(() => compile("services: {web: {image: 3}}", true)).message).toContain("must be a string");
  });
});
