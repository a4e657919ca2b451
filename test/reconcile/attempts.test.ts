import { describe, expect, it } from "vitest";
import { ANY_WORK, Attempts, workOf } from "../../src/reconcile/attempts.ts";

const WORK = "createContainer web";

describe("work on a revision that fails without being to blame", () => {
  it("must wait twice as long each time, at most an hour", () => {
    const attempts = new Attempts();
    const pauses = Array.from({ length: 9 }, () => attempts.failed("p", "r", WORK, 0));
    expect(pauses.slice(0, 3)).toEqual([30_000, 60_000, 120_000]);
    expect(pauses.at(-1)).toBe(3_600_000);
    expect(attempts.waitMs("p", "r", WORK, 0)).toBe(3_600_000);
    expect(attempts.waitMs("p", "r", WORK, 3_599_000)).toBe(1000);
    expect(attempts.waitMs("p", "r", WORK, 4_000_000)).toBe(0);
  });

  it("must not hold back another revision, another project, or what succeeded since", () => {
    const attempts = new Attempts();
    attempts.failed("p", "r", WORK, 0);
    expect(attempts.waitMs("p", "other", WORK, 0)).toBe(0);
    expect(attempts.waitMs("q", "r", WORK, 0)).toBe(0);
    expect(attempts.failed("p", "other", WORK, 0)).toBe(30_000);
    expect(attempts.waitMs("p", "r", WORK, 0)).toBe(0);
    attempts.succeeded("p");
    expect(attempts.waitMs("p", "other", WORK, 0)).toBe(0);
  });

  it("must not hold back other work on that revision, but let the pause grow for all", () => {
    const attempts = new Attempts();
    attempts.failed("p", "r", WORK, 0);
    expect(attempts.waitMs("p", "r", "startContainer web", 0)).toBe(0);
    expect(attempts.failed("p", "r", "startContainer web", 0)).toBe(60_000);
    expect(attempts.waitMs("p", "r", WORK, 0)).toBe(30_000);
    expect(attempts.waitMs("p", "r", "startContainer web", 0)).toBe(60_000);
  });

  it("must hold back everything where no step was to blame", () => {
    const attempts = new Attempts();
    attempts.failed("p", "r", ANY_WORK, 0);
    expect(attempts.waitMs("p", "r", WORK, 0)).toBe(30_000);
  });

  it("must be remembered for a bounded number of projects", () => {
    const attempts = new Attempts();
    for (let n = 0; n < 1001; n++) attempts.failed(`p${n}`, "r", WORK, 0);
    expect(attempts.waitMs("p999", "r", WORK, 0)).toBe(30_000);
    expect(attempts.waitMs("p1000", "r", WORK, 0)).toBe(0);
  });

  it("must be held back altogether where there is ever other work", () => {
    const attempts = new Attempts();
    for (let n = 0; n < 20; n++) attempts.failed("p", "r", `work ${n}`, 0);
    expect(attempts.waitMs("p", "r", "yet another", 0)).toBe(0);
    attempts.failed("p", "r", "work 20", 0);
    expect(attempts.waitMs("p", "r", "yet another", 0)).toBe(3_600_000);
  });
});

describe("what steps do", () => {
  it("must be told in their order, whatever containers they do it to", () => {
    const steps = [
      { kind: "stopContainer", service: "web", ref: "one" },
      { kind: "createVolume", service: null, ref: "two" },
    ] as const;
    expect(workOf(steps)).toBe("stopContainer web, createVolume null");
  });
});
