// The resolver's memory on disk, as this release, the one before and the one after write it.
import { describe, expect, it } from "vitest";
import { emptyCache, readCache, serializeCache } from "../../../src/reconcile/resolve/cache.ts";
import { digestOf, pinned } from "../../support/builders.ts";

const image = pinned("web", "1");
const answer = (given: object) => ({
  vector: "linux/amd64",
  own: null,
  problem: null,
  image: given,
  current: true,
});

function kept(given: object): unknown {
  return readCache({ version: 1, answers: { key: answer(given) } }).answers.get("key")?.image ?? null;
}

describe("a remembered image", () => {
  it("must be read without diff ids, as an older release wrote it, and with them", () => {
    expect(kept(image)).toEqual(image);
    const known = { ...image, diffIds: [digestOf("a")] };
    expect(kept(known)).toEqual(known);
  });

  it("must be forgotten with diff ids that cannot be its own", () => {
    for (const diffIds of [[], ["a"], [digestOf("a"), digestOf("b")], "a", null])
      expect(kept({ ...image, diffIds })).toBeNull();
  });

  it("must come back as it was written", () => {
    const cache = emptyCache();
    const known = { ...image, diffIds: [digestOf("a")] };
    cache.answers.set("key", { vector: "v", own: null, problem: null, image: known, current: true });
    const written: unknown = JSON.parse(JSON.stringify(serializeCache(cache, 0)));
    expect(readCache(written).answers.get("key")?.image).toEqual(known);
  });
});
