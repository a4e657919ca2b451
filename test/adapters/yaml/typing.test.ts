// Scalar typing, row by row as docker compose's parser does it.
import { expect, test } from "vitest";
import { parseYaml } from "../../../src/adapters/yaml/index.ts";
import type { YamlNode } from "../../../src/core/model/index.ts";

function typed(source: string): unknown {
  const [root] = parseYaml(`a: ${source}\n`, "f.yaml");
  const node: YamlNode | undefined = root?.kind === "mapping" ? root.entries[0]?.value : undefined;
  return node?.kind === "scalar" ? node.value : node;
}

test.each([
  ["0700", 448],
  ["01234", 668],
  ["-010", -8],
  ["0899", 899],
  ["08", 8],
  ["1_000", 1000],
  ["123456789012345678", 123456789012345678n],
  ["18446744073709551615", 18446744073709551615n],
  ["123456789012345678901", 123456789012345680000],
  ["9007199254740991", 9007199254740991],
  ["1.0", 1],
  ["1.10", 1.1],
  [".5", 0.5],
  ["1e3", 1000],
  ["0b101", 5],
  ["0o17", 15],
  ["0x1F", 31],
  ["+5", 5],
  ["yes", "yes"],
  ["no", "no"],
  ["on", "on"],
  ["off", "off"],
  ["y", "y"],
  ["true", true],
  ["True", true],
  ["FALSE", false],
  ["tRue", "tRue"],
  ["2020-01-02", "2020-01-02"],
  ["10.0.0.1", "10.0.0.1"],
  ["1:30", "1:30"],
  ["8080:80", "8080:80"],
  [".inf", Number.POSITIVE_INFINITY],
  ["-.inf", Number.NEGATIVE_INFINITY],
  [".nan", Number.NaN],
  ["null", null],
  ["~", null],
  ["", null],
  ["Null", null],
  ['"1"', "1"],
  ["'true'", "true"],
  ["!!str 5", "5"],
  ["!!int 5", 5],
  ["! 5", "5"],
  ["_1", "_1"],
])("%s must be typed as docker compose types it", (source, expected) => {
  expect(typed(source)).toEqual(expected);
});

test("a number of many digits must stay text instead of costing time", () => {
  const digits = "9".repeat(1000);
  expect(typed(digits)).toBe(digits);
});

test.each(["!!int x", "!!bool maybe", "!!binary aGk=", "!!timestamp 2020-01-02"])(
  "%s must be refused with its place",
  (source) => {
    expect(() => typed(source)).toThrow(/^f\.yaml:1:\d+: .*cannot be read as !!/);
  },
);
