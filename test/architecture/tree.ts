// The files of the project as the architecture tests see them: what git knows or would add, as text or parsed.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

export const root = resolve(import.meta.dirname, "../..");

/** Paths relative to the root, without what .gitignore leaves out and without what is deleted but not committed. */
export function projectFiles(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .sort();
}

/** Those written in TypeScript or JavaScript. */
export function codeFiles(): readonly string[] {
  return projectFiles().filter((path) => /\.(ts|mjs|cjs)$/.test(path));
}

export function textOf(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, textOf(path), ts.ScriptTarget.Latest, true);
}

/** Every node of a file, parents first. */
export function nodesOf(node: ts.Node): readonly ts.Node[] {
  const found: ts.Node[] = [node];
  node.forEachChild((child) => {
    found.push(...nodesOf(child));
  });
  return found;
}

/** `path:line`, counted from 1. */
export function place(file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${lineOf(file, node.getStart(file))}`;
}

export function lineOf(file: ts.SourceFile, position: number): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}
