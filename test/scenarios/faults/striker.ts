// Puts one fault into one way of the agent: counts its calls, spoils the n-th, and lets a call that hangs meet the
// agent's own timeout by leaps of the agent's clock.
import { setTimeout as delay } from "node:timers/promises";
import { type Call, changes, type FaultProxy, PASS, wordsOf } from "../../lab/fault-proxy.ts";
import { type FaultKind, fateOf } from "./faults.ts";

/** Before each leap, so that what is beside the call that hangs goes on. */
const PATIENCE_MS = 150;
/** So long nobody has to have waited for an answer: a call of a busy engine must not be cut off by a leap. */
const QUIET_MS = 100;
/** Longer than any call but a download takes, and shorter than a case may. */
const LONGEST_PATIENCE_MS = 10_000;
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
  /** Breaks what still hangs. A download that hangs in the engine has no clock of the agent's, which tries it again in vain. */
  relent(): void;
  /** Passes everything from now on, and relents. */
  disarm(): void;
}

/** The n-th call, of all or of those that change something; or the first whose words match. */
export type Where = number | RegExp;

/** Whose call it is. */
export interface Victim {
  /** Ends what it waits for next. */
  readonly leap: () => unknown;
  readonly kill: () => void;
  /** All between it and the outside. */
  readonly ways: readonly FaultProxy[];
}

/** Spoils one call from now on. */
export function arm(proxy: FaultProxy, where: Where, fault: FaultKind, victim: Victim): Striker {
  const state: { strike: Strike | null; forgotten: boolean; count: number } = {
    strike: null,
    forgotten: false,
    count: 0,
  };
  const relented = new AbortController();
  const waitOut = async (call: Call): Promise<void> => {
    let over = false;
    const end = () => {
      over = true;
    };
    void call.hungUp.then(end);
    relented.signal.addEventListener("abort", end);
    for (let leaps = 0; !over && leaps < MOST_LEAPS; leaps++) {
      const latest = Date.now() + LONGEST_PATIENCE_MS;
      do await Promise.race([delay(PATIENCE_MS), call.hungUp]);
      while (!over && Date.now() < latest && victim.ways.some((way) => way.quietMs() < QUIET_MS));
      if (!over) victim.leap();
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
      if (fault.kills) victim.kill();
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
    relent: () => relented.abort(),
    disarm() {
      proxy.decide = null;
      relented.abort();
    },
  };
}
