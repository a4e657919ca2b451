// One rollout with one kind of fault at call after call: at every one of them when the whole matrix is asked for, else at
// a few that a seed chooses.
import { createHash } from "node:crypto";
import { appendFile } from "node:fs/promises";
import type { FaultKind } from "./faults.ts";
import type { Way } from "./parts.ts";
import type { RolloutKind } from "./rollouts.ts";
import type { Verdict } from "./verdict.ts";

/** Where the same rollout is made again and again. */
export interface Board {
  /** The rollout once, its n-th call on this way spoiled; null when there was no such call and so no fault. */
  run(way: Way, fault: FaultKind, n: number): Promise<Verdict | null>;
  end(): Promise<void>;
}

/** What a board does, and how many calls it makes about. */
export type Swept = Pick<RolloutKind, "name" | "calls">;

/** Of each sweep, in a sample. */
const SAMPLES = 2;
/** A rollout that goes on for longer has no end. */
const MOST_CALLS = 400;

export interface Case extends Verdict {
  readonly rollout: string;
  readonly fault: string;
  readonly way: Way;
  readonly n: number;
  readonly tookMs: number;
  /** What was wrong the first time, where the second time was well. */
  readonly once: readonly string[];
}

/** Of the whole matrix, the file that takes a JSON line for each case; a sample is run when it is not given. */
const cases = process.env.FAULTS_CASES ?? null;
/** Of the whole matrix, every how many-th call; the seed says which. */
const stride = Number(process.env.STRIDE || 1);
/** A sweep of few calls may then have none. */
export const isThinned = stride > 1;
export const isWhole = cases !== null;
/** The same for everybody unless said: what a change broke must not depend on the hour. */
export const seed = process.env.SEED || "1";

/** Runs the cases on a board of their own; resolves with all of them, those that did not end well among them. */
export async function sweep(
  kind: Swept,
  fault: FaultKind,
  way: Way,
  create: () => Promise<Board>,
): Promise<readonly Case[]> {
  const board = await create();
  const done: Case[] = [];
  try {
    for (const n of isWhole ? every(kind, fault, way) : samples(kind, fault, way)) {
      const startedAt = Date.now();
      const verdict = await board.run(way, fault, n);
      if (verdict === null) break;
      const tookMs = Date.now() - startedAt;
      // What others do to the machine passes; what is wrong with the agent comes again.
      const again = verdict.problems.length === 0 ? null : await board.run(way, fault, n);
      const passed = again !== null && again.problems.length === 0;
      const counted = passed
        ? { ...again, once: verdict.problems, told: verdict.told }
        : { ...verdict, once: [] };
      const one = { rollout: kind.name, fault: fault.name, way, n, tookMs, ...counted };
      done.push(one);
      if (cases !== null) await appendFile(cases, `${JSON.stringify(one)}\n`);
      // Without a fault it is nobody's n-th call that is to blame.
      if (one.call === null) break;
    }
    return done;
  } finally {
    await board.end();
  }
}

/** Those that did not end well, in words. */
export function failures(done: readonly Case[]): readonly string[] {
  return done
    .filter(({ problems }) => problems.length > 0)
    .map(({ n, call, problems, told }) => `call ${n}, ${call}: ${problems.join("; ")} (${told.join("; ")})`);
}

function* every({ name }: Swept, fault: FaultKind, way: Way): Iterable<number> {
  // Calls that change something, and those to a registry, are few.
  const step = fault.done || way === "registry" ? Math.ceil(stride / 4) : stride;
  const first = 1 + Math.floor(chance(name, fault.name, way) * step);
  for (let n = first; n <= MOST_CALLS; n += step) yield n;
}

/** One in each half of the calls that there are about. */
function* samples({ name, calls }: Swept, fault: FaultKind, way: Way): Iterable<number> {
  const expected = way === "registry" ? calls.registry : fault.done ? calls.changes : calls.all;
  for (let i = 0; i < SAMPLES; i++) {
    yield 1 + Math.floor(((i + chance(name, fault.name, way, i)) * expected) / SAMPLES);
  }
}

/** In [0, 1), by the seed: the same for the same words. */
export function chance(...words: readonly (string | number)[]): number {
  return (
    createHash("sha256")
      .update([seed, ...words].join(" "))
      .digest()
      .readUInt32BE() /
    2 ** 32
  );
}
