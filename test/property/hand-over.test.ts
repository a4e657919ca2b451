// The hand-over in a model of the engine, with whatever can happen to a board at any call: it always ends with one agent.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HandOver } from "../../src/core/model/index.ts";
import { carryOut } from "../../src/self-update/carry-out.ts";
import { NEW, OLD, party, RECORD, UPDATER } from "../self-update/parties.ts";
import { ModelBoard } from "../support/model-board.ts";
import type { Behaviour, Fault } from "../support/model-box.ts";

const RUNS = { numRuns: Number(process.env.PROPERTY_RUNS ?? 400) };
const MAX_LIVES = 30;

interface World {
  readonly behaviour: Behaviour;
  /** Of the old agent, and of its successor. */
  readonly policies: readonly [string, string];
  readonly faults: readonly Fault[];
}

const behaviour = fc.constantFrom<Behaviour>(
  ...(["well", "slow", "never-well", "hangs", "exits", "exits-later", "refuses"] as const),
);
const policy = fc.constantFrom("no", "always", "unless-stopped", "on-failure", "on-failure:3");
const faultOf = (...whats: Fault["what"][]) =>
  fc.record({
    n: fc.integer({ min: 1, max: 70 }),
    when: fc.constantFrom("before" as const, "after" as const),
    what: fc.constantFrom(...whats),
  });
const worldOf = (...whats: Fault["what"][]): fc.Arbitrary<World> =>
  fc.record({
    behaviour,
    policies: fc.tuple(policy, policy),
    faults: fc.array(faultOf(...whats), { maxLength: 4 }),
  });

const isGood = ({ behaviour: how }: World): boolean => how === "well" || how === "slow";

function boardOf({ behaviour: how, policies, faults }: World): { board: ModelBoard; record: HandOver } {
  const [oldPolicy, newPolicy] = policies;
  const boxes = [
    party({ restartPolicy: oldPolicy }),
    party({ id: NEW, name: "boardhand.next", state: "created", startedAt: null, restartPolicy: newPolicy }),
    party({ id: UPDATER, name: "boardhand.updater", restartPolicy: "always" }),
  ];
  return { board: new ModelBoard(boxes, how, faults), record: { ...RECORD, restartPolicy: oldPolicy } };
}

/** Whoever may act acts, life after life, until one of them has come to the end. */
async function play(world: World): Promise<ModelBoard> {
  const { board, record } = boardOf(world);
  for (let life = 0; life < MAX_LIVES && !board.overrun; life++) {
    board.advance(400);
    const id = [UPDATER, OLD, NEW].find((one) => board.up(one));
    if (id === undefined) break;
    const as = id === UPDATER ? "updater" : id === OLD ? "old" : "successor";
    if (board.get(id)?.state !== "running") continue;
    const end = await board.live(id, async (deps) => ({ end: await carryOut(deps, record, { as, id }) }));
    if (end === null) continue;
    if (as === "updater") board.exits(UPDATER, end.end?.outcome === "done" ? 0 : 1);
    // Told to stop: what it left is for the agents, as when somebody removes it.
    if (as === "updater" && end.end === null)
      await board.live(NEW, async ({ engine }) => engine.removeContainer(UPDATER));
    if (end.end !== null && !(as === "successor" && board.up(OLD))) break;
  }
  return board;
}

/** `old boardhand unless-stopped`, for each agent that runs. */
function agents(board: ModelBoard): readonly string[] {
  return [OLD, NEW]
    .filter((id) => board.up(id))
    .map((id) => `${id === OLD ? "old" : "new"} ${board.get(id)?.name} ${board.get(id)?.restartPolicy}`);
}

describe("a hand-over", () => {
  it("killed, rebooted or without its engine at any call must end with the one agent that is proven", async () => {
    await fc.assert(
      fc.asyncProperty(worldOf("kill", "power", "crash", "restart", "away"), async (world) => {
        const board = await play(world);
        fc.pre(!board.late);
        const [oldPolicy, newPolicy] = world.policies;
        expect(board.overrun).toBe(false);
        expect(board.both).toBe(false);
        expect(agents(board)).toEqual([
          isGood(world) ? `new boardhand ${newPolicy}` : `old boardhand ${oldPolicy}`,
        ]);
        const gone = board.get(isGood(world) ? OLD : NEW);
        expect(isGood(world) ? gone : `${gone?.name} ${gone?.restartPolicy}`).toEqual(
          isGood(world) ? null : "boardhand.failed-bbbbbbbbbbbb no",
        );
        expect(board.get(UPDATER)).toMatchObject({ state: "exited", restartPolicy: "no" });
        const before = agents(board);
        board.power();
        expect(agents(board)).toEqual(before.filter((one) => /always|unless-stopped/.test(one)));
      }),
      RUNS,
    );
  });

  it("from which somebody removes a container at any call must end with the one that is left", async () => {
    const removals = ["kill", "power", "away", "remove-old", "remove-successor"] as const;
    await fc.assert(
      fc.asyncProperty(worldOf(...removals), async (world) => {
        fc.pre(isGood(world) || world.behaviour === "never-well" || world.behaviour === "hangs");
        const board = await play(world);
        fc.pre(!board.late);
        const [oldPolicy, newPolicy] = world.policies;
        expect(board.overrun).toBe(false);
        const [old, successor] = [board.get(OLD), board.get(NEW)];
        if (old === null && successor === null) return;
        if (old === null) expect(agents(board)).toEqual([expect.stringMatching(/^new boardhand /)]);
        else expect(agents(board)).toEqual([`old boardhand ${oldPolicy}`]);
        if (old === null && isGood(world)) expect(successor?.restartPolicy).toBe(newPolicy);
      }),
      RUNS,
    );
  });

  it("whose updater somebody stops or removes must still end with one agent", async () => {
    await fc.assert(
      fc.asyncProperty(worldOf("kill", "stop-updater", "remove-updater"), async (world) => {
        const board = await play(world);
        expect(board.overrun).toBe(false);
        const [old, successor] = [board.up(OLD), board.up(NEW)];
        // Told to stop, it goes on until an agent runs. Removed between the stop and the start, it leaves nobody who could
        // act; nor does an agent that then ends and whose policy does not bring it back.
        const toldToStop = world.faults.every((one) => one.what === "stop-updater");
        fc.pre(old || successor || (isGood(world) && toldToStop));
        expect(agents(board)).toEqual([
          expect.stringMatching(old ? /^old boardhand / : /^new boardhand(\.failed-b{12})? /),
        ]);
        if (old) expect(board.get(OLD)?.restartPolicy).toBe(world.policies[0]);
      }),
      RUNS,
    );
  });
});
