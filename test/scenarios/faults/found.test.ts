// What the matrix found once, each at the very call.
import { expect, it } from "vitest";
import { FaultBoard } from "./board.ts";
import { FAULTS } from "./faults.ts";
import { ROLLOUTS } from "./rollouts.ts";
import type { Where } from "./striker.ts";

async function mustEnd(
  rollout: string,
  name: string,
  where: Where,
  end: "new" | "old",
  call: unknown = expect.any(String),
): Promise<void> {
  const kind = ROLLOUTS.find((one) => one.name === rollout);
  const fault = FAULTS.find((one) => one.name === name);
  if (kind === undefined || fault === undefined) throw new Error("no such case");
  const board = await FaultBoard.create(kind);
  try {
    expect(await board.run("engine", fault, where)).toMatchObject({ call, end, problems: [] });
  } finally {
    await board.end();
  }
}

it.concurrent.each([
  ["refused", "rename", /\/rename$/],
  ["refused", "change of a restart policy", /\/update$/],
  ["refused", "stop", /\/stop$/],
  ["denied", "rename", /\/rename$/],
])("a %s %s must not be held against the new image", async (name, _what, call) => {
  await mustEnd("update", name, call, "new");
});

/** Of the calls that change something the third is the pull of what fails: its service has to wait, the other moves on. */
it("a failing image whose first pull went wrong must be quarantined all the same", async () => {
  await mustEnd("rollback", "denied", 3, "old", "POST /images/create");
});

/** Without a moment in which neither runs: the old one is up again before its successor goes. */
it.each([
  ["stop", /\/stop$/],
  ["second rename", 8],
])(
  "a %s that is done and answered with an error must cost a start-first service no time",
  async (_what, where) => {
    await mustEnd("start-first update", "denied", where, "new");
  },
);
