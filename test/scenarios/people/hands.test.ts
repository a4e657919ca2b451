// What a person stopped, removed or paused stays so until a person or a new revision of the file says otherwise.
import { afterEach, describe, expect, it } from "vitest";
import { resume, suspend } from "../../../src/reconcile/hand.ts";
import { removeNetwork } from "../miscount.ts";
import { World, type WorldOptions } from "../world.ts";

const worlds: World[] = [];

afterEach(async () => {
  for (const made of worlds.splice(0)) await made.destroy();
});

const TWO = `
services:
  web: {image: REG/web, restart: unless-stopped}
  worker: {image: REG/worker, restart: unless-stopped}
`;

/** Version 1 of both services runs, has proved itself and was seen. */
async function board(options: Partial<WorldOptions> = {}): Promise<World> {
  const world = await World.create({ compose: TWO, ...options });
  worlds.push(world);
  for (const name of ["web", "worker"]) await world.push(name, "1");
  await world.look();
  await world.look();
  return world;
}

async function ids(world: World): Promise<readonly string[]> {
  return (await world.containers()).map((c) => c.id).sort();
}

async function edit(world: World): Promise<void> {
  const edited = "worker: {image: REG/worker, restart: unless-stopped, environment: {EDITED: by hand}}";
  await world.writeCompose(TWO.replace(/worker: .*/, edited));
}

async function resumed(world: World): Promise<void> {
  await resume(world.project, (await world.parts()).deps);
}

describe("a container that a person stopped", () => {
  it("must stay stopped at every look, and be started by apply as the same container", async () => {
    const world = await board();
    const { id } = await world.container("web");
    await world.docker("stop", id);
    await world.look();
    await world.look();
    expect(await world.container("web")).toMatchObject({ id, state: "exited" });
    expect(world.held()).toEqual({ web: "StoppedByHand" });
    expect(await world.answer("worker")).toBe("1");
    await world.look({ force: true });
    expect(await world.container("web")).toMatchObject({ id, state: "running" });
    expect(world.held()).toEqual({});
  });

  it("must stay stopped when its image moves, and be started on the new one by apply", async () => {
    const world = await board();
    const { id } = await world.container("web");
    await world.docker("stop", id);
    await world.push("web", "2");
    await world.look();
    expect(await world.container("web")).toMatchObject({ id, state: "exited" });
    expect(world.held()).toEqual({ web: "StoppedByHand" });
    await world.look({ force: true });
    expect(await world.answer("web")).toBe("2");
    expect(await world.containers()).toHaveLength(2);
  });

  it("must not keep the other services from being updated", async () => {
    const world = await board();
    const { id } = await world.container("web");
    await world.docker("stop", id);
    await world.push("worker", "2");
    await world.look();
    expect(await world.answer("worker")).toBe("2");
    expect(await world.container("web")).toMatchObject({ id, state: "exited" });
  });

  it("must stay stopped when the agent starts anew, and when its state directory was lost", async () => {
    const world = await board();
    const { id } = await world.container("web");
    await world.docker("stop", id);
    await world.look();
    await world.restart();
    await world.look();
    expect(await world.container("web")).toMatchObject({ id, state: "exited" });
    await world.loseState();
    await world.look();
    expect(await world.container("web")).toMatchObject({ id, state: "exited" });
  });

  it("must be started when the compose file is edited", async () => {
    const world = await board();
    const { id } = await world.container("web");
    await world.docker("stop", id);
    await world.look();
    await edit(world);
    await world.look();
    expect(await world.container("web")).toMatchObject({ id, state: "running" });
  });

  it("must be started on a moved image when the compose file is edited", async () => {
    const world = await board();
    await world.docker("stop", (await world.container("web")).id);
    await world.push("web", "2");
    await world.look();
    expect(world.held()).toEqual({ web: "StoppedByHand" });
    await edit(world);
    await world.look();
    expect(await world.answer("web")).toBe("2");
  });

  it("must be started by resume, though nobody looked at that moment", async () => {
    const world = await board();
    const { id } = await world.container("web");
    await world.docker("stop", id);
    await world.look();
    await resumed(world);
    await world.look();
    expect(await world.container("web")).toMatchObject({ id, state: "running" });
  });

  it("must be started again at once where drift is to be restored", async () => {
    const world = await board({ config: { drift: "restore" } });
    const { id } = await world.container("web");
    await world.docker("stop", id);
    await world.look();
    expect(await world.container("web")).toMatchObject({ id, state: "running" });
  });
});

