// The rollout's state × event table. Every cell is there: leaving one out does not compile.
//
//   idle ──planned──▶ progressing ──planDone──▶ monitoring ──proven──▶ idle (new good)
//    ▲                    │ failed                 │ failed
//    │ cleared            ▼                        ▼
//   stalled ◀──────── rollingBack ◀────────────────┘        (pause, or no way back: stalled at once)
import type { Rollout, RolloutEvent } from "../model/index.ts";

type Table = {
  readonly [S in Rollout["kind"]]: {
    readonly [E in RolloutEvent["kind"]]: (
      state: Extract<Rollout, { kind: S }>,
      event: Extract<RolloutEvent, { kind: E }>,
    ) => Rollout;
  };
};

const stay = <S extends Rollout>(state: S): Rollout => state;

const begin = (
  state: Extract<Rollout, { kind: "idle" | "stalled" }>,
  event: Extract<RolloutEvent, { kind: "planned" }>,
): Rollout => ({
  kind: "progressing",
  good: state.good,
  to: event.revision,
  moved: event.moved,
  jobs: event.jobs,
});

const fail = (
  state: Extract<Rollout, { kind: "progressing" | "monitoring" }>,
  event: Extract<RolloutEvent, { kind: "failed" }>,
): Rollout => {
  const { good, to, moved, jobs } = state;
  const { reason } = event;
  if (event.action !== "pause" && event.canGoBack) {
    return { kind: "rollingBack", good, failed: to, moved, jobs, reason };
  }
  return { kind: "stalled", good, failed: to, reason, rolledBack: false };
};

const TABLE: Table = {
  idle: {
    planned: begin,
    planDone: stay,
    proven: stay,
    failed: stay,
    rolledBack: stay,
    cleared: stay,
  },
  progressing: {
    // Planned anew after a restart of the agent: what moved before has still moved.
    planned: (state, event) => ({
      ...state,
      to: event.revision,
      moved: union(state.moved, event.moved),
      jobs: union(state.jobs, event.jobs),
    }),
    planDone: (state, event) => ({ ...state, kind: "monitoring", until: event.until }),
    proven: stay,
    failed: fail,
    rolledBack: stay,
    cleared: stay,
  },
  monitoring: {
    planned: stay,
    planDone: stay,
    proven: (state) => ({ kind: "idle", good: state.to }),
    failed: fail,
    rolledBack: stay,
    cleared: stay,
  },
  rollingBack: {
    planned: stay,
    planDone: stay,
    proven: stay,
    // The way back is tried again until it is done: there is nothing better to do.
    failed: stay,
    rolledBack: ({ good, failed, reason }) => ({ kind: "stalled", good, failed, reason, rolledBack: true }),
    cleared: stay,
  },
  stalled: {
    planned: begin,
    planDone: stay,
    proven: stay,
    failed: stay,
    rolledBack: stay,
    cleared: (state) => ({ kind: "idle", good: state.good }),
  },
};

/** The next state; an event that means nothing in a state leaves it as it is (the same object). */
export function nextRollout(state: Rollout, event: RolloutEvent): Rollout {
  // The one cast of the table: the row is chosen by the state's kind, the cell by the event's.
  const cell = TABLE[state.kind][event.kind] as (state: Rollout, event: RolloutEvent) => Rollout;
  return cell(state, event);
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].sort();
}
