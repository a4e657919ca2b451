// What neither the compiler nor the linter refuses, or refuses only until somebody switches it off in a comment.
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { codeFiles, nodesOf, parse, place, textOf } from "./tree.ts";

const typed = codeFiles().filter((path) => path.endsWith(".ts"));
const product = typed.filter((path) => path.startsWith("src/"));

describe("habits", () => {
  test("no type must be `any`", () => {
    expect(places(typed, (node) => node.kind === ts.SyntaxKind.AnyKeyword)).toEqual([]);
  });

  test("no comment must switch off the compiler", () => {
    // Put together here so that this file does not match itself.
    const words = ["@ts-" + "ignore", "@ts-" + "nocheck", "@ts-" + "expect-error"];
    expect(lines(codeFiles(), new RegExp(words.join("|")))).toEqual([]);
  });

  test("nothing must be left for later", () => {
    expect(
      lines(codeFiles(), new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`)),
    ).toEqual([]);
  });

  test("nothing must be exported as the default", () => {
    const own = typed.filter((path) => !path.endsWith(".config.ts"));
    const isDefault = (node: ts.Node) =>
      ts.isExportAssignment(node) ||
      (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent));
    expect(places(own, isDefault)).toEqual([]);
  });

  test("no module of the product must have a variable of its own", () => {
    const isModuleVariable = (node: ts.Node) =>
      ts.isVariableStatement(node) &&
      ts.isSourceFile(node.parent) &&
      (node.declarationList.flags & ts.NodeFlags.Const) === 0;
    expect(places(product, isModuleVariable)).toEqual([]);
  });

  test("core must take nothing but hashes from node:crypto", () => {
    const core = product.filter((path) => path.startsWith("src/core/"));
    const isOther = (node: ts.Node) =>
      ts.isImportDeclaration(node) &&
      /crypto/.test(node.moduleSpecifier.getText()) &&
      node.importClause?.getText() !== "{ createHash }";
    expect(places(core, isOther)).toEqual([]);
  });

  test("core must not ask for the time or for luck", () => {
    const core = product.filter((path) => path.startsWith("src/core/"));
    const isEffect = (node: ts.Node) =>
      (ts.isPropertyAccessExpression(node) &&
        /^(Date\.now|Math\.random|performance\.now)$/.test(node.getText())) ||
      (ts.isNewExpression(node) && node.expression.getText() === "Date" && node.arguments?.length === 0) ||
      (ts.isIdentifier(node) &&
        /^(process|console|fetch|setTimeout|setInterval)$/.test(node.text) &&
        isUse(node));
    expect(places(core, isEffect)).toEqual([]);
  });

  test("a file of the product must open by saying what it is for", () => {
    expect(product.filter((path) => !/^(#!.*\n)?(\/\/|\/\*\*)/.test(textOf(path)))).toEqual([]);
  });
});

/** An identifier that stands for the global, not for a member or a declared name. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  return ts.isCallExpression(parent) && parent.expression === node;
}

function places(paths: readonly string[], wanted: (node: ts.Node) => boolean): readonly string[] {
  return paths.flatMap((path) => {
    const file = parse(path);
    return nodesOf(file)
      .filter(wanted)
      .map((node) => place(file, node));
  });
}

function lines(paths: readonly string[], wanted: RegExp): readonly string[] {
  return paths.flatMap((path) =>
    textOf(path)
      .split("\n")
      .flatMap((line, index) => (wanted.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}
