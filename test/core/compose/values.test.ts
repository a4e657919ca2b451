// The small grammars: durations, sizes, numbers as text, shell words, paths, nearest keys.
import { expect, test } from "vitest";
import type { Place } from "../../../src/core/compose/tree.ts";
import { parseBytes } from "../../../src/core/compose/values/bytes.ts";
import { parseDuration } from "../../../src/core/compose/values/duration.ts";
import { scalarToText } from "../../../src/core/compose/values/number-text.ts";
import { absolutePath, cleanPath } from "../../../src/core/compose/values/path.ts";
import { splitShellWords } from "../../../src/core/compose/values/shell-words.ts";
import { nearest } from "../../../src/core/compose/values/suggest.ts";
import type { YamlScalarValue } from "../../../src/core/model/index.ts";
import { refusal } from "./helper.ts";

test.each([
  ["90s", 90e9],
  ["1m30s", 90e9],
  ["1.5s", 1.5e9],
  ["500ms", 500e6],
  ["10us", 10_000],
  ["5µs", 5000],
  ["7ns", 7],
  ["1h", 3600e9],
  ["1w2d", 9 * 86_400e9],
  ["0", 0],
  ["0s", 0],
  [".5m", 30e9],
  ["90", null],
  ["", null],
  ["s", null],
  ["1x", null],
  ["-1s", -1e9],
  ["+1s", 1e9],
  ["0.6666us", 666],
  ["1s ", null],
  ["1000w1000000h", 1000 * 7 * 86_400e9 + 1_000_000 * 3600e9],
  ["100000w", null],
  ["1s".repeat(100), null],
])("the duration %j must be %j nanoseconds", (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each([
  ["1024", 1024],
  ["64m", 67_108_864],
  ["64MB", 67_108_864],
  ["64MiB", 67_108_864],
  ["1.5g", 1_610_612_736],
  ["1 k", 1024],
  ["10b", 10],
  ["1t", 1024 ** 4],
  ["1p", 1024 ** 5],
  ["100p", null],
  ["-1", null],
  ["m", null],
  ["1x", null],
  ["", null],
])("the size %j must be %j bytes", (text, expected) => {
  expect(parseBytes(text)).toBe(expected);
});

test.each<[YamlScalarValue, string, string]>([
  [1, "1", "1"],
  [1, "1.0", "1"],
  [1.1, "1.10", "1.1"],
  [1_000_000, "1000000", "1000000"],
  [1_000_000, "1000000.0", "1e+06"],
  [1_234_567.5, "1234567.5", "1.2345675e+06"],
  [0.00001, "0.00001", "1e-05"],
  [0.0001, "0.0001", "0.0001"],
  [899, "0899", "899"],
  [448, "0700", "448"],
  [0x1e, "0x1e", "30"],
  [-0x1e, "-0x1E", "-30"],
  [14, "+0xE", "14"],
  [89, "089", "89"],
  [8_000_000, "08000000", "8e+06"],
  [1_000_000, "03641100", "1000000"],
  [-0, "-0", "0"],
  [1.5e-9, "1.5e-9", "1.5e-09"],
  [1e21, "1e21", "1e+21"],
  [123456789012345680000, "123456789012345678901", "1.2345678901234568e+20"],
  [Number.POSITIVE_INFINITY, ".inf", "+Inf"],
  [Number.NEGATIVE_INFINITY, "-.inf", "-Inf"],
  [Number.NaN, ".nan", "NaN"],
  [-0, "-0.0", "-0"],
  [true, "True", "true"],
  [null, "~", ""],
  ["x", "x", "x"],
])("%s written %s must print as %s", (value, written, expected) => {
  expect(scalarToText(value, written)).toBe(expected);
});

test("a whole number of twenty digits must print every digit", () => {
  expect(scalarToText(12345678901234567890n, "12345678901234567890")).toBe("12345678901234567890");
});

test.each([
  ["echo a b", ["echo", "a", "b"], null],
  ["  a\t b\n", ["a", "b"], null],
  [`sh -c 'a && b' "c d"`, ["sh", "-c", "a && b", "c d"], null],
  [`a "" ''`, ["a", "", ""], null],
  [`a"b"'c'`, ["abc"], null],
  ['a\\ b \\"', ["a b", '"'], null],
  [`'a\\b' "a\\"b"`, ["a\\b", 'a"b'], null],
  ["echo $HOME", ["echo", "$HOME"], null],
  ["echo $(date) `id`", ["echo", "$(date)", "`id`"], null],
  ["echo a && ls", ["echo", "a"], "&"],
  ["a | b", ["a"], "|"],
  ["a; b", ["a"], ";"],
  ["a 2>b", ["a"], ">"],
  ["a b>c", ["a", "b"], ">"],
  ["2a>f", [], ">"],
  ["a2>f", ["a2"], ">"],
  ['a\\tb "c\\nd"', ["atb", "cnd"], null],
  ["a\\\\nb", ["a\\nb"], null],
  ["", [], null],
])("the command %j must split into %j", (line, words, cutAt) => {
  expect(splitShellWords(line)).toEqual({ words, cutAt });
});

test.each(["'a", '"a', "a\\", "a )", "f(x)", "$(a", "`a"])("the command %j must be refused", (line) => {
  expect(splitShellWords(line)).toBeNull();
});

test.each([
  ["/a//b/../c/", "/a/c"],
  ["/..", "/"],
  ["a/./b", "a/b"],
  ["../a", "../a"],
  ["../../a/../b", "../../b"],
  ["", "."],
])("the path %j must clean to %j", (path, expected) => {
  expect(cleanPath(path)).toBe(expected);
});

test("relative paths must be taken from the project, ~ from HOME, absolute ones left as they are", () => {
  const place = (home?: string): Place => {
    const scope = { directory: "/srv/app", lookup: () => home };
    return { file: "f", line: 1, column: 1, path: "p", scope };
  };
  const from = place("/users/pi");
  expect(absolutePath("./a/../b", from)).toBe("/srv/app/b");
  expect(absolutePath("../b", from)).toBe("/srv/b");
  expect(absolutePath("~/b", from)).toBe("/users/pi/b");
  expect(absolutePath("~", from)).toBe("/users/pi");
  expect(absolutePath("/a//b/", from)).toBe("/a//b/");
  expect(refusal(() => absolutePath("~/b", place())).message).toContain("~ needs HOME");
});

test.each([
  ["imgae", "image"],
  ["Image", "image"],
  ["container-name", "container_name"],
  ["port", "ports"],
  ["zzzzzz", null],
  ["prots", "ports"],
  ["yt", null],
  ["tyt", "tty"],
  ["ytt", null],
  ["miaeg", "image"],
  ["port_call", null],
  ["images_", "image"],
  ["imagesss", null],
  ["x".repeat(100), null],
])("the key nearest to %j must be %j", (word, expected) => {
  expect(nearest(word, ["image", "ports", "container_name", "tty"])).toBe(expected);
});
