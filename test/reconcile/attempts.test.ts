import { describe, expect, it } from "vitest";
import { Attempts } from "../../src/reconcile/attempts.ts";

describe("a revision that fails without being to blame", () => {
  it("must wait twice as long each time, at most an hour", () => {
    const attempts = new Attempts();
    const pauses = Array.from({ length: 9 }, () => attempts.failed("p", "r", 0));
    expect(pauses.slice(0, 3)).toEqual([30_000, 60_000, 120_000]);
    expect(pauses.at(-1)).toBe(3_600_000);
    expect(attempts.waitMs("p", "r", 0)).toBe(3_600_000);
    expect(attempts.waitMs("p", "r", 3_599_000)).toBe(1000);
    expect(attempts.waitMs("p", "r", 4_000_000)).toBe(0);
  });

  it("must not hold back another revision, another project, or what succeeded since", () => {
    const attempts = new Attempts();
    attempts.failed("p", "r", 0);
    expect(attempts.waitMs("p", "other", 0)).toBe(0);
    expect(attempts.waitMs("q", "r", 0)).toBe(0);
    expect(attempts.failed("p", "other", 0)).toBe(30_000);
    attempts.succeeded("p");
    expect(attempts.waitMs("p", "other", 0)).toBe(0);
  });

  it("must be remembered for a bounded number of projects", () => {
    const attempts = new Attempts();
    for (let n = 0; n < 1001; n++) attempts.failed(`p${n}`, "r", 0);
    expect(attempts.waitMs("p999", "r", 0)).toBe(30_000);
    expect(attempts.waitMs("p1000", "r", 0)).toBe(0);
  });
});
