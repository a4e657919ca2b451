// Containers that docker compose made are taken over as they are: nothing is touched while nothing has changed, and the
// first change replaces them like any other.
import { afterEach, describe, expect, inject, it } from "vitest";
import { compose, composeBinary } from "../../lab/compose.ts";
import { World } from "../world.ts";

const COMPOSE = `
services:
  web:
    image: REG/web
    restart: unless-stopped
    environment: {GREETING: hello}
  worker:
    image: REG/worker
    depends_on: [web]
    volumes: [data:/data]
volumes: {data: {}}
`;

const worlds: World[] = [];

afterEach(async () => {
  for (const made of worlds.splice(0)) await made.destroy();
});

async function world(): Promise<World> {
  const made = await World.create({ compose: COMPOSE });
  worlds.push(made);
  for (const name of ["web", "worker"]) await made.push(name, "1");
  return made;
}

async function composeUp(board: World): Promise<void> {
  const { directory } = board;
  await compose({ binary: await composeBinary(), engineHost: inject("engineHost"), directory }, "up", "-d");
}

/** What compose would have made, as far as Boardhand reads it. */
async function likeCompose(board: World): Promise<void> {
  const parts = await board.parts();
  const source = (await parts.loader.list()).find(({ name }) => name === board.project);
  const loaded = source === undefined ? null : await parts.loader.load(source);
  if (loaded?.kind !== "loaded") throw new Error("the project does not load");
  for (const { name, composeHashes } of loaded.project.services) {
    const image = `${board.registry}/${board.project}/${name}`;
    await board.docker("pull", "-q", image);
    const labels = [
      `com.docker.compose.project=${board.project}`,
      `com.docker.compose.service=${name}`,
      "com.docker.compose.container-number=1",
      "com.docker.compose.oneoff=False",
      `com.docker.compose.config-hash=${composeHashes[0]}`,
    ].flatMap((label) => ["--label", label]);
    await board.docker("run", "-d", "--name", `${board.project}-${name}-1`, ...labels, image);
  }
}

async function ids(board: World): Promise<readonly string[]> {
  return (await board.containers()).map((c) => c.id);
}

const makers = [
  ["docker compose itself", composeUp],
  ["somebody with docker compose's labels", likeCompose],
] as const;

describe.each(makers)("containers made by %s", (_who, make) => {
  it("must be adopted untouched, and be replaced by the first image that moves", async () => {
    const board = await world();
    await make(board);
    const before = await ids(board);
    const memory = await board.look();
    await board.look();
    expect(await ids(board)).toEqual(before);
    expect(board.held()).toEqual({});
    expect(memory.rollout).toMatchObject({ kind: "idle", good: expect.any(String) });
    await board.push("web", "2");
    await board.look();
    expect([await board.answer("web"), await board.answer("worker")]).toEqual(["2", "1"]);
    expect((await board.container("worker")).id).toBe(before[1]);
    expect(await board.containers()).toHaveLength(2);
  });

  it("must be put back when the first image that moves fails", async () => {
    const board = await world();
    await make(board);
    const before = await ids(board);
    await board.look();
    await board.push("web", "bad", "crash");
    expect((await board.look()).rollout).toMatchObject({ kind: "stalled", rolledBack: true });
    expect(await ids(board)).toEqual(before);
    expect(await board.answer("web")).toBe("1");
  });
});

describe("docker compose", () => {
  it("must find what Boardhand made up to date and leave it alone", async () => {
    const board = await world();
    await board.look();
    const before = await ids(board);
    await composeUp(board);
    expect(await ids(board)).toEqual(before);
  });
});
