// Trees, places, anchors, merge keys, and everything hostile a YAML file can do.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseYaml, yamlParser } from "../../../src/adapters/yaml/index.ts";
import { BoardhandError, type YamlNode } from "../../../src/core/model/index.ts";

/** The tree as plain values. */
function plain(node: YamlNode | undefined): unknown {
  if (node === undefined) return undefined;
  if (node.kind === "scalar") return node.value;
  if (node.kind === "sequence") return node.items.map(plain);
  return Object.fromEntries(node.entries.map((entry) => [entry.key, plain(entry.value)]));
}

function parse(text: string): unknown[] {
  return parseYaml(text, "f.yaml").map(plain);
}

function refusal(text: string): BoardhandError {
  try {
    parseYaml(text, "f.yaml");
  } catch (error) {
    if (error instanceof BoardhandError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("places", () => {
  test("keys and values must know line and column, across line ends of both kinds and a BOM", () => {
    const [root] = parseYaml("\uFEFFa: 1\r\nbb:\r\n  - x\r\n  - 'y'\r\n", "f.yaml");
    if (root?.kind !== "mapping") throw new Error("a mapping was expected");
    expect(root.entries.map((entry) => [entry.key, entry.keyAt.line])).toEqual([
      ["a", 1],
      ["bb", 2],
    ]);
    const list = root.entries[1]?.value;
    expect(list?.kind === "sequence" && list.items.map((item) => item.at)).toEqual([
      { line: 3, column: 5 },
      { line: 4, column: 5 },
    ]);
  });

  test("an error must name file, line and column, and carry the code that was asked for", () => {
    const error = refusal("a: 1\nb: [1\n");
    expect(error.code).toBe("E_COMPOSE");
    expect(error.message).toMatch(/^f\.yaml:3:1: not valid YAML/);
    expect(error.data).toMatchObject({ file: "f.yaml", line: 3, column: 1 });
    expect(() => yamlParser("E_CONFIG")("a: [", "c.yml")).toThrow(
      expect.objectContaining({ code: "E_CONFIG" }),
    );
  });
});

describe("documents", () => {
  test.each([
    ["", []],
    ["# only a comment\n", []],
    ["---\n", [null]],
    ["a: 1\n---\nb: 2\n", [{ a: 1 }, { b: 2 }]],
    ["%YAML 1.2\n---\na: 1\n...\n", [{ a: 1 }]],
    ["- a\n- b\n", [["a", "b"]]],
    ["? x\n", [{ x: null }]],
    ["__proto__: {a: 1}\n", [Object.fromEntries([["__proto__", { a: 1 }]])]],
  ])("%j must be read", (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test("a block scalar that ends with the file must not gain a line break", () => {
    expect(parse("a: |\n  x\n  y")).toEqual([{ a: "x\ny" }]);
    expect(parse("a: |\n  x\n")).toEqual([{ a: "x\n" }]);
  });

  test("a closing bracket at the key's column must be accepted, as docker compose does", () => {
    expect(parse("a: [x,\n  y\n]\nb: {c: d,\n}\n")).toEqual([{ a: ["x", "y"], b: { c: "d" } }]);
  });

  test("tags that are not YAML's own must be kept for the reader", () => {
    const [root] = parseYaml("a: !reset null\nb: !override [1]\n", "f.yaml");
    expect(root?.kind === "mapping" && root.entries.map((entry) => entry.value.tag)).toEqual([
      "!reset",
      "!override",
    ]);
  });
});

describe("anchors and merge keys", () => {
  test.each([
    ["a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\n", { a: { b: 1, c: 2 }, d: { b: 3, c: 2 } }],
    ["a: &x {b: 1}\nd: {b: 3, <<: *x}\n", { a: { b: 1 }, d: { b: 3 } }],
    [
      "a: &x {b: 1}\ne: &y {b: 2, c: 3}\nd: {<<: [*x, *y]}\n",
      { a: { b: 1 }, e: { b: 2, c: 3 }, d: { b: 1, c: 3 } },
    ],
    ["a: &x {b: 1}\nd:\n  !!merge <<: *x\n", { a: { b: 1 }, d: { b: 1 } }],
    ["a: &x [1, 2]\nb: *x\n", { a: [1, 2], b: [1, 2] }],
    ['a: {"<<": 1}\n', { a: { "<<": 1 } }],
  ])("%j must be expanded", (text, expected) => {
    expect(parse(text)).toEqual([expected]);
  });

  test.each([
    ["a: *nothing\n", "no anchor"],
    ["a: &a [*a]\n", "no anchor"],
    ["a: &x 1\n---\nb: *x\n", "no anchor"],
    ["a: {<<: 1}\n", "<< takes a mapping"],
    ["a: &x {b: 1}\nd: {<<: *x, <<: *x}\n", "given twice"],
    ["a: 1\nb: 2\na: 3\n", 'f.yaml:3:1: the key "a" is given twice'],
    ["a: {b: 1, b: 2}\n", "given twice"],
    ["1: x\n", "f.yaml:1:1: a key is not a string"],
    ["true: x\n", "not a string"],
    ["[a]: x\n", "not a string"],
    ["a:\n\tb: 1\n", "tab"],
    ["a: \u0000\n", "null byte"],
    ["a: b\n c: d\n", "bad indentation"],
  ])("%j must be refused", (text, words) => {
    expect(refusal(text).message).toContain(words);
  });
});

describe("hostile input", () => {
  test("aliases that multiply must be refused before they cost memory", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 30; level += 1) {
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(", ")}]`);
    }
    const started = performance.now();
    expect(refusal(lines.join("\n")).message).toContain("more than 200000 values");
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test("two hundred thousand values must be read, and one more be refused", () => {
    const list = (items: number): string => `[${"x,".repeat(items)}]`;
    expect(() => parse(list(199_999))).not.toThrow();
    expect(refusal(list(200_000)).message).toContain("more than 200000 values");
  });

  test("aliases that deepen must be refused", () => {
    const lines = ["a0: &a0 [x]"];
    for (let level = 1; level < 150; level += 1) lines.push(`a${level}: &a${level} [*a${level - 1}]`);
    expect(refusal(lines.join("\n")).message).toContain("nested deeper than 100");
  });

  test.each([
    ["brackets", "[".repeat(100_000)],
    ["braces", "{a: ".repeat(100_000)],
    ["dashes", "- ".repeat(100_000)],
  ])("a hundred thousand nested %s must be refused", (_, text) => {
    expect(refusal(text).message).toMatch(/maxDepth|nested/);
  });

  test("a file of 5 MB must be refused unread", () => {
    expect(refusal(`a: ${"x".repeat(5_000_000)}`).message).toContain("larger than 4 MiB");
  });

  test("arbitrary text must be read or refused with a BoardhandError, never anything else", () => {
    const yamlish = fc.array(
      fc.constantFrom(
        "a",
        ": ",
        "\n",
        "  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&x ",
        "*x",
        "<<",
        "!!str ",
        "|",
        ">",
        '"',
        "'",
        "\\",
        "#",
        "? ",
        "\t",
        "0x",
        "---\n",
        "%",
        "\u0000",
        "\uFEFF",
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          yamlish.map((parts) => parts.join("")),
          fc.string({ unit: "binary" }),
        ),
        (text) => {
          try {
            parseYaml(text, "f.yaml");
          } catch (error) {
            expect(error).toBeInstanceOf(BoardhandError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
