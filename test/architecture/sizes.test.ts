// A file is read in one sitting and a function on one screen.
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { codeFiles, lineOf, nodesOf, parse, place, textOf } from "./tree.ts";

const fileLines = 300;
const functionLines = 60;

describe("sizes", () => {
  test("there must be files to measure", () => {
    expect(codeFiles().filter((path) => path.startsWith("src/")).length).toBeGreaterThan(10);
  });

  test(`a file must not be longer than ${fileLines} lines`, () => {
    const tooLong = codeFiles()
      .map((path) => ({ path, lines: textOf(path).split("\n").length - 1 }))
      .filter(({ lines }) => lines > fileLines)
      .map(({ path, lines }) => `${path}: ${lines} lines`);
    expect(tooLong).toEqual([]);
  });

  test(`a function must not be longer than ${functionLines} lines`, () => {
    expect(codeFiles().flatMap(longFunctions)).toEqual([]);
  });
});

function longFunctions(path: string): readonly string[] {
  const file = parse(path);
  return nodesOf(file)
    .filter((node) => isFunctionWithBody(node) && !isGroupOfTests(node))
    .map((node) => ({ node, lines: lineOf(file, node.end) - lineOf(file, node.getStart(file)) + 1 }))
    .filter(({ lines }) => lines > functionLines)
    .map(({ node, lines }) => `${place(file, node)}: ${lines} lines`);
}

function isFunctionWithBody(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
}

/** The callback of `describe` is a list of functions, each of which is measured. */
function isGroupOfTests(node: ts.Node): boolean {
  const call = node.parent;
  return ts.isCallExpression(call) && /^describe\b/.test(call.expression.getText());
}
