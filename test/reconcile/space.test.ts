import { describe, expect, it } from "vitest";
import { Space } from "../../src/reconcile/space.ts";

describe("booked room", () => {
  it("must count for other projects until it is released", () => {
    const space = new Space();
    space.book("a", 10);
    space.book("b", 5);
    expect([space.bookedBeside("a"), space.bookedBeside("b"), space.bookedBeside("c")]).toEqual([5, 10, 15]);
    space.release("a");
    expect(space.bookedBeside("c")).toBe(5);
  });
});

describe("pulls that ran out of space", () => {
  it("must be remembered with what was free the last time, the oldest going first", () => {
    const space = new Space();
    for (let index = 0; index < 201; index++) space.noteRanOut(`d${index}`, index);
    expect(space.ranOut.size).toBe(200);
    expect(space.ranOut.has("d0")).toBe(false);
    space.noteRanOut("d1", 7);
    space.noteRanOut("d201", 0);
    expect(space.ranOut.get("d1")).toBe(7);
    expect(space.ranOut.has("d2")).toBe(false);
  });
});
