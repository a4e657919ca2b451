// config/boardhand.yml, its JSON Schema and docs/reference/config.md against the schema in the code.
import { readFileSync, writeFileSync } from "node:fs";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { leaves } from "../../../src/adapters/config/leaves.ts";
import { fileSchema, jsonSchema } from "../../../src/adapters/config/schema.ts";
import { blocks, renderReference } from "./reference.ts";

const at = (path: string): URL => new URL(`../../../${path}`, import.meta.url);
const sample = readFileSync(at("config/boardhand.yml"), "utf8");
const update = process.env.UPDATE === "1";

function upToDate(path: string, content: string): void {
  if (update) writeFileSync(at(path), content);
  expect(readFileSync(at(path), "utf8"), `${path} is stale: run with UPDATE=1`).toBe(content);
}

/** Every path to a value that is no mapping, or an empty one: `http.listen`. */
function paths(value: unknown, prefix = ""): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [prefix];
  if (Object.keys(value).length === 0) return [prefix];
  return Object.entries(value).flatMap(([key, child]) =>
    paths(child, prefix === "" ? key : `${prefix}.${key}`),
  );
}

describe("the commented configuration", () => {
  it("must have every key of the schema, each at its default, and no other", () => {
    expect(load(sample)).toEqual(fileSchema.parse({}));
  });

  it("must write down every leaf of the schema", () => {
    const written = new Set(paths(load(sample)));
    const missing = leaves()
      .map((leaf) => leaf.path.join("."))
      .filter((path) => !written.has(path) && !path.startsWith("docker.tls."));
    expect(missing).toEqual([]);
    expect(leaves().length).toBeGreaterThan(20);
  });

  it("must explain every key, the nested ones too", () => {
    const lines = sample.split("\n");
    const bare = lines.filter(
      (line, index) => /^ *[a-z_]+:/.test(line) && !lines[index - 1]?.trim().startsWith("#"),
    );
    expect(bare).toEqual([]);
    expect(blocks(sample).keys.map((block) => block.key)).toEqual(Object.keys(fileSchema.parse({})));
  });

  it("must be what the JSON Schema was made from", () => {
    upToDate("config/boardhand.schema.json", `${JSON.stringify(jsonSchema(), null, 2)}\n`);
  });

  it("must be what docs/reference/config.md was rendered from", () => {
    upToDate("docs/reference/config.md", renderReference(sample));
  });
});
