// The three Dockerfiles are one, but for the image they start from; and the build context has what they copy, no more.
import { describe, expect, test } from "vitest";
import { imageNodeOptions } from "../support/node-options.ts";
import { projectFiles, textOf } from "./tree.ts";

const BASES: Readonly<Record<string, string>> = {
  Dockerfile: "debian:trixie-slim",
  "Dockerfile.armhf": "arm32v7/debian:trixie-slim",
  "Dockerfile.aarch64": "arm64v8/debian:trixie-slim",
};
/** Made by `make bundle`, and not committed. */
const MADE = ["dist/boardhand*"];

describe("the Dockerfiles", () => {
  test("there must be these three", () => {
    expect(projectFiles().filter((path) => /^Dockerfile/.test(path))).toEqual(Object.keys(BASES).sort());
  });

  test.each(Object.entries(BASES))("%s must start from %s, or from BASE_IMAGE", (file, base) => {
    expect(linesOf(file).filter(isFrom)).toEqual([`FROM \${BASE_IMAGE:-${base}}`]);
  });

  test("they must differ in their FROM line and nowhere else", () => {
    const [first, ...others] = Object.keys(BASES).map(linesOf);
    for (const other of others) expect(differences(first ?? [], other)).toEqual([]);
  });

  test("the service must be kept to as much memory as they are", () => {
    const options = imageNodeOptions();
    expect(options).toMatch(/--max-old-space-size=\d+/);
    expect(linesOf("deploy/boardhand.service")).toContain(`Environment="NODE_OPTIONS=${options}"`);
  });

  test("a second line that differs must be noticed", () => {
    const lines = linesOf("Dockerfile");
    const changed = lines.map((line) => (line.startsWith("EXPOSE") ? "EXPOSE 8081" : line));
    expect(differences(lines, changed)).toEqual(["EXPOSE 8080 / EXPOSE 8081"]);
    expect(differences(lines, [...lines, "USER nobody"])).toEqual(["nothing / USER nobody"]);
  });

  test("the build context must let in what they copy, and nothing else", () => {
    const copied = linesOf("Dockerfile")
      .filter((line) => line.startsWith("COPY "))
      .flatMap((line) => line.split(" ").slice(1, -1));
    const [all, ...allowed] = linesOf(".dockerignore").filter((line) => line !== "" && !line.startsWith("#"));
    expect(all).toBe("*");
    expect(allowed.toSorted()).toEqual(copied.map((path) => `!${path}`).sort());
  });

  test("what they copy must be committed, or made by the bundle", () => {
    const copied = linesOf(".dockerignore").flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : []));
    expect(copied.filter((path) => !projectFiles().includes(path)).sort()).toEqual(MADE.toSorted());
  });
});

function linesOf(path: string): readonly string[] {
  return textOf(path).split("\n");
}

function isFrom(line: string): boolean {
  return line.startsWith("FROM ");
}

/** Lines that are not the same at the same place, FROM aside. */
function differences(left: readonly string[], right: readonly string[]): readonly string[] {
  const count = Math.max(left.length, right.length);
  return Array.from({ length: count }, (_, index) => [left[index], right[index]] as const)
    .filter(([one, other]) => one !== other && !(isFrom(one ?? "") && isFrom(other ?? "")))
    .map(([one = "nothing", other = "nothing"]) => `${one} / ${other}`);
}
