// A board with a small disk: what does not fit is not begun, and what runs out all the same harms nothing that runs.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabEngine, startEngine } from "../../lab/engine.ts";
import { World } from "../world.ts";
import { announced, freeBytes, holdOf, MB, pushSized } from "./support.ts";

const run = promisify(execFile);
const COMPOSE = "services:\n  web: {image: REG/web}\n  api: {image: REG/api}\n";
const ROOM = 64;

let lab: LabEngine;

beforeAll(async () => {
  lab = await startEngine({ dataRootMB: ROOM });
});

afterAll(async () => {
  await lab.stop();
});

async function onBoard(minFreeMB: number, compose: string, scenario: (world: World) => Promise<void>) {
  const world = await World.create({
    compose,
    config: {
      docker: { host: lab.host, tls: null },
      rollout: { order: "stop-first", monitorMs: 200, failureAction: "rollback", healthTimeoutMs: 60_000 },
      images: { keep: 0, minFreeSpaceBytes: minFreeMB * MB, prune: true },
    },
  });
  try {
    await scenario(world);
  } finally {
    await world.destroy();
    await world.docker("image", "prune", "--all", "--force");
  }
}

const ONE = "services:\n  web: {image: REG/web}\n";

describe("an update on a small disk", () => {
  it("must be held when the layers that are missing do not fit, and taken when they are few", async () => {
    // The base alone asks for four times its size.
    await onBoard(20, ONE, async (world) => {
      const base = { name: "base", megabytes: 6 };
      await pushSized(world, "web", "1", [base]);
      await world.look();
      expect(await world.answer("web")).toBe("1");
      const [before] = await world.containers();

      await pushSized(world, "web", "2", [{ name: "other", megabytes: 12 }]);
      await world.look();
      expect(holdOf(world, await world.parts(), "web")).toMatch(
        /^NotEnoughSpace: needs about 49 MB for layers that are missing, and 20 MB must stay free, but only \d\d MB is$/,
      );
      expect((await world.containers()).map(({ id, state }) => [id, state])).toEqual([
        [before?.id, "running"],
      ]);

      // As large, but for what is here already.
      await pushSized(world, "web", "3", [base, { name: "little", megabytes: 4 }]);
      expect((await world.look()).rollout.kind).toBe("idle");
      expect(await world.answer("web")).toBe("3");
    });
  });

  it("must be held for what does not fit beside the other services of the plan, each layer counted once", async () => {
    await onBoard(20, COMPOSE, async (world) => {
      const base = { name: "shared", megabytes: 6 };
      await pushSized(world, "web", "1", [base]);
      await pushSized(world, "api", "1", [base]);
      await world.look();
      expect([await world.answer("web"), await world.answer("api")]).toEqual(["1", "1"]);
      expect(world.held()).toEqual({});

      await pushSized(world, "web", "2", [{ name: "web 2", megabytes: 8 }]);
      await pushSized(world, "api", "2", [{ name: "api 2", megabytes: 8 }]);
      await world.look();
      expect(Object.values(world.held())).toEqual(["NotEnoughSpace"]);
      const answers = [await world.answer("web"), await world.answer("api")];
      expect([...answers].sort()).toEqual(["1", "2"]);
    });
  });
});

describe("a pull that runs out of space although it seemed to fit", () => {
  it("must touch nothing, say so, leave nothing behind, and not be tried again before there is more", async () => {
    await onBoard(0, ONE, async (world) => {
      await pushSized(world, "web", "1", []);
      await world.look();
      const [before] = await world.containers();
      const free = await freeBytes(lab.dataRoot);
      // A few hundred kilobytes that unpack to more than there is.
      const bomb = { name: "zeros", megabytes: ROOM + 20, zeros: true };
      await pushSized(world, "web", "2", [{ name: "good", megabytes: 5 }, bomb]);
      const { rollout } = await world.look();
      expect(rollout).toMatchObject({
        kind: "stalled",
        reason: expect.stringContaining("no space left on device"),
      });
      expect(await world.answer("web")).toBe("1");
      expect((await world.containers()).map(({ id }) => id)).toEqual([before?.id]);
      expect(free - (await freeBytes(lab.dataRoot))).toBeLessThan(MB);

      await world.look({ force: true });
      await world.look();
      expect(await announced(world, "pullImage")).toBe(2);
      expect(holdOf(world, await world.parts(), "web")).toMatch(
        /^NotEnoughSpace: ran out of space while it was pulled/,
      );

      await run("mount", ["-o", `remount,size=${3 * ROOM}m`, lab.dataRoot]);
      expect((await world.look({ force: true })).rollout.kind).toBe("idle");
      expect(await world.answer("web")).toBe("2");
      await run("mount", ["-o", `remount,size=${ROOM}m`, lab.dataRoot]).catch(() => undefined);
    });
  });
});
