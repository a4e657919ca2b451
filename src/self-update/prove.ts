// Whether a successor is well: asked inside it with its own health check until it is, and again when it has stayed up for
// a while. What the old agent complained of too is no fault of the new one.

import { asBoardhandError } from "../core/model/index.ts";
import { isUp } from "../core/plan/index.ts";
import type { ExecResult } from "../ports/index.ts";
import type { HandOverDeps } from "./hand-over-deps.ts";
import { healthCommand } from "./health-command.ts";

/** `unclear`: it is not what it was when this began, or nobody wants to know any more; the next look tells. */
export type Verdict =
  | { readonly kind: "proven" | "unclear" }
  | { readonly kind: "failed"; readonly reason: string };

export interface Candidate {
  readonly id: string;
  /** When it was started; null where that is not known. */
  readonly startedAt: number | null;
  /** Complaints of the old agent. */
  readonly excuses: readonly string[];
}

/**
 * A start of Node on a slow board that has much else to do. What is given up runs on in the container (the Engine API has no
 * way to end it), and makes the next one slower: rather wait than ask twice.
 */
const ASK_MS = 120_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** A look is one call of the engine. */
const LOOK_MS = 1_000;
/** All that `boardhand status --health` says of an agent that is well. */
const WELL = "healthy";
/** What `boardhand status --health` opens with when an agent answers that it is not well; a line a reason follows. */
const NOT_WELL = "not healthy";
const PROVEN: Verdict = { kind: "proven" };
const UNCLEAR: Verdict = { kind: "unclear" };

/** Takes twice the health timeout and once the monitor window at most. Throws E_ENGINE_UNAVAILABLE. */
export async function prove(deps: HandOverDeps, candidate: Candidate): Promise<Verdict> {
  const first = await becomesWell(deps, candidate);
  if (first.kind !== "proven") return first;
  if (!(await staysUp(deps, candidate))) return UNCLEAR;
  return becomesWell(deps, candidate);
}

/** The reasons for which an agent says that it is not well; none when it says nothing of the kind, or nothing at all. */
export async function complaints(deps: HandOverDeps, id: string): Promise<readonly string[]> {
  try {
    return reasonsIn(await ask(deps, id, await commandOf(deps, id)));
  } catch {
    return [];
  }
}

async function becomesWell(deps: HandOverDeps, candidate: Candidate): Promise<Verdict> {
  const { clock, signal, healthTimeoutMs } = deps;
  const command = await commandOf(deps, candidate.id);
  const deadline = clock.monotonic() + healthTimeoutMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    if (!(await isTheSame(deps, candidate))) return UNCLEAR;
    const answer = await ask(deps, candidate.id, command);
    if (isWell(answer, candidate.excuses)) return PROVEN;
    if (clock.monotonic() >= deadline) {
      if (!(await isTheSame(deps, candidate))) return UNCLEAR;
      return {
        kind: "failed",
        reason: `it was not healthy within ${healthTimeoutMs / 1000} s${said(answer)}`,
      };
    }
    await clock.sleep(pause, signal).catch(() => undefined);
    if (signal.aborted) return UNCLEAR;
  }
}

/** False as soon as it has ended or was started again, or the wait was cut short. */
async function staysUp(deps: HandOverDeps, candidate: Candidate): Promise<boolean> {
  const { clock, signal, monitorMs } = deps;
  const until = clock.monotonic() + monitorMs;
  for (;;) {
    if (signal.aborted || !(await isTheSame(deps, candidate))) return false;
    const left = until - clock.monotonic();
    if (left <= 0) return true;
    await clock.sleep(Math.min(left, LOOK_MS), signal).catch(() => undefined);
  }
}

async function isTheSame({ engine }: HandOverDeps, { id, startedAt }: Candidate): Promise<boolean> {
  const found = await engine.inspectContainer(id);
  return found !== null && isUp(found) && found.state !== "restarting" && found.startedAt === startedAt;
}

async function commandOf({ agents }: HandOverDeps, id: string): Promise<readonly string[]> {
  return healthCommand((await agents.blueprint(id))?.container ?? {});
}

/**
 * What the engine refuses to run is an answer: no. So is a connection that breaks, or the wait would begin anew each time:
 * whether the engine is there is what the look at the container tells.
 */
async function ask({ engine }: HandOverDeps, id: string, command: readonly string[]): Promise<ExecResult> {
  const own = { user: null, workingDir: null, privileged: false, environment: [] };
  try {
    return await engine.exec(id, { command, ...own, timeoutMs: ASK_MS });
  } catch (cause) {
    const error = asBoardhandError(cause, "E_ENGINE_UNAVAILABLE", { retry: "backoff" });
    return { exitCode: -1, output: error.message };
  }
}

function isWell(answer: ExecResult, excuses: readonly string[]): boolean {
  if (answer.exitCode === 0) return true;
  // Its last word is its verdict; a board that has much else to do may take minutes to end the process.
  if (answer.exitCode === null && answer.output.trim() === WELL) return true;
  const reasons = reasonsIn(answer);
  return reasons.length > 0 && reasons.every((reason) => excuses.includes(reason));
}

function reasonsIn({ exitCode, output }: ExecResult): readonly string[] {
  const [head, ...reasons] = output.split("\n").map((line) => line.trim());
  return exitCode === 1 && head === NOT_WELL ? reasons.filter((line) => line !== "") : [];
}

function said({ exitCode, output }: ExecResult): string {
  const words = output.trim().replace(/\s+/g, " ").slice(-300);
  const end = exitCode === null ? "its health check did not end" : `its health check ended with ${exitCode}`;
  return words === "" ? `: ${end}` : `: ${words}`;
}
