// config/pipeline.yml, its JSON Schema and docs/reference/pipeline.md against the schema in the code.
import { readFileSync, writeFileSync } from "node:fs";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { pipelineJsonSchema, pipelineSchema } from "../../../../src/adapters/config/pipeline/schema.ts";
import { blocks, renderPipelineReference } from "../reference.ts";

const at = (path: string): URL => new URL(`../../../../${path}`, import.meta.url);
const own = readFileSync(at("config/pipeline.yml"), "utf8");

function upToDate(path: string, content: string): void {
  if (process.env.UPDATE === "1") writeFileSync(at(path), content);
  expect(readFileSync(at(path), "utf8"), `${path} is stale: run with UPDATE=1`).toBe(content);
}

describe("this repository's pipeline", () => {
  it("must have every key of the schema, each explained", () => {
    const { keys } = blocks(own);
    expect(keys.map(({ key }) => key)).toEqual(Object.keys(pipelineSchema.shape));
    expect(keys.filter(({ comment }) => comment.length === 0)).toEqual([]);
  });

  it("must name every key of a row where the matrix is explained", () => {
    const matrix = blocks(own).keys.find(({ key }) => key === "matrix");
    const text = matrix?.comment.join(" ") ?? "";
    const keys = Object.keys(pipelineSchema.shape.matrix.element.shape);
    expect(keys.length).toBeGreaterThan(8);
    expect(keys.filter((key) => !text.includes(key))).toEqual([]);
  });

  it.each(["context", "main", "builder", "parallel", "emulators", "list"])(
    "must say %s as it is by default, where it says that this is the default",
    (key) => {
      const defaults: Readonly<Record<string, unknown>> = pipelineSchema.parse({
        image: "a/b",
        matrix: [{ arch: "x", platform: "linux/amd64" }],
      });
      const written = load(own) as Readonly<Record<string, unknown>>;
      expect(written[key]).toEqual(defaults[key]);
    },
  );

  it("must be what docs/reference/pipeline.md was rendered from", () => {
    upToDate("docs/reference/pipeline.md", renderPipelineReference(own));
  });

  it("must have a JSON Schema made from the code's", () => {
    upToDate("config/pipeline.schema.json", `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`);
  });
});
