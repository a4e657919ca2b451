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

test.each([
  ["2020-01-02", true],
  ["2020-1-2", true],
  ["2020-02-29", true],
  ["2020-01-02T10:11:12Z", true],
  ["2020-01-02t1:2:3.5+01:00", true],
  ["2020-1-2 3:4:5", true],
  ["2021-02-29", false],
  ["2020-13-02", false],
  ["2020-01-00", false],
  ["2020-01-02T24:00:00Z", false],
  ["2020-01-02T10:11:12", false],
  ["2020-01-02 10:11", false],
  ["2020-01", false],
  ["20-01-02", false],
  ["2020-01-02x", false],
  ['"2020-01-02"', false],
  ["!!str 2020-01-02", false],
])("%s must be marked as a date: %s", (source, marked) => {
  const [document] = parseYaml(`a: ${source}`, "f");
  const value = document?.kind === "mapping" ? document.entries[0]?.value : undefined;
  expect(value?.tag === "!!timestamp").toBe(marked);
});

test("a key that is a date must be refused like any key that is not a string", () => {
  expect(() => parseYaml("2020-01-02: a", "f")).toThrow("a key is not a string");
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
