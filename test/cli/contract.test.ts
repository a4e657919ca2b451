// docs/reference/{cli,errors}.md against the code.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderReference } from "./reference.ts";

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);

describe("the reference pages", () => {
  it("cli.md must be what the help table says", () => {
    if (process.env.UPDATE === "1") writeFileSync(at("docs/reference/cli.md"), renderReference());
    expect(readFileSync(at("docs/reference/cli.md"), "utf8"), "stale: run with UPDATE=1").toBe(
      renderReference(),
    );
  });

  it("errors.md must have each error code once, in order, with every column filled, and no other", () => {
    const source = readFileSync(at("src/core/model/error.ts"), "utf8");
    const codes = [...source.matchAll(/^ {2}\| "(E_[A-Z_]+)"/gm)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(20);
    const rows = readFileSync(at("docs/reference/errors.md"), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("| `E_"))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(rows.map((row) => row[0]?.replaceAll("`", ""))).toEqual(codes);
    expect(rows.filter((row) => row.length !== 5 || row.includes(""))).toEqual([]);
  });
});
