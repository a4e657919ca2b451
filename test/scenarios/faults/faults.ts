// The faults of the matrix: what becomes of the n-th call, and whether the agent lives on.
import type { Fate, Reply } from "../../lab/fault-proxy.ts";

export interface FaultKind {
  /** As a column of the report has it. */
  readonly name: string;
  /** Completes "whose n-th call …". */
  readonly words: string;
  /** The call is done before it is spoiled. Asked of calls that change something alone: for the others it is the same. */
  readonly done: boolean;
  readonly reply: Reply;
  /** The agent is killed with SIGKILL at this very moment. */
  readonly kills: boolean;
}

const BEFORE = { done: false, kills: false } as const;
const AFTER = { done: true, kills: false } as const;

export const FAULTS: readonly FaultKind[] = [
  { name: "refused", words: "is refused with an error", ...BEFORE, reply: "error" },
  { name: "cut", words: "finds its connection cut", ...BEFORE, reply: "cut" },
  { name: "hung", words: "hangs", ...BEFORE, reply: "silence" },
  { name: "denied", words: "is done and answered with an error", ...AFTER, reply: "error" },
  { name: "lost", words: "is done and its answer lost", ...AFTER, reply: "cut" },
  { name: "unanswered", words: "is done and never answered", ...AFTER, reply: "silence" },
  {
    name: "killed before",
    words: "never comes, for the agent gets SIGKILL",
    ...BEFORE,
    reply: "cut",
    kills: true,
  },
  { name: "killed after", words: "is done, and the agent gets SIGKILL", ...AFTER, reply: "cut", kills: true },
];

/** The call's fate; `strike` is called at the moment of the fault. */
export function fateOf({ done, reply }: FaultKind, strike: () => void): Fate {
  if (done) return { kind: "after", reply, done: strike };
  strike();
  return { kind: "instead", reply };
}
