// The engine, or the whole board, goes down and takes the agent with it: what ran runs again, what a person stopped stays
// stopped. A container of the engine stands for the agent's own, and ends and starts as that would.
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type LabEngine, type LabEngineOptions, startEngine } from "../../lab/engine.ts";
import { currentEngine } from "../disk/support.ts";
import { World } from "../world.ts";

const COMPOSE = `
services:
  kept: {image: REG/app, restart: always}
  plain: {image: REG/app}
  soft: {image: REG/app, restart: unless-stopped}
  stopped: {image: REG/app}
  ended: {image: REG/app, restart: unless-stopped}
`;
const BY_HAND = ["stopped", "ended"];
const RUNS = ["kept running", "plain running", "soft running"];
const HELD = { stopped: "StoppedByHand", ended: "StoppedByHand" };
const WAIT_MS = 180_000;

type Down = "halt" | "crash" | "cutPower";

interface Board {
  readonly world: World;
  readonly lab: LabEngine;
  /** The id of the container that stands for the agent's; emptied, the agent runs outside of containers. */
  readonly own: string[];
}

/** All services have proved themselves; two were stopped by a person some time ago. */
async function onBoard(options: LabEngineOptions, scenario: (board: Board) => Promise<void>): Promise<void> {
  const lab = await startEngine(options);
  const own: string[] = [];
  const world = await World.create({
    compose: COMPOSE,
    config: { docker: { host: lab.host, tls: null } },
    own: async () => own,
  });
  try {
    await world.push("app", "1");
    await world.look();
    const { imageReference } = await world.container("kept");
    const agent = ["run", "--detach", "--restart", "always", "--label", "io.boardhand.role=agent"];
    const { stdout } = await world.docker(...agent, imageReference);
    own.push(stdout.trim());
    for (const name of BY_HAND) await world.docker("kill", (await world.container(name)).id);
    await world.look();
    expect(world.held()).toEqual(HELD);
    await someTimeLater(world);
    await scenario({ world, lab, own });
  } finally {
    await world.destroy().catch(() => undefined);
    await lab.stop();
  }
}

/** What ended so shortly before the engine counts as ended by it. */
async function someTimeLater(world: World): Promise<void> {
  const ends = await Promise.all(BY_HAND.map(async (name) => (await world.container(name)).finishedAt ?? 0));
  while (Date.now() < Math.max(...ends) + 6000) await delay(100);
}

async function states(world: World): Promise<readonly string[]> {
  return (await world.containers()).map(({ service, state }) => `${service} ${state}`);
}

async function ids(world: World): Promise<readonly string[]> {
  return (await world.containers()).map(({ id }) => id).sort();
}

/** Looks until all that is to run runs; the last sight of it when it never does. */
async function comesBack(world: World, wanted: readonly string[]): Promise<readonly string[]> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    await world.look();
    const now = await states(world);
    if (wanted.every((one) => now.includes(one)) || Date.now() > deadline) return now;
  }
}

async function goesDown({ world, lab }: Board, how: Down, options: LabEngineOptions): Promise<void> {
  const before = await ids(world);
  await world.restart();
  await lab[how]();
  await lab.restart(options);
  expect(await comesBack(world, RUNS), how).toEqual(["ended exited", ...RUNS, "stopped exited"]);
  expect(world.held(), how).toEqual(HELD);
  expect(await ids(world), how).toEqual(before);
}

describe("an engine that goes down with the agent in one of its containers", () => {
  it("must find all running again that ran, and nothing else, however it went down", async () => {
    await onBoard({}, async (board) => {
      for (const how of ["halt", "crash", "cutPower"] as const) await goesDown(board, how, {});
    });
  });

  it("must find the same where it is a current one, or where the agent runs outside of containers", async () => {
    const options = await currentEngine();
    await onBoard(options, async (board) => {
      await goesDown(board, "crash", options);
      board.own.length = 0;
      await goesDown(board, "cutPower", options);
    });
  });

  it("must not be taken for the cause where a person stopped the agent and a service together", async () => {
    await onBoard({}, async ({ world, own }) => {
      await world.restart();
      await world.docker("kill", ...own, (await world.container("plain")).id);
      await world.docker("start", ...own);
      await world.look();
      expect(await states(world)).toContain("plain exited");
      expect(world.held()).toEqual({ ...HELD, plain: "StoppedByHand" });
    });
  });
});
