import { describe, expect, it } from "vitest";
import { chainOf, configDiffIds, LayerTree } from "../../../src/core/image/index.ts";
import { digestOf, pinned } from "../../support/builders.ts";

describe("layers that are stored", () => {
  it("must be shared from the bottom up to the first difference", () => {
    const tree = new LayerTree();
    tree.add(["a", "b", "c"]);
    tree.add(["a", "x"]);
    expect(tree.shared(["a", "b", "d", "c"])).toBe(2);
    expect(tree.shared(["a", "x", "y"])).toBe(2);
    expect(tree.shared(["b"])).toBe(0);
    expect(tree.shared(["a", "b"])).toBe(2);
    expect(tree.shared([])).toBe(0);
  });

  it("must bear chains of any length without deep recursion", () => {
    const long = Array.from({ length: 50_000 }, (_, index) => `${index}`);
    const tree = new LayerTree();
    tree.add(long);
    expect(tree.shared(long)).toBe(long.length);
  });
});

describe("the chain of an image", () => {
  it("must be its diff ids, and match nothing stored where they are not known", () => {
    const image = pinned("web", "1");
    expect(chainOf({ ...image, diffIds: [digestOf("a")] })).toEqual([digestOf("a")]);
    const tree = new LayerTree();
    tree.add(image.layers.map(({ digest }) => digest));
    expect(tree.shared(chainOf(image))).toBe(0);
  });
});

describe("diff ids of a config", () => {
  const [a, b] = [digestOf("a"), digestOf("b")];

  it("must be believed when there is one for each layer", () => {
    expect(configDiffIds({ rootfs: { type: "layers", diff_ids: [a, b] } }, 2)).toEqual([a, b]);
    expect(configDiffIds({ rootfs: { diff_ids: [] } }, 0)).toEqual([]);
  });

  it.each([
    ["too few", { rootfs: { diff_ids: [a] } }],
    ["no digests", { rootfs: { diff_ids: [a, "b"] } }],
    ["no list", { rootfs: { diff_ids: { 0: a, 1: b, length: 2 } } }],
    ["no rootfs", {}],
    ["rootfs null", { rootfs: null }],
    ["no object", "config"],
    ["null", null],
  ])("must be unknown otherwise: %s", (_, config) => {
    expect(configDiffIds(config, 2)).toBeNull();
  });
});
