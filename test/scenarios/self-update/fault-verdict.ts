// What is said of one self-update with a fault in it: where it ended, how long there was no agent, and everything about it
// that is not as it must be.
import type { Leap } from "../../lab/leaping-clock.ts";
import type { FaultKind } from "../faults/faults.ts";
import { lengthOf, longestAway } from "../faults/gaps.ts";
import type { Gap } from "../faults/outside.ts";
import type { Strike } from "../faults/striker.ts";
import type { Verdict } from "../faults/verdict.ts";

/**
 * The stop, the start, the updater's own new start after a kill, a call that hangs until its timeout is leapt to, and the way
 * back, on two cores with several boards.
 */
const LONGEST_GAP_MS = 120_000;

/** Of `agent` in `GET /api/v1/status`. */
export interface OwnView {
  readonly standby: string | null;
  readonly busy: boolean;
  readonly lastLookAt: string | null;
  readonly notes: readonly string[];
  readonly revision: string | null;
  readonly rollout: { readonly state: string; readonly message: string };
  readonly services: readonly {
    readonly held: { readonly reason: string; readonly message: string } | null;
  }[];
}

export interface Seen {
  /** Whether what is offered never gets well. */
  readonly failing: boolean;
  readonly fault: FaultKind;
  readonly strike: Strike | null;
  readonly rests: boolean;
  /** Whether a call that hung was given up by nobody. */
  readonly forgotten: boolean;
  readonly startedAt: number;
  readonly picture: readonly string[];
  readonly wanted: readonly string[];
  readonly before: readonly string[];
  readonly gaps: readonly Gap[];
  readonly crowds: readonly number[];
  readonly leaps: readonly Leap[];
  /** Null when no agent answers. */
  readonly view: OwnView | null;
  readonly healthy: boolean;
}

export function verdictOf(seen: Seen): Verdict {
  const end = endOf(seen);
  return {
    call: seen.strike?.call ?? null,
    end,
    awayMs: longestAway(seen.gaps, seen.leaps),
    problems: [...problemsOfEnd(end, seen), ...problemsOnTheWay(seen)],
    told: [],
  };
}

function endOf({ picture, wanted, before }: Seen): Verdict["end"] {
  if (picture.join() === wanted.join()) return "new";
  return picture.join() === before.join() ? "old" : "neither";
}

function problemsOfEnd(end: Verdict["end"], seen: Seen): readonly string[] {
  const { failing, view, picture, healthy } = seen;
  if (end === "neither") return [`ended as ${picture.join("; ")}`];
  if (view === null) return ["no agent answers"];
  if (!healthy) return ["the agent is not healthy"];
  const held = view.services[0]?.held ?? null;
  if (end === "new") {
    if (failing) return ["the image that fails is kept"];
    if (held !== null) return [`the new one is held as ${held.reason}: ${held.message}`];
    return view.rollout.state === "idle" ? [] : [`the rollout is ${view.rollout.state}`];
  }
  if (!failing && !isRefusedStart(seen)) return [`the old one stays: ${JSON.stringify({ held, ...view })}`];
  if (held?.reason !== "Quarantined") return [`what failed is held as ${held?.reason}`];
  if (failing && !held.message.includes("cannot go on")) return [`it does not say why: ${held.message}`];
  return view.rollout.state === "stalled" ? [] : [`the rollout is ${view.rollout.state}`];
}

/** A start that the engine refuses may be the image's fault: then the old one stays, and it is said why. */
function isRefusedStart({ fault, strike }: Seen): boolean {
  return fault.reply === "error" && strike?.call.endsWith("/start") === true;
}

function problemsOnTheWay({ gaps, crowds, rests, forgotten }: Seen): readonly string[] {
  const problems: string[] = [];
  if (!rests) problems.push("the agent does not come to an end");
  if (forgotten) problems.push("nobody gave the call up");
  if (crowds.length > 0) problems.push("two agents ran at once");
  for (const gap of gaps) {
    const ms = lengthOf(gap);
    if (ms > LONGEST_GAP_MS) problems.push(`there was no agent for ${Math.round(ms)} ms`);
  }
  return problems;
}
