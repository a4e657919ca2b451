// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of compose files
// The grammar of .env files and env_file.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRawEnv } from "../../../src/core/compose/environment/dotenv.ts";
import { parseDotenv } from "../../../src/core/compose/index.ts";
import { BoardhandError } from "../../../src/core/model/index.ts";
import { refusal } from "./helper.ts";

const outside = new Map([
  ["HOST", "host"],
  ["P", "outer"],
]);
const options = { file: "/srv/.env", lookup: (name: string) => outside.get(name) };

function read(text: string): Record<string, string> {
  return Object.fromEntries(parseDotenv(text, options));
}

test.each([
  ["A=1\nB=2", { A: "1", B: "2" }],
  ["A: 1", { A: "1" }],
  ["\uFEFFA=1\r\nB=2\r\n", { A: "1", B: "2" }],
  ["export A=1", { A: "1" }],
  ["  A  =  1  ", { A: "1" }],
  ["# c\n\n  # d\nA=1", { A: "1" }],
  ["A=1 # c", { A: "1" }],
  ["A=1# c", { A: "1# c" }],
  ["A=#c", { A: "#c" }],
  ["A=", { A: "" }],
  ["A=\nB=1", { A: "", B: "1" }],
  ["HOST", { HOST: "host" }],
  ["HOST\nA=1", { HOST: "host", A: "1" }],
  ["NOBODY\nA=1", { A: "1" }],
  ["A='$HOST \"x\"'", { A: '$HOST "x"' }],
  ["A='it\\'s'", { A: "it's" }],
  ["A='a\nb'\nB=1", { A: "a\nb", B: "1" }],
  ['A="a\\nb\\t\\"c\\"\\\\"', { A: 'a\nb\t"c"\\' }],
  ['A="a\nb"', { A: "a\nb" }],
  ['A="\\$HOST $HOST"', { A: "$HOST host" }],
  ['A="\\0101"', { A: "A" }],
  ['A="x" # c\nB=1', { A: "x", B: "1" }],
  ["A=$HOST/${HOST:-x}", { A: "host/host" }],
  ["A=1\nB=$A", { A: "1", B: "1" }],
  ["P=inner\nB=$P", { P: "inner", B: "outer" }],
  ["A=$$HOST", { A: "$HOST" }],
  ["A=1\nA=2", { A: "2" }],
  ["a.b-c[0]=x", { "a.b-c[0]": "x" }],
  ["A=b=c", { A: "b=c" }],
  ["A=x:y", { A: "x:y" }],
  ["__proto__=x", Object.fromEntries([["__proto__", "x"]])],
])("%j must be read", (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  ["A=1\nB C=2", "/srv/.env:2:1: a variable name cannot contain a space"],
  ["A=1\n=2", "/srv/.env:2:1: a variable name is missing"],
  ["A%=2", '/srv/.env:1:2: unexpected character "%"'],
  ['A=1\nB="x', "/srv/.env:2:3: a quoted value has no closing quote"],
  ["A='x", "no closing quote"],
  ["A=${", "invalid interpolation format"],
  ["A=${NO:?give it}", "required variable NO is missing a value: give it"],
  ["A=\u0000", "NUL"],
])("%j must be refused with its place", (text, message) => {
  expect(refusal(() => read(text)).message).toContain(message);
});

test("variables that multiply must be refused before they cost memory", () => {
  const lines = ["A0=xxxxxxxxxx"];
  for (let level = 1; level < 30; level += 1) lines.push(`A${level}=${`$A${level - 1}`.repeat(10)}`);
  expect(refusal(() => read(lines.join("\n"))).message).toContain("more than 4 MiB");
});

test("the raw format must take everything after the first equals sign", () => {
  const text = '# c\nA="x" # y\nB=$HOST\nHOST\nNOBODY\n\n  C= d \n';
  expect(Object.fromEntries(parseRawEnv(text, options))).toEqual({
    A: '"x" # y',
    B: "$HOST",
    HOST: "host",
    C: " d ",
  });
  for (const line of ["A B=1", "A B", "A "])
    expect(refusal(() => parseRawEnv(line, options)).message).toContain("/srv/.env:1:1");
});

test("arbitrary text must be read or refused with a BoardhandError", () => {
  const piece = fc.constantFrom(
    "A",
    "=",
    ":",
    "\n",
    "'",
    '"',
    "\\",
    "$",
    "{",
    "}",
    "#",
    " ",
    "export ",
    "\u0000",
    "é",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (source) => {
      try {
        read(source);
      } catch (error) {
        expect(error).toBeInstanceOf(BoardhandError);
      }
    }),
    { numRuns: 2000 },
  );
});
