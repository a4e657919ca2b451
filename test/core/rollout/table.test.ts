import { describe, expect, it } from "vitest";
import type { Rollout, RolloutEvent } from "../../../src/core/model/index.ts";
import { nextRollout } from "../../../src/core/rollout/index.ts";

const IDLE: Rollout = { kind: "idle", good: "a" };
const PROGRESSING: Rollout = { kind: "progressing", good: "a", to: "b", moved: ["web"], jobs: [] };
const MONITORING: Rollout = { ...PROGRESSING, kind: "monitoring", until: 50 };
const ROLLING_BACK: Rollout = {
  kind: "rollingBack",
  good: "a",
  failed: "b",
  moved: ["web"],
  jobs: [],
  reason: "bad",
};
const STALLED: Rollout = { kind: "stalled", good: "a", failed: "b", reason: "bad", rolledBack: true };
const PAUSED: Rollout = { ...STALLED, rolledBack: false };

const PLANNED: RolloutEvent = { kind: "planned", revision: "b", moved: ["web"], jobs: [] };
const PLAN_DONE: RolloutEvent = { kind: "planDone", until: 50 };
const PROVEN: RolloutEvent = { kind: "proven" };
const FAILED: RolloutEvent = { kind: "failed", reason: "bad", action: "rollback", canGoBack: true };
const NO_WAY_BACK: RolloutEvent = { ...FAILED, canGoBack: false };
const PAUSE: RolloutEvent = { ...FAILED, action: "pause" };
const ROLLED_BACK: RolloutEvent = { kind: "rolledBack" };
const CLEARED: RolloutEvent = { kind: "cleared" };

const EVENTS = { PLANNED, PLAN_DONE, PROVEN, FAILED, NO_WAY_BACK, PAUSE, ROLLED_BACK, CLEARED };
type EventName = keyof typeof EVENTS;

/** Every cell; `=` means that the event changes nothing, and the same object comes back. */
const TRUTH: readonly (readonly [string, Rollout, Readonly<Record<EventName, Rollout | "=">>])[] = [
  ["idle", IDLE, row({ PLANNED: PROGRESSING })],
  [
    "progressing",
    PROGRESSING,
    row({
      PLANNED: PROGRESSING,
      PLAN_DONE: MONITORING,
      FAILED: ROLLING_BACK,
      NO_WAY_BACK: PAUSED,
      PAUSE: PAUSED,
    }),
  ],
  [
    "monitoring",
    MONITORING,
    row({ PROVEN: { kind: "idle", good: "b" }, FAILED: ROLLING_BACK, NO_WAY_BACK: PAUSED, PAUSE: PAUSED }),
  ],
  ["rollingBack", ROLLING_BACK, row({ ROLLED_BACK: STALLED })],
  ["stalled", STALLED, row({ PLANNED: PROGRESSING, CLEARED: IDLE })],
];

function row(cells: Partial<Record<EventName, Rollout>>): Record<EventName, Rollout | "="> {
  const all = Object.fromEntries(Object.keys(EVENTS).map((name) => [name, "="])) as Record<EventName, "=">;
  return { ...all, ...cells };
}

describe("the rollout table", () => {
  for (const [name, state, cells] of TRUTH) {
    for (const [event, expected] of Object.entries(cells)) {
      it(`${name} on ${event} must ${expected === "=" ? "stay as it is" : `become ${expected.kind}`}`, () => {
        const next = nextRollout(state, EVENTS[event as EventName]);
        if (expected === "=") expect(next).toBe(state);
        else expect(next).toEqual(expected);
      });
    }
  }

  it("a rollout that is planned anew must keep what had moved before", () => {
    const again: RolloutEvent = { kind: "planned", revision: "c", moved: ["db"], jobs: ["job"] };
    expect(nextRollout(PROGRESSING, again)).toEqual({
      ...PROGRESSING,
      to: "c",
      moved: ["db", "web"],
      jobs: ["job"],
    });
  });

  it("a failure that is told to continue must still go back when it is the rollout's", () => {
    expect(nextRollout(PROGRESSING, { ...FAILED, action: "continue" } as RolloutEvent)).toEqual(ROLLING_BACK);
  });
});
