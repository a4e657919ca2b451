// A hand-over as the text that operators read: the moves that are left, each on the assumption that those before succeed.
import { type HandOverView, nextMove, type Party } from "./hand-over.ts";
import { type Move, moveText } from "./moves.ts";

/** More than there are, so that it ends whatever it is given. */
const MAX_MOVES = 20;

/** One line a move, in columns as the plans of projects have them; `nothing to do` when none is left. Ends without a newline. */
export function renderHandOver(view: HandOverView): string {
  const moves: Move[] = [];
  for (let now = view; moves.length < MAX_MOVES; ) {
    const move = nextMove(now);
    if (move.kind === "end") break;
    moves.push(move);
    now = after(now, move);
  }
  if (moves.length === 0) return "nothing to do";
  const heads = moves.map((move, index) => `#${index + 1} ${move.whose} ${move.kind}`);
  const width = Math.max(...heads.map((head) => head.length));
  return moves
    .map(
      (move, index) => `${(heads[index] ?? "").padEnd(width)}  ${moveText(move).slice(move.kind.length + 1)}`,
    )
    .join("\n");
}

function after(view: HandOverView, move: Move): HandOverView {
  if (move.kind === "awaitHealthy") return { ...view, seen: { ...view.seen, proven: true } };
  const party = view[move.whose];
  const seen = move.kind === "startContainer" ? { ...view.seen, begun: true, kept: true } : view.seen;
  return { ...view, seen, [move.whose]: party === null ? null : changed(party, move) };
}

function changed(party: Party, move: Move): Party | null {
  switch (move.kind) {
    case "renameContainer":
      return { ...party, name: move.to };
    case "setRestartPolicy":
      return { ...party, restartPolicy: move.policy };
    case "stopContainer":
      return { ...party, state: "exited" };
    case "startContainer":
      return { ...party, state: "running" };
    case "awaitHealthy":
      return party;
    case "removeContainer":
      return null;
  }
}
