// The moves of a hand-over: each is one call of the engine, and one line of what operators read.

/** Whose container it is. */
export type Whose = "old" | "successor" | "updater";

interface Target {
  readonly whose: Whose;
  readonly id: string;
  /** As it is called when the move is made. */
  readonly name: string;
}

export type Move =
  | (Target & { readonly kind: "renameContainer"; readonly to: string })
  | (Target & { readonly kind: "setRestartPolicy"; readonly policy: string })
  | (Target & { readonly kind: "stopContainer" | "startContainer" | "awaitHealthy" | "removeContainer" });

/**
 * `done`: the successor is the agent. `back`: the old one is. `alone`: one of the two was gone, and the other one is.
 * `none`: both are gone.
 */
export interface End {
  readonly kind: "end";
  readonly outcome: "done" | "back" | "alone" | "none";
  /** Why the successor is not the agent; null when it is. */
  readonly failure: string | null;
}

/** `renameContainer boardhand -> boardhand.retired-0123456789ab` */
export function moveText(move: Move): string {
  switch (move.kind) {
    case "renameContainer":
      return `${move.kind} ${move.name} -> ${move.to}`;
    case "setRestartPolicy":
      return `${move.kind} ${move.name} ${move.policy}`;
    default:
      return `${move.kind} ${move.name}`;
  }
}
