// A dry run changes nothing, and is a script of what the run itself does; values of any kind come through whole.
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Docker } from "../pipeline/own-images.ts";
import { Board, ownImage, read, SHELLS } from "./board.ts";

/** All that a shell, a mount or a compose file could stumble over. */
const HOSTILE = `it's "a", b: $(touch x) \`touch y\` \\ -- *;`;
/** What only looks. */
const LOOKS = /^(version|info|context|ps|logs|exec|(container|image|volume) (inspect|ls))\b/;

let docker: Docker;

beforeAll(async () => {
  docker = await Docker.create();
  await ownImage(docker);
}, 10 * 60_000);

afterAll(() => docker.end());

describe.each(SHELLS)("in %s", (shell) => {
  let board: Board;
  let log: string;

  beforeEach(async () => {
    board = await Board.create(shell);
    log = join(board.directory, "calls");
    await writeFile(log, "");
  });
  afterEach(() => board.destroy());

  /** The calls of docker that change something, since the last time, each as JSON. */
  async function changes(): Promise<readonly string[]> {
    const calls = (await read(log)).split("\n\0").filter((call) => call !== "");
    await writeFile(log, "");
    return calls
      .map((call) => call.split("\0"))
      .filter((words) => !LOOKS.test(words.join(" ")))
      .map((words) => JSON.stringify(words));
  }

  async function recorded(then: string): Promise<void> {
    await board.program(
      "docker",
      `#!/bin/sh\n{ printf '%s\\0' "$@"; printf '\\n\\0'; } >>'${log}'\n${then}\n`,
    );
  }

  it("it must print what is run, word for word, and change nothing", async () => {
    const real = (await read(join(board.directory, "bin/docker"))).split("\n")[1] ?? "";
    const projects = join(board.directory, HOSTILE);
    const words = [
      "--projects",
      projects,
      "--webhooks",
      "--token-file",
      "token",
      "--insecure",
      "nas.lan:5000",
    ];
    await recorded(real);
    const dry = await board.install(...words, "--dry-run");
    expect([dry.status, dry.stderr]).toEqual([0, ""]);
    expect(await changes()).toEqual([]);
    expect(await board.remains()).toEqual([]);
    expect((await readdir(board.directory)).toSorted()).toEqual(["bin", "calls"]);

    const wet = await board.install(...words);
    expect([wet.status, wet.said]).toEqual([0, wet.said]);
    const run = await changes();
    expect(run.length).toBeGreaterThan(5);
    const { Mounts } = await docker.inspect("container", board.name);
    expect(Mounts).toContainEqual(expect.objectContaining({ Source: projects, Destination: projects }));
    expect((await readdir(board.directory)).toSorted()).toEqual(
      ["bin", "calls", "config", HOSTILE].toSorted(),
    );

    // What was printed, as a shell runs it, with a docker that only writes down.
    await board.script("--name", board.name, "--uninstall");
    await changes();
    await recorded("");
    const again = await board.sh(["-s"], dry.stdout);
    expect([again.status, again.stderr]).toEqual([0, ""]);
    expect(await changes()).toEqual(run);
  });

  it("its removal must print what is run", async () => {
    const real = (await read(join(board.directory, "bin/docker"))).split("\n")[1] ?? "";
    expect((await board.install()).status).toBe(0);
    await recorded(real);
    const dry = await board.script("--name", board.name, "--uninstall", "--dry-run");
    expect([dry.status, await changes()]).toEqual([0, []]);
    await board.script("--name", board.name, "--uninstall");
    const run = await changes();
    await recorded("");
    await board.sh(["-s"], dry.stdout);
    expect([run.length, await changes()]).toEqual([2, run]);
  });
});