describe("a container that a person removed", () => {
  it("must stay away at every look and when its image moves, and come back by apply", async () => {
    const world = await board();
    await world.docker("rm", "-f", (await world.container("web")).id);
    await world.look();
    await world.push("web", "2");
    await world.look();
    expect((await world.containers()).map((c) => c.service)).toEqual(["worker"]);
    expect(world.held()).toEqual({ web: "RemovedByHand" });
    await world.look({ force: true });
    expect(await world.answer("web")).toBe("2");
  });

  it("must come back by resume, by an edited file, and at once where drift is to be restored", async () => {
    const world = await board();
    await world.docker("rm", "-f", (await world.container("web")).id);
    await world.look();
    await resumed(world);
    await world.look();
    expect(await world.answer("web")).toBe("1");
    await world.docker("rm", "-f", (await world.container("web")).id);
    await world.look();
    expect(world.held()).toEqual({ web: "RemovedByHand" });
    await edit(world);
    await world.look();
    expect(await world.answer("web")).toBe("1");
    const other = await board({ config: { drift: "restore" } });
    await other.docker("rm", "-f", (await other.container("web")).id);
    await other.look();
    expect(await other.answer("web")).toBe("1");
  });

  it("with all of its project must not come back, image moved or not, until apply", async () => {
    const world = await board();
    await world.docker("rm", "-f", ...(await ids(world)));
    await removeNetwork(world, `${world.project}_default`);
    await world.look();
    await world.push("worker", "2");
    await world.look();
    expect(await world.containers()).toEqual([]);
    expect(world.held()).toEqual({ web: "RemovedByHand", worker: "RemovedByHand" });
    await world.look({ force: true });
    expect([await world.answer("web"), await world.answer("worker")]).toEqual(["1", "2"]);
  });
});

describe("a container that a person paused", () => {
  it("must stay paused, image moved or not, until apply replaces it", async () => {
    const world = await board();
    const { id } = await world.container("web");
    await world.docker("pause", id);
    await world.look();
    expect(await world.container("web")).toMatchObject({ id, state: "paused" });
    expect(world.held()).toEqual({ web: "StoppedByHand" });
    await world.push("web", "2");
    await world.look();
    expect(await world.container("web")).toMatchObject({ id, state: "paused" });
    await world.look({ force: true });
    expect(await world.answer("web")).toBe("2");
    expect(await world.containers()).toHaveLength(2);
  });
});

describe("a container that a person stopped inside the monitor window", () => {
  it("must not count as a failure: the rollout is proven, the container stays stopped", async () => {
    const rollout = { order: "stop-first", monitorMs: 3000, failureAction: "rollback" } as const;
    const world = await board({ config: { rollout: { ...rollout, healthTimeoutMs: 60_000 } } });
    await world.push("web", "2");
    const parts = await world.parts();
    const trigger = { project: world.project, cause: "schedule", refresh: true, force: false } as const;
    parts.queue.enqueue({ trigger, rollback: null });
    await expect.poll(async () => (await world.rolloutState()).kind).toBe("monitoring");
    const { id } = await world.container("web");
    await world.docker("stop", id);
    const memory = await world.settled();
    expect(memory.rollout.kind).toBe("idle");
    expect(memory.quarantine).toEqual([]);
    expect(await world.container("web")).toMatchObject({ id, state: "exited" });
    await world.look();
    expect(world.held()).toEqual({ web: "StoppedByHand" });
    expect(await world.containers()).toHaveLength(2);
  });
});

describe("a container of a service that is no longer in the file", () => {
  const ONE = "services:\n  web: {image: REG/web, restart: unless-stopped}\n";

  it("must be reported and left running", async () => {
    const world = await board();
    const { id } = await world.container("worker");
    await world.writeCompose(ONE);
    await world.look();
    expect(await world.container("worker")).toMatchObject({ id, state: "running" });
    const notes = (await world.parts()).reconciler.view(world.project)?.plan?.notes ?? [];
    expect(notes.join()).toContain(`${world.project}-worker-1 is an orphan`);
  });

  it("must be removed where orphans are to be removed, and nothing else touched", async () => {
    const world = await board({ config: { orphans: "remove" } });
    const { id } = await world.container("web");
    await world.writeCompose(ONE);
    await world.look();
    expect(await ids(world)).toEqual([id]);
  });
});

describe("a suspended project", () => {
  it("must not be changed by anything, and be brought up to date after resume", async () => {
    const world = await board();
    const before = await ids(world);
    await suspend(world.project, (await world.parts()).deps);
    await world.push("web", "2");
    await edit(world);
    await world.look();
    await world.restart();
    await world.look();
    expect(await ids(world)).toEqual(before);
    expect(world.held()).toEqual({ web: "Suspended", worker: "Suspended" });
    await resumed(world);
    await world.look();
    expect(await world.answer("web")).toBe("2");
  });
});
