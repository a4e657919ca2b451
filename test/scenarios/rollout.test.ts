import { afterEach, describe, expect, it } from "vitest";
import { FAILING_PROBE, PROBE } from "./probes.ts";
import { World, type WorldOptions } from "./world.ts";

const worlds: World[] = [];

async function world(options: WorldOptions): Promise<World> {
  const made = await World.create(options);
  worlds.push(made);
  return made;
}

afterEach(async () => {
  for (const made of worlds.splice(0)) await made.destroy();
});

const TWO = `
services:
  web:
    image: REG/web
    restart: unless-stopped
  worker:
    image: REG/worker:latest
    restart: unless-stopped
    depends_on: {web: {condition: service_healthy}}
`;

describe("deploying", () => {
  it("a project that was never there must be made, in dependency order, and be left alone afterwards", async () => {
    const board = await world({ compose: TWO });
    await board.push("web", "1", "serve", { healthcheck: PROBE });
    await board.push("worker", "1");
    expect((await board.look()).rollout.kind).toBe("idle");
    expect([await board.answer("web"), await board.answer("worker")]).toEqual(["1", "1"]);
    const before = (await board.containers()).map((c) => c.id);
    const memory = await board.look();
    expect((await board.containers()).map((c) => c.id)).toEqual(before);
    expect(memory.rollout.good).not.toBeNull();
  });

  it("a new image must replace only its own service, and the old container must go when the window has passed", async () => {
    const board = await world({ compose: TWO });
    await board.push("web", "1", "serve", { healthcheck: PROBE });
    await board.push("worker", "1");
    await board.look();
    const worker = await board.container("worker");
    await board.push("web", "2", "serve", { healthcheck: PROBE });
    const memory = await board.look();
    expect(memory.rollout.kind).toBe("idle");
    expect(await board.answer("web")).toBe("2");
    expect((await board.container("worker")).id).toBe(worker.id);
    expect((await board.containers()).map((c) => c.name).sort()).toEqual([
      `${board.project}-web-1`,
      `${board.project}-worker-1`,
    ]);
  });

  it("a release that never gets healthy must be rolled back to the same old container and not be tried again", async () => {
    const board = await world({ compose: TWO });
    await board.push("web", "1", "serve", { healthcheck: PROBE });
    await board.push("worker", "1");
    await board.look();
    const [web, worker] = [await board.container("web"), await board.container("worker")];
    await board.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
    await board.push("worker", "2");
    const memory = await board.look();
    expect(memory.rollout).toMatchObject({ kind: "stalled", rolledBack: true });
    expect((await board.container("web")).id).toBe(web.id);
    expect((await board.container("worker")).id).toBe(worker.id);
    expect(await board.answer("web")).toBe("1");
    expect((await board.container("web")).restartPolicy).toBe("unless-stopped");
    expect(await board.containers()).toHaveLength(2);
    await board.look();
    expect(board.held()).toEqual({ web: "Quarantined", worker: "Quarantined" });
    await board.push("web", "3", "serve", { healthcheck: PROBE });
    expect((await board.look()).rollout.kind).toBe("idle");
    expect([await board.answer("web"), await board.answer("worker")]).toEqual(["3", "2"]);
  });
});
