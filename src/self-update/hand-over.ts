// What is done next in a hand-over from one agent to the next. It follows from names and states on the engine and from
// what the asking process saw itself, so that whoever asks, after whatever crash, goes on in the same way.
import type { HandOver, ObservedContainer } from "../core/model/index.ts";
import { isUp, retiredName } from "../core/plan/index.ts";
import { type End, type Move, moveText, type Whose } from "./moves.ts";

/** Who makes the moves. Nobody can stop or remove itself. */
export type Actor = "updater" | "old" | "successor";

export type Party = Pick<
  ObservedContainer,
  "id" | "name" | "state" | "exitCode" | "error" | "startedAt" | "restartPolicy"
>;

/** What one process saw of the successor. Another process begins with `NOTHING_SEEN`. */
export interface Seen {
  /** It was told to start, or was found running. */
  readonly begun: boolean;
  /** When it was started, as first seen: it has to stay like that. */
  readonly startedAt: number | null;
  readonly proven: boolean;
  /** Why it cannot become the agent. */
  readonly failure: string | null;
  /** It was told to start as the last agent that there is. */
  readonly kept: boolean;
  /** Moves that the engine refuses and that the hand-over can do without, as `moveText` has them. */
  readonly refused: readonly string[];
}

export const NOTHING_SEEN: Seen = {
  begun: false,
  startedAt: null,
  proven: false,
  failure: null,
  kept: false,
  refused: [],
};

export interface HandOverView {
  readonly actor: Actor;
  readonly record: HandOver;
  /** Null when it is gone. */
  readonly old: Party | null;
  readonly successor: Party | null;
  /** Null unless it is the actor. */
  readonly updater: Party | null;
  readonly seen: Seen;
}

/** `there` and `back` need both; `alone` makes the agent of the one that is left. */
export type Way = "there" | "back" | "alone";

/** The first move that is wanting, or the end when none is. */
export function nextMove(view: HandOverView): Move | End {
  const moves = [...wanted(view), retire(view.updater)].filter((move) => move !== null);
  const possible = (move: Move): boolean =>
    !(move.whose === view.actor && (move.kind === "stopContainer" || move.kind === "removeContainer")) &&
    !view.seen.refused.includes(moveText(move));
  return moves.find(possible) ?? endOf(view);
}

/** Which way it goes from here. The old one alone never goes there: it would have to stop itself. */
export function wayOf(view: HandOverView): Way {
  if (usable(view.old) === null || usable(view.successor) === null) return "alone";
  return view.actor === "old" || failureOf(view) !== null ? "back" : "there";
}

/** Why the successor cannot become the agent; null as long as it may. What failed once never may again. */
export function failureOf({ successor: found, record, seen }: HandOverView): string | null {
  const successor = usable(found);
  if (seen.failure !== null) return seen.failure;
  if (successor === null) return "it is gone";
  if (successor.name === failedName(record)) return "it failed before";
  const ended = `it ended with exit code ${successor.exitCode}`;
  if (successor.state === "restarting") return `${ended} and is started again and again`;
  if (seen.begun && !isUp(successor)) return ended;
  const again = seen.startedAt !== null && successor.startedAt !== seen.startedAt;
  return again ? "it ended and was started again" : null;
}

/** The name a failed successor waits under: what is called so never goes there again. */
export function failedName({ name, successor }: Pick<HandOver, "name" | "successor">): string {
  return `${name}.failed-${successor.slice(0, 12)}`;
}

function wanted(view: HandOverView): readonly (Move | null)[] {
  const [old, successor] = [usable(view.old), usable(view.successor)];
  if (old !== null && successor !== null) {
    return wayOf(view) === "there" ? there(view, old, successor) : back(view, old, successor);
  }
  if (old !== null) return comeBack(view, old);
  return successor === null ? [] : keep(view, successor);
}

/** Between the stop and the start nothing waits. */
function there({ record, seen }: HandOverView, old: Party, successor: Party): readonly (Move | null)[] {
  return [
    old.name === record.name ? rename("old", old, retiredName(record.name, old.id)) : null,
    rename("successor", successor, record.name),
    policy("old", old, "no"),
    stop("old", old),
    start("successor", successor),
    seen.proven ? null : { kind: "awaitHealthy", whose: "successor", ...named(successor) },
    { kind: "removeContainer", whose: "old", ...named(old) },
  ];
}

/**
 * It is stopped before it gets the name that keeps anybody from trying it again: one that the engine may start again at any
 * moment cannot be renamed (engine 20.10 looks for a network that is not there). A crash between the two tries it once more.
 */
function back(view: HandOverView, old: Party, successor: Party): readonly (Move | null)[] {
  return [
    stop("successor", successor),
    rename("successor", successor, failedName(view.record)),
    policy("successor", successor, "no"),
    ...comeBack(view, old),
  ];
}

function comeBack({ record }: HandOverView, old: Party): readonly (Move | null)[] {
  return [rename("old", old, record.name), policy("old", old, record.restartPolicy), start("old", old)];
}

/**
 * Whatever is the matter with it: the board has no other. Its name tells until last whether its policy was taken away. It
 * is started once; its policy says how often again.
 */
function keep({ record, seen }: HandOverView, successor: Party): readonly (Move | null)[] {
  const failed = successor.name === failedName(record);
  return [
    failed ? policy("successor", successor, record.restartPolicy) : null,
    rename("successor", successor, record.name),
    seen.kept ? null : start("successor", successor),
  ];
}

/** The updater's last move: until then every crash brings it back. */
function retire(updater: Party | null): Move | null {
  return updater === null ? null : policy("updater", updater, "no");
}

function endOf(view: HandOverView): End {
  const [old, successor] = [usable(view.old), usable(view.successor)];
  if (old === null && successor === null) return { kind: "end", outcome: "none", failure: "both are gone" };
  const failure = failureOf(view);
  // The old one is removed when all is proven, and missing otherwise only where a person removed it.
  if (old === null) return { kind: "end", outcome: failure === null ? "done" : "alone", failure };
  const done = wayOf(view) === "there";
  return {
    kind: "end",
    outcome: done ? "done" : "back",
    failure: done ? null : (failure ?? "nobody hands over"),
  };
}

/** A container that the engine is removing, or could not remove, can never run again. */
function usable(party: Party | null): Party | null {
  return party === null || party.state === "removing" || party.state === "dead" ? null : party;
}

function named({ id, name }: Party): { readonly id: string; readonly name: string } {
  return { id, name };
}

function rename(whose: Whose, party: Party, to: string): Move | null {
  return party.name === to ? null : { kind: "renameContainer", whose, ...named(party), to };
}

function policy(whose: Whose, party: Party, wantedPolicy: string): Move | null {
  if (party.restartPolicy === wantedPolicy) return null;
  return { kind: "setRestartPolicy", whose, ...named(party), policy: wantedPolicy };
}

function stop(whose: Whose, party: Party): Move | null {
  return isUp(party) ? { kind: "stopContainer", whose, ...named(party) } : null;
}

function start(whose: Whose, party: Party): Move | null {
  return isUp(party) ? null : { kind: "startContainer", whose, ...named(party) };
}
