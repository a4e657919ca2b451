// The script killed after any of its steps, as by a power failure: the next run ends with one agent, well, and its state.
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../lab/registry.ts";
import { Docker } from "../pipeline/own-images.ts";
import { Board, ownImage, read } from "./board.ts";

/** The steps of a first installation, and of one in the place of another, by the first word of docker's. */
const FIRST = ["create", "start"];
const INSTEAD = ["create", "stop", "rename", "rename", "start"];

let docker: Docker;
let board: Board;
let real: string;

beforeAll(async () => {
  docker = await Docker.create();
  await ownImage(docker);
}, 10 * 60_000);

afterAll(() => docker.end());

beforeEach(async () => {
  board = await Board.create("dash");
  real = await read(join(board.directory, "bin/docker"));
});
afterEach(() => board.destroy());

/** Its shell is killed as soon as this many steps are done. Returns which they were. */
async function killedAfter(steps: number, ...words: string[]): Promise<readonly string[]> {
  const done = join(board.directory, `done-${steps}`);
  const call = real.split("\n")[1]?.replace("exec ", "") ?? "";
  const count = `echo "$1" >>'${done}'; [ "$(grep -c . '${done}')" != ${steps} ] || kill -9 $PPID`;
  await board.program(
    "docker",
    `#!/bin/sh\n${call}; status=$?\ncase $1 in create | stop | rename | start) ${count} ;; esac\nexit $status\n`,
  );
  const { status } = await board.install(...words);
  expect(status).toBe(-1);
  await board.program("docker", real);
  return (await read(done)).trim().split("\n");
}

async function mended(port: number, ...words: string[]): Promise<void> {
  const { status, said } = await board.install("--port", `127.0.0.1:${port}`, ...words);
  expect([status, said]).toEqual([0, expect.stringContaining("agent     healthy")]);
  expect(await board.answers(port)).toBe(200);
  expect(await board.remains()).toEqual([board.name, `volume ${board.name}`]);
}

describe("a run that is killed", () => {
  it.each(FIRST.map((step, index) => [index + 1, step] as const))(
    "after step %i of a first installation, %s, must be finished by the next one",
    async (steps) => {
      expect(await killedAfter(steps)).toEqual(FIRST.slice(0, steps));
      await mended(board.port);
    },
  );

  it("after any step of an update must be finished by the next one, and the state must stay", async () => {
    expect((await board.install()).status).toBe(0);
    await docker.ok("exec", board.name, "sh", "-c", "echo mine >/data/mine");
    const ports = [board.port, await freePort()];
    for (const steps of INSTEAD.keys()) {
      const port = ports[(steps + 1) % 2] ?? 0;
      const done = await killedAfter(steps + 1, "--port", `127.0.0.1:${port}`);
      expect(done).toEqual(INSTEAD.slice(0, steps + 1));
      await mended(port);
      expect(await docker.ok("exec", board.name, "cat", "/data/mine")).toBe("mine");
    }
  }, 600_000);
});
