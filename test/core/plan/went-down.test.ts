import { describe, expect, it } from "vitest";
import { wentDown } from "../../../src/core/plan/index.ts";

const STARTED = 1_000_000;
const starting = { from: STARTED, until: STARTED };
const own = (finishedAt: number | null, startedAt: number | null = STARTED + 500) => ({
  startedAt,
  finishedAt,
});

describe("what an engine ended before this agent was there to see it", () => {
  it("must be all that ended with the agent's own container, until the engine was there again", () => {
    expect(wentDown(STARTED, own(STARTED - 20_000))).toEqual([
      { from: STARTED - 20_000, until: STARTED },
      starting,
    ]);
  });

  it("must be no more than a shutdown takes, where the agent had been stopped long before", () => {
    expect(wentDown(STARTED, own(STARTED - 900_000))).toEqual([
      { from: STARTED - 900_000, until: STARTED - 810_000 },
      starting,
    ]);
  });

  it("must be what ended with the agent, where the clock of this boot is behind the last one's", () => {
    expect(wentDown(STARTED, own(STARTED + 1e9))).toEqual([
      { from: STARTED + 1e9, until: STARTED + 1e9 + 90_000 },
      starting,
    ]);
  });

  it("must be nothing that ended with an agent that alone was restarted", () => {
    expect(wentDown(STARTED, own(STARTED + 60_000, STARTED + 61_000))).toEqual([starting]);
  });

  it("must be nothing that ended with an agent that the engine, starting anew, left running", () => {
    expect(wentDown(STARTED, own(STARTED - 9_000, STARTED - 8_000))).toEqual([starting]);
  });

  it("must be what it found running as it started, where there is no container of the agent's or a new one", () => {
    expect(wentDown(STARTED, null)).toEqual([starting]);
    expect(wentDown(STARTED, own(null))).toEqual([starting]);
  });

  it("must be nothing where the engine does not tell when it was started", () => {
    expect(wentDown(null, own(STARTED))).toEqual([]);
  });
});
