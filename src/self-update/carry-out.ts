// Makes the moves of a hand-over, each decided from a fresh look. An engine that is away is waited for as long as it
// takes; a move that it refuses there is the successor's failure, and on the way back it is tried again, or done without.

import { asBoardhandError, type BoardhandError, type HandOver } from "../core/model/index.ts";
import { isUp } from "../core/plan/index.ts";
import {
  type Actor,
  failureOf,
  type HandOverView,
  NOTHING_SEEN,
  nextMove,
  type Party,
  type Seen,
  wayOf,
} from "./hand-over.ts";
import type { HandOverDeps } from "./hand-over-deps.ts";
import { type End, type Move, moveText } from "./moves.ts";
import { complaints, prove } from "./prove.ts";

export interface Acting {
  readonly as: Actor;
  /** The actor's own container. */
  readonly id: string;
}

/** It may be finishing or undoing a rollout, which takes a health gate or two. */
const STOP_GRACE_MS = 15 * 60_000;
/** For a successor that failed: the board has no agent until it has ended, and what it had begun is carried on by the next. */
const FAILED_GRACE_MS = 15_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** How often a move may be refused: what holds a port may be on its way out. */
const MAX_REFUSALS = 3;

interface State {
  readonly seen: Seen;
  readonly refusals: ReadonlyMap<string, number>;
  readonly pauseMs: number;
  /** What the old one itself complained of before it was stopped. */
  readonly excuses: readonly string[];
}

/** Resolves at the end, or with null when the signal ended it before. Throws nothing that a retry can cure. */
export async function carryOut(deps: HandOverDeps, record: HandOver, acting: Acting): Promise<End | null> {
  let state: State = { seen: NOTHING_SEEN, refusals: new Map(), pauseMs: FIRST_PAUSE_MS, excuses: [] };
  for (;;) {
    const turn = await takeTurn(deps, record, acting, state);
    if (turn.end !== undefined) return turn.end;
    state = turn.state;
  }
}

type Turn = { readonly end: End | null } | { readonly end?: undefined; readonly state: State };

async function takeTurn(deps: HandOverDeps, record: HandOver, acting: Acting, state: State): Promise<Turn> {
  let view: HandOverView | null = null;
  let move: Move | End | null = null;
  try {
    view = await look(deps, record, acting, state.seen);
    if (deps.signal.aborted && [view.old, view.successor].some((one) => one !== null && isUp(one)))
      return { end: null };
    move = nextMove(view);
    if (move.kind === "end") return { end: move };
    deps.log.info({ whose: move.whose }, moveText(move));
    return { state: { ...(await make(deps, move, view, state)), pauseMs: FIRST_PAUSE_MS } };
  } catch (cause) {
    const error = asBoardhandError(cause, "E_ENGINE_UNAVAILABLE", { retry: "backoff" });
    deps.log.warn({ code: error.code, hint: error.hint, retryMs: state.pauseMs }, error.message);
    await pause(deps, state.pauseMs);
    const next = { ...state, pauseMs: Math.min(2 * state.pauseMs, LONGEST_PAUSE_MS) };
    if (view === null || move === null || move.kind === "end") return { state: next };
    return { state: refused(next, view, move, error) };
  }
}

/** What is, with what was seen of the successor until now. */
async function look(
  { engine }: HandOverDeps,
  record: HandOver,
  acting: Acting,
  seen: Seen,
): Promise<HandOverView> {
  const [old, successor, updater] = await Promise.all([
    engine.inspectContainer(record.old),
    engine.inspectContainer(record.successor),
    acting.as === "updater" ? engine.inspectContainer(acting.id) : null,
  ]);
  const view = { actor: acting.as, record, old, successor, updater, seen: notice(seen, successor) };
  // Kept, since its name will only tell that it failed, and not why.
  return { ...view, seen: { ...view.seen, failure: failureOf(view) } };
}

function notice(seen: Seen, successor: Party | null): Seen {
  if (successor === null || !isUp(successor) || seen.startedAt !== null) return seen;
  return { ...seen, begun: true, startedAt: successor.startedAt };
}

async function make(deps: HandOverDeps, move: Move, view: HandOverView, before: State): Promise<State> {
  const { engine } = deps;
  const state = { ...before, seen: view.seen };
  switch (move.kind) {
    case "renameContainer":
      await engine.renameContainer(move.id, move.to);
      return state;
    case "setRestartPolicy":
      await engine.setRestartPolicy(move.id, move.policy);
      return state;
    case "stopContainer": {
      const excuses = move.whose === "old" ? await complaints(deps, move.id) : state.excuses;
      await engine.stopContainer(move.id, move.whose === "old" ? STOP_GRACE_MS : FAILED_GRACE_MS);
      return { ...state, excuses };
    }
    case "startContainer":
      await engine.startContainer(move.id);
      return { ...state, seen: started(view, move) };
    case "awaitHealthy":
      return { ...state, seen: await judge(deps, view.seen, move.id, state.excuses) };
    case "removeContainer":
      await engine.removeContainer(move.id);
      return state;
  }
}

function started(view: HandOverView, move: Move): Seen {
  if (move.whose === "old") return view.seen;
  return { ...view.seen, begun: true, kept: wayOf(view) === "alone" };
}

async function judge(deps: HandOverDeps, seen: Seen, id: string, excuses: readonly string[]): Promise<Seen> {
  const verdict = await prove(deps, { id, startedAt: seen.startedAt, excuses });
  if (verdict.kind === "proven") return { ...seen, proven: true };
  return verdict.kind === "failed" ? { ...seen, failure: verdict.reason } : seen;
}

/** Only the engine's own words count; when it cannot be reached, the next look tells more. */
function refused(state: State, view: HandOverView, move: Move, error: BoardhandError): State {
  const seen = view.seen;
  if (error.code !== "E_ENGINE_REFUSED") return { ...state, seen };
  const text = moveText(move);
  const count = (state.refusals.get(text) ?? 0) + 1;
  const next = { ...state, seen, refusals: new Map(state.refusals).set(text, count) };
  if (count < MAX_REFUSALS) return next;
  if (wayOf(view) === "there" && !seen.proven) return { ...next, seen: { ...seen, failure: error.message } };
  // To start and to stop is what the way back is for; a name, a policy and a tidy board are not worth waiting for.
  if (move.kind === "startContainer" || move.kind === "stopContainer") return next;
  return { ...next, seen: { ...seen, refused: [...seen.refused, text] } };
}

/** A signal cuts it short, but not off: the next look decides. */
async function pause({ clock, signal }: HandOverDeps, ms: number): Promise<void> {
  if (signal.aborted) await clock.sleep(FIRST_PAUSE_MS);
  else await clock.sleep(ms, signal).catch(() => undefined);
}
