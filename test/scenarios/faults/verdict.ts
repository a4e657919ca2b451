// What is said of one case: where it ended, how long a service was away, and everything about it that is not as it must be.
import type { Rollout } from "../../../src/core/model/index.ts";
import type { Leap } from "../../lab/leaping-clock.ts";
import type { FaultKind } from "./faults.ts";
import { lengthOf, longestAway } from "./gaps.ts";
import type { Gap } from "./outside.ts";
import type { RolloutKind } from "./rollouts.ts";
import type { Strike } from "./striker.ts";

/**
 * A stop, a start, and the way back, which take a second or two: on an engine that has several boards and two cores of a
 * machine that may be much slower. The agent's own waits are leapt over and not among it.
 */
const LONGEST_GAP_MS = 60_000;
const MOST_TOLD = 5;

export interface Seen {
  readonly kind: RolloutKind;
  readonly fault: FaultKind;
  readonly strike: Strike | null;
  /** What the agent that lived on, or was started after the kill, said that is not as it should be. */
  readonly told: readonly string[];
  /** Whether the agent came to an end by itself. */
  readonly rests: boolean;
  /** Whether a call that hung was given up by nobody. */
  readonly forgotten: boolean;
  readonly startedAt: number;
  /** When the agent that was killed was started again; null where it lived on. */
  readonly backAt: number | null;
  readonly leaps: readonly Leap[];
  readonly gaps: readonly Gap[];
  readonly picture: readonly string[];
  readonly wanted: readonly string[];
  /** The picture before the rollout. */
  readonly before: readonly string[];
  readonly sameContainers: boolean;
  readonly rollout: Rollout;
  readonly held: Readonly<Record<string, string>>;
}

export interface Verdict {
  /** The call that was spoiled; null: none was. */
  readonly call: string | null;
  readonly end: "new" | "old" | "neither";
  /** Longest time without any running container of a service, ms, the agent's timeouts that were leapt over included. */
  readonly awayMs: number;
  readonly problems: readonly string[];
  /** Where there are problems: what the agent said. */
  readonly told: readonly string[];
}

export function verdictOf(seen: Seen): Verdict {
  const end = endOf(seen);
  const problems = [...problemsOfEnd(end, seen), ...problemsOnTheWay(seen)];
  return {
    call: seen.strike?.call ?? null,
    end,
    awayMs: longestAway(seen.gaps, seen.leaps),
    problems,
    told: problems.length === 0 ? [] : seen.told.slice(0, MOST_TOLD),
  };
}

function endOf({ kind, fault, picture, wanted, before, sameContainers }: Seen): Verdict["end"] {
  if (same(picture, wanted)) return "new";
  if (same(picture, before) && sameContainers) return "old";
  // What could not be made keeps nobody waiting: those beside a failing service may have moved on without it.
  const { failing } = kind;
  if (failing === undefined || fault.kills) return "neither";
  const moved = wanted.filter((line) => !line.includes(`-${failing}-`));
  const stayed = before.filter((line) => line.includes(`-${failing}-`));
  return same(picture, [...moved, ...stayed].sort()) ? "old" : "neither";
}

function problemsOfEnd(end: Verdict["end"], seen: Seen): readonly string[] {
  const { kind, rollout, held, picture } = seen;
  if (end === "neither") return [`ended as ${picture.join("; ")}`];
  if (kind.failing !== undefined) {
    if (end === "new") return ["the image that fails is kept"];
    if (held[kind.failing] !== "Quarantined") return [`what failed is held as ${held[kind.failing]}`];
    // Those that moved on without it may have done so before it or after it.
    const mayEnd = rollout.kind === "stalled" || (rollout.kind === "idle" && !same(picture, seen.before));
    return mayEnd ? [] : [`the rollout is ${rollout.kind}: ${picture.join("; ")}`];
  }
  if (end === "old") {
    const mayStay = isRefusedStart(seen) && Object.values(held).includes("Quarantined");
    return mayStay ? [] : [`the old version stays; rollout ${rollout.kind}, held ${JSON.stringify(held)}`];
  }
  return rollout.kind === "idle" ? [] : [`the rollout is ${rollout.kind}`];
}

/** A start that the engine refuses may be the image's fault: then the old one stays, and it is said why. */
function isRefusedStart({ kind, fault, strike }: Seen): boolean {
  return kind.first !== true && fault.reply === "error" && strike?.call.endsWith("/start") === true;
}

function problemsOnTheWay(seen: Seen): readonly string[] {
  const { kind, fault, strike, gaps, backAt, told, rests, forgotten } = seen;
  const problems: string[] = [];
  if (!rests) problems.push("the agent does not come to an end");
  if (forgotten) problems.push("nobody gave the call up");
  const dead = backAt === null || strike === null ? 0 : backAt - strike.at;
  for (const gap of gaps) {
    if (kind.name.startsWith("start-first")) problems.push(`${gap.service} was away, start-first`);
    else if (lengthOf(gap) > LONGEST_GAP_MS + dead)
      problems.push(`${gap.service} was away for ${Math.round(lengthOf(gap))} ms`);
  }
  // A registry that does not answer is a hold on the page while it lasts, and no failed step.
  const asked = strike?.call.includes(" /v2/") === true;
  if (strike !== null && !fault.kills && !asked && told.length === 0) problems.push("nobody was told");
  return problems;
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.join("\n") === other.join("\n");
}
