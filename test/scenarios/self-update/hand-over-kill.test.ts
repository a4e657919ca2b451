// The updater is killed before and after the calls that it makes: the engine starts it again, and it ends in the same
// place as if nothing had happened.
import { beforeAll, describe, expect, inject, it } from "vitest";
import { type AgentOptions, HandOverBoard, OVER_MS, ownImage } from "./hand-over-board.ts";

/** More calls than a hand-over changes something by, and fewer than it does at least. */
const TOO_MANY = 30;
const FEWEST_CALLS = 8;
const LIMIT = { timeout: 20 * OVER_MS };

type Pictures = (board: HandOverBoard) => readonly string[];

const there: Pictures = () => ["old gone", "new agent running always"];
const back: Pictures = ({ record }) => [
  "old agent running unless-stopped",
  `new agent.failed-${record.successor.slice(0, 12)} exited no`,
];

/** By nobody else at the same time: pushes of one image get in each other's way. */
beforeAll(() => ownImage(inject("engineHost")), 3 * OVER_MS);

/** Whether it was killed, and where it ended. */
async function killedAt(
  n: number,
  when: "before" | "after",
  next: AgentOptions,
  end: Pictures,
): Promise<boolean> {
  const board = await HandOverBoard.create();
  try {
    await board.prepare({ version: "1" }, next, { health: "60s", monitor: "300ms" });
    const cut = { done: false };
    board.proxy.arm({
      n,
      when,
      kill: () => {
        cut.done = true;
        board.killUpdater();
      },
    });
    await board.start();
    const code = await board.over();
    const at = `killed ${when} call ${n}: ${board.proxy.calls.join(", ")}`;
    expect(await board.settled(), at).toEqual(end(board));
    expect(await board.answer(), at).toBe(end === there ? "2" : "1");
    // What is killed after its last call is not asked again.
    if (!cut.done) expect(code).toBe(end === there ? 0 : 1);
    // An answer that broke off by itself comes with no kill.
    return cut.done || board.proxy.calls.length >= n;
  } finally {
    await board.destroy();
  }
}

describe.concurrent("an updater that is killed", () => {
  const good: AgentOptions = { version: "2", restart: "always" };
  const bad: AgentOptions = { version: "bad", behaviour: "crash", restart: "no" };
  it.each([
    ["after each call must still hand over", "after", 1, good, there],
    ["before every fourth call must still hand over", "before", 4, good, there],
    ["after every third call on the way back must still go back", "after", 3, bad, back],
    ["before every fourth call on the way back must still go back", "before", 4, bad, back],
  ] as const)("%s", LIMIT, async (_what, when, stride, next, end) => {
    let n = when === "before" ? 2 : 1;
    while (await killedAt(n, when, next, end)) {
      n += stride;
      if (n > TOO_MANY) throw new Error("the hand-over has no end");
    }
    expect(n).toBeGreaterThan(FEWEST_CALLS);
  });
});
