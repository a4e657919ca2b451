import { describe, expect, it } from "vitest";
import { dependencyOrder } from "../../../src/core/plan/index.ts";

const one = (name: string, on: readonly string[] = [], sharesWith: readonly string[] = []) => ({
  name,
  dependsOn: on.map((service) => ({ service })),
  sharesWith,
});
const names = (...services: readonly ReturnType<typeof one>[]) =>
  dependencyOrder(services).map((s) => s.name);

describe("the order of services", () => {
  it("must be by name where nothing depends on anything", () => {
    expect(names(one("c"), one("a"), one("b"))).toEqual(["a", "b", "c"]);
  });

  it("must have dependencies and providers before their dependents, each once", () => {
    expect(names(one("a", ["z"]), one("b", [], ["y"]), one("y", ["z"]), one("z"))).toEqual([
      "z",
      "a",
      "y",
      "b",
    ]);
  });

  it("must have the dependencies of one service by name, however they are written", () => {
    expect(names(one("a", ["y", "x"], ["w"]), one("x"), one("y"), one("w"))).toEqual(["w", "x", "y", "a"]);
  });

  it("must ignore what is not in the list", () => {
    expect(names(one("b", ["gone"]), one("a", [], ["gone"]))).toEqual(["a", "b"]);
  });

  it("must be total where services go round in a circle", () => {
    expect(names(one("b", ["a"]), one("a", ["c"]), one("c", ["b"]))).toEqual(["b", "c", "a"]);
  });
});
