// Puts one fault into one way of the agent: counts its calls, spoils the n-th, and lets a call that hangs meet the
// agent's own timeout by leaps of the agent's clock.
import { setTimeout as delay } from "node:timers/promises";
import { type Call, changes, type FaultProxy, PASS, wordsOf } from "../../lab/fault-proxy.ts";
import type { LeapingClock } from "../../lab/leaping-clock.ts";
import { type FaultKind, fateOf } from "./faults.ts";

/** Before each leap, so that the calls beside the one that hangs get their answers. */
const PATIENCE_MS = 150;
/** More than any sequence of waits that a call has. */
const MOST_LEAPS = 200;

export interface Strike {
  /** `POST /containers/ID/start`. */
  readonly call: string;
  /** ms since the epoch. */
  readonly at: number;
}

export interface Striker {
  /** The call that was spoiled; null: the n-th did not come. */
  readonly strike: Strike | null;
  /** Whether a call that hung was given up by nobody. */
  readonly forgotten: boolean;
  /** Passes everything from now on. */
  disarm(): void;
}

/** The n-th call, of all or of those that change something; or the first whose words match. */
export type Where = number | RegExp;

/** Spoils one call from now on; `kill` ends the agent. */
export function arm(
  proxy: FaultProxy,
  where: Where,
  fault: FaultKind,
  clock: Pick<LeapingClock, "leap">,
  kill: () => void,
): Striker {
  const state: { strike: Strike | null; forgotten: boolean; count: number } = {
    strike: null,
    forgotten: false,
    count: 0,
  };
  const waitOut = async (call: Call): Promise<void> => {
    let over = false;
    void call.hungUp.then(() => {
      over = true;
    });
    for (let leaps = 0; !over && leaps < MOST_LEAPS; leaps++) {
      await Promise.race([delay(PATIENCE_MS), call.hungUp]);
      if (!over) clock.leap();
    }
    state.forgotten = !over;
    call.cut();
  };
  proxy.decide = (call) => {
    if (state.strike !== null || (fault.done && !changes(call))) return PASS;
    state.count += 1;
    const isIt = typeof where === "number" ? state.count === where : where.test(wordsOf(call));
    if (!isIt) return PASS;
    return fateOf(fault, () => {
      state.strike = { call: wordsOf(call), at: Date.now() };
      if (fault.kills) kill();
      if (fault.reply === "silence") void waitOut(call);
    });
  };
  return {
    get strike() {
      return state.strike;
    },
    get forgotten() {
      return state.forgotten;
    },
    disarm() {
      proxy.decide = null;
    },
  };
}
