// dockerd is killed in the middle of a hand-over and started again: it stops and starts what it thinks fit, and the
// updater, which comes back with it, makes of that what was meant.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabEngine, startEngine } from "../../lab/engine.ts";
import { type AgentOptions, HandOverBoard, OVER_MS } from "./hand-over-board.ts";

const LIMIT = { timeout: 4 * OVER_MS };

let engine: LabEngine;

beforeAll(async () => {
  engine = await startEngine();
});

afterAll(async () => {
  await engine.stop();
});

/** Crashes the engine when the updater makes the call for the first time, and before it has reached the engine. */
async function crashedAt(
  call: RegExp,
  next: AgentOptions,
  end: (board: HandOverBoard) => Promise<void>,
): Promise<void> {
  const board = await HandOverBoard.create(engine.host);
  try {
    await board.prepare({ version: "1" }, next, { health: "60s", monitor: "300ms" });
    const crashed = new Promise<void>((resolve, reject) => {
      let done = false;
      board.proxy.onCall((one) => {
        if (done || !call.test(one)) return;
        done = true;
        engine
          .crash()
          .then(() => engine.restart())
          .then(resolve, reject);
      });
    });
    await board.start();
    await crashed;
    await board.over();
    await end(board);
  } finally {
    await board.destroy();
  }
}

describe("an engine that crashes", () => {
  it.each([
    [/\/rename$/, "always"],
    [/\/stop$/, "unless-stopped"],
    [/\/start$/, "unless-stopped"],
    [/^DELETE /, "no"],
  ] as const)(
    "at %s must find the new agent running in the end (restart policy %s)",
    LIMIT,
    (call, restart) =>
      crashedAt(call, { version: "2", restart }, async (board) => {
        expect(await board.settled()).toEqual(["old gone", `new agent running ${restart}`]);
        expect(await board.answer()).toBe("2");
      }),
  );

  it("at the start of a successor that fails must find the old one running in the end", LIMIT, () =>
    crashedAt(/\/start$/, { version: "bad", behaviour: "crash", restart: "no" }, async (board) => {
      const failed = `agent.failed-${board.record.successor.slice(0, 12)}`;
      expect(await board.settled()).toEqual(["old agent running unless-stopped", `new ${failed} exited no`]);
      expect(await board.answer()).toBe("1");
    }),
  );
});
