// Prose that names a file must name one that is there, and no committed file may tell where it was written.
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { projectFiles, root, textOf } from "./tree.ts";

const folders = "(?:src|test|docs|config|deploy|\\.ci)";
const documents = projectFiles().filter((path) => path.endsWith(".md"));
const scripts = projectFiles().filter((path) => /^(?:Makefile|\.ci\/run)$|\.mjs$/.test(path));

/** Joined from parts, so that this file names none of them. */
const hosts = [
  ["deb", "debian", "org"],
  ["security", "debian", "org"],
  ["snapshot", "debian", "org"],
  ["registry", "npmjs", "org"],
  ["registry", "yarnpkg", "com"],
  ["archive", "raspbian", "org"],
].map((parts) => parts.join("."));
const machinePaths = [
  ["", "work", ""].join("/"),
  ["", "home", ""].join("/"),
  ["", "tmp", "bash_jobs"].join("/"),
];

describe("documents", () => {
  test("every path they name must exist", () => {
    expect(documents.flatMap(missingPaths)).toEqual([]);
  });

  test("every path that a script names must exist", () => {
    expect(scripts.length).toBeGreaterThan(10);
    expect(scripts.flatMap(missingPaths)).toEqual([]);
  });

  test("every relative link must lead somewhere", () => {
    expect(documents.flatMap(brokenLinks)).toEqual([]);
  });

  test("no two decisions must have one number", () => {
    const numbers = documents.flatMap((path) => /^docs\/decisions\/(\d+)-/.exec(path)?.[1] ?? []);
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.filter((number, at) => numbers.indexOf(number) !== at)).toEqual([]);
  });

  test("a path that does not exist must be noticed", () => {
    expect(named("see `src/nowhere/at-all.ts` and `src/core/*/index.ts`")).toEqual([
      "src/nowhere/at-all.ts",
      "src/core/",
    ]);
  });
});

describe("committed files", () => {
  test("they must not name a package registry or mirror", () => {
    expect(filesContaining(hosts)).toEqual([]);
  });

  test("they must not name a path of the machine they were written on", () => {
    expect(filesContaining(machinePaths)).toEqual([]);
  });
});

function missingPaths(document: string): readonly string[] {
  return named(textOf(document))
    .filter((path) => !existsSync(join(root, path)))
    .map((path) => `${document}: ${path}`);
}

/** Paths in code spans and code blocks; of a pattern, the folder before its first wildcard. */
function named(text: string): readonly string[] {
  const found = text.match(new RegExp(`(?<![\\w./~-])${folders}/[\\w./*<>{},-]*`, "g")) ?? [];
  return found
    .map((path) => path.replace(/[^/]*[*<{].*$/, "").replace(/[.,-]+$/, ""))
    .filter((path) => path !== "");
}

function brokenLinks(document: string): readonly string[] {
  const links = [...textOf(document).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(
    ([, target]) => target ?? "",
  );
  return links
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(join(root, normalize(join(dirname(document), target)))))
    .map((target) => `${document}: ${target}`);
}

function filesContaining(words: readonly string[]): readonly string[] {
  return projectFiles().flatMap((path) => {
    const text = textOf(path);
    return words.filter((word) => text.includes(word)).map((word) => `${path}: ${word}`);
  });
}
