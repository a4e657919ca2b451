// Engines that restart, crash, are upgraded or change their store under a board: what runs is taken as it is, nobody is
// blamed for what the engine did, and the next update goes on as ever.
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { followEngine } from "../../../src/triggers/engine-events.ts";
import { type LabEngine, type LabEngineOptions, startEngine } from "../../lab/engine.ts";
import { announced, containerdStore, currentEngine } from "../disk/support.ts";
import { World } from "../world.ts";

const COMPOSE = `
services:
  kept: {image: REG/kept, restart: always}
  plain: {image: REG/plain}
  byhand: {image: REG/byhand, restart: unless-stopped}
`;
const WAIT_MS = 180_000;

/** A board on an engine of its own, version 1 running, one service stopped by a person, the agent following events. */
async function onBoard(
  options: LabEngineOptions,
  scenario: (world: World, lab: LabEngine) => Promise<void>,
): Promise<void> {
  const lab = await startEngine(options);
  const rollout = { order: "stop-first", monitorMs: 500, failureAction: "rollback", healthTimeoutMs: 60_000 };
  const world = await World.create({
    compose: COMPOSE,
    config: { docker: { host: lab.host, tls: null }, rollout: { ...rollout } as World["config"]["rollout"] },
  });
  const stop = new AbortController();
  try {
    for (const name of ["kept", "plain", "byhand"]) await world.push(name, "1");
    await world.look();
    await world.docker("stop", "-t", "1", (await world.container("byhand")).id);
    await world.look();
    // What ended so shortly before an engine is missed counts as ended by it.
    const { finishedAt } = await world.container("byhand");
    while (Date.now() < (finishedAt ?? 0) + 6000) await delay(100);
    const { engine, clock, log, queue, ground } = await world.parts();
    void followEngine({
      engine,
      clock,
      log,
      signal: stop.signal,
      enqueue: (trigger) => queue.enqueue({ trigger, rollback: null }),
      onLost: () => ground.lost(),
      onBack: () => undefined,
    });
    await scenario(world, lab);
  } finally {
    stop.abort();
    await world.destroy().catch(() => undefined);
    await lab.stop();
  }
}

interface Seen {
  readonly ids: readonly string[];
  readonly states: readonly string[];
  readonly held: Readonly<Record<string, string>>;
  readonly pulls: number;
  readonly made: number;
}

async function seen(world: World): Promise<Seen> {
  const containers = await world.containers();
  return {
    ids: containers.map(({ id }) => id),
    states: containers.map(({ service, state }) => `${service} ${state}`),
    held: world.held(),
    pulls: await announced(world, "pullImage"),
    made: await announced(world, "createContainer"),
  };
}

/** Looks until the board is as it was; the last sight of it when it never is. */
async function comesBack(world: World, before: Seen): Promise<Seen> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    await world.look();
    const now = await seen(world);
    if (JSON.stringify(now) === JSON.stringify(before) || Date.now() > deadline) return now;
  }
}

const AS_BEFORE = {
  states: ["byhand exited", "kept running", "plain running"],
  held: { byhand: "StoppedByHand" },
  pulls: 3,
  made: 3,
};

async function updates(world: World, version: string): Promise<void> {
  for (const name of ["kept", "plain"]) await world.push(name, version);
  const { rollout, quarantine } = await world.look();
  expect([rollout.kind, quarantine]).toEqual(["idle", []]);
  expect([await world.answer("kept"), await world.answer("plain")]).toEqual([version, version]);
  expect(await announced(world, "pullImage")).toBe(5);
}

const LIVE = { "live-restore": true };

describe.each([
  ["20.10", async () => ({}), "halt"],
  ["20.10", async () => ({}), "crash"],
  ["20.10 with live-restore", async () => ({ settings: LIVE }), "halt"],
  ["a current engine", currentEngine, "halt"],
  ["a current engine with containerd's store", containerdStore, "crash"],
] as const)("%s", (_, options, how) => {
  it(`after a ${how} while nothing is under way must find everything as it was, and take the next update`, async () => {
    await onBoard(await options(), async (world, lab) => {
      const before = await seen(world);
      expect(before).toMatchObject(AS_BEFORE);
      await lab[how]();
      await lab.restart();
      expect(await comesBack(world, before)).toEqual(before);
      await updates(world, "2");
    });
  });
});

describe.each([
  ["halted", "halt", {}],
  ["crashed", "crash", {}],
] as const)("an engine that is %s in the monitor window", (_, how, options) => {
  it("must lead to no way back: what was updated stays", async () => {
    await onBoard(options, async (world, lab) => {
      for (const name of ["kept", "plain"]) await world.push(name, "2");
      const { queue, journal, clock } = await world.parts();
      const trigger = { project: world.project, cause: "manual", refresh: true, force: false } as const;
      queue.enqueue({ trigger, rollback: null });
      while (journal.memory(world.project).rollout.kind !== "monitoring") await clock.sleep(5);
      const ids = (await seen(world)).ids;
      await lab[how]();
      await lab.restart();
      const memory = await world.look();
      expect(memory).toMatchObject({ rollout: { kind: "idle" }, quarantine: [] });
      expect([await world.answer("kept"), await world.answer("plain")]).toEqual(["2", "2"]);
      const left = (await world.containers()).map(({ id }) => id);
      expect(left.every((id) => ids.includes(id))).toBe(true);
      expect(left).toHaveLength(3);
    });
  });
});

describe("an engine that is upgraded on the same data root", () => {
  it("must keep what the old one made, pull nothing, and take the next update", async () => {
    await onBoard({}, async (world, lab) => {
      const before = await seen(world);
      await lab.halt();
      await lab.restart(await currentEngine());
      expect(await comesBack(world, before)).toEqual(before);
      const { facts } = await (await world.parts()).ground.get();
      expect(Number(facts.apiVersion.split(".")[1])).toBeGreaterThan(44);
      await updates(world, "2");
    });
  });
});

describe("an engine that changes its store", () => {
  it("must get everything anew, since nobody removed what is out of sight, and have it back with the old store", async () => {
    await onBoard(await currentEngine(), async (world, lab) => {
      const before = await seen(world);
      await lab.halt();
      await lab.restart(await containerdStore());
      await world.look();
      expect(world.held()).toEqual({});
      expect((await seen(world)).states).toEqual(["byhand running", "kept running", "plain running"]);
      expect(await world.answer("kept")).toBe("1");
      await lab.halt();
      await lab.restart(await currentEngine());
      await world.look();
      expect((await seen(world)).ids).toEqual(before.ids);
      expect(await world.answer("kept")).toBe("1");
    });
  });
});
