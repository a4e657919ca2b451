// From the first installation to the last trace of it, on a real engine, in the shells that boards have.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../lab/registry.ts";
import { Docker } from "../pipeline/own-images.ts";
import { Board, ownImage, pushVariant, read, SCRIPT, SHELLS } from "./board.ts";

let docker: Docker;
let image: string;

beforeAll(async () => {
  docker = await Docker.create();
  image = await ownImage(docker);
}, 10 * 60_000);

afterAll(() => docker.end());

describe.each(SHELLS)("in %s", (shell) => {
  let board: Board;
  let moving: string;
  let other: number;

  const release = (version: number) =>
    pushVariant(docker, `install/${shell}:latest`, `FROM ${image}\nLABEL test.version=${version}\n`);
  const cp = async (line: string, ...words: string[]) => {
    const { status, said } = await board.sh(["-c", line, "sh", ...words]);
    expect([status, said]).toEqual([0, said]);
  };
  const inspect = () => docker.inspect("container", board.name) as Promise<unknown> as Promise<Container>;

  beforeAll(async () => {
    board = await Board.create(shell);
    moving = await release(1);
    other = await freePort();
  });
  afterAll(() => board.destroy());

  it("one command must bring up an agent that is well, and say where", async () => {
    const { status, said, stdout } = await board.install("--image", moving);
    expect([status, said]).toEqual([0, expect.stringContaining(`Page      http://127.0.0.1:${board.port}`)]);
    expect(stdout).toContain("doctor    has no objection");
    expect(stdout).toContain("agent     healthy");
    expect(await board.answers()).toBe(200);
    expect(await inspect()).toMatchObject({
      HostConfig: {
        RestartPolicy: { Name: "always" },
        LogConfig: { Type: "local", Config: { "max-size": "1m", "max-file": "3" } },
        PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: String(board.port) }] },
      },
      Config: { StopTimeout: 60 },
    });
    expect(await board.remains()).toEqual([board.name, `volume ${board.name}`]);
    await docker.ok("exec", board.name, "sh", "-c", "echo mine >/data/mine");
  });

  it("a second run with nothing said must find that there is nothing to do", async () => {
    const before = await board.id();
    const { status, stdout } = await board.script("--name", board.name);
    expect([status, stdout]).toEqual([0, expect.stringContaining("newest already")]);
    expect(await board.id()).toBe(before);
  });

  it("a run must start an agent that somebody stopped", async () => {
    await docker.ok("stop", board.name);
    const { status, said } = await board.script("--name", board.name);
    expect([status, said]).toEqual([0, expect.stringContaining("agent     healthy")]);
    expect(await board.answers()).toBe(200);
  });

  it("another port and tokens must be taken, and what was not said again must stay", async () => {
    const words = ["--name", board.name, `--port=127.0.0.1:${other}`, "--token-file", "-token", "--webhooks"];
    const { status, said } = await board.script(...words);
    const hook = (await read(join(board.config, "hook-token"))).trim();
    expect([status, said]).toEqual([0, expect.stringContaining(`:${other}/hooks/PROVIDER/${hook}`)]);
    expect([await board.answers(), await board.answers(other)]).toEqual([null, 200]);
    const { Config, Mounts } = await inspect();
    expect(Config.Env).toContain(`BOARDHAND_PROJECTS=${board.projects}`);
    expect(Mounts.map(({ Destination }) => Destination).toSorted()).toEqual(
      ["/data", "/etc/boardhand", "/var/run/docker.sock", board.projects].toSorted(),
    );
    expect(await docker.ok("exec", board.name, "cat", "/data/mine")).toBe("mine");
    await tokensCount(other, (await read(join(board.config, "-token"))).trim());
    expect(await board.remains()).toEqual([board.name, `volume ${board.name}`]);
  });

  it("a newer image must take the place of the old one, which is removed, and the state must stay", async () => {
    const { Image: before } = await inspect();
    await release(2);
    const { status, said } = await board.sh(["-s", "--", "--name", board.name], await read(SCRIPT));
    expect([status, said]).toEqual([0, expect.stringContaining("agent     healthy")]);
    expect((await inspect()).Config.Labels["test.version"]).toBe("2");
    expect(await docker.ok("exec", board.name, "cat", "/data/mine")).toBe("mine");
    expect((await docker.run("image", "inspect", before)).status).toBe(1);
    expect(await board.remains()).toEqual([board.name, `volume ${board.name}`]);
  });

  it("a run that was cut off in the middle must be mended by the next one", async () => {
    const before = await board.id();
    await docker.ok("stop", board.name);
    await docker.ok("rename", board.name, `${board.name}.replaced`);
    await docker.ok("create", "--name", `${board.name}.install`, moving);
    const { status, said } = await board.script("--name", board.name);
    expect([status, said]).toEqual([0, expect.stringContaining("agent     healthy")]);
    expect(await board.id()).toBe(before);
    expect(await board.remains()).toEqual([board.name, `volume ${board.name}`]);
  });

  it("its state must be copied off the board and onto another one as the runbook says", async () => {
    await docker.ok("exec", board.name, "sh", "-c", "rm -f /data/mine && echo kept >/data/kept");
    const cut = join(board.directory, "state.tar");
    await cp(`docker cp "$1:/data" - >"$2"`, board.name, cut);
    await docker.ok("exec", board.name, "rm", "/data/kept");
    await cp(`docker stop "$1" && docker cp - "$1:/" <"$2" && docker start "$1"`, board.name, cut);
    expect((await board.script("--name", board.name)).said).toContain("agent     healthy");
    expect(await docker.ok("exec", board.name, "cat", "/data/kept")).toBe("kept");
  });

  it("what fails and is no reason not to install must be shown, and not be called no objection", async () => {
    await mkdir(join(board.projects, "torn"));
    await writeFile(join(board.projects, "torn/compose.yaml"), "services: [\n");
    const { status, said, stdout } = await board.script("--name", board.name);
    expect([status, said]).toEqual([0, expect.stringContaining("FAIL   project torn")]);
    expect(stdout).toContain("doctor    the agent can work here");
    expect(stdout).not.toContain("no objection");
  });

  it("removing it must leave its state, and purging as it then says must leave nothing", async () => {
    const away = await board.script("--name", board.name, "--uninstall");
    expect([away.status, away.said]).toEqual([0, expect.stringContaining("goes on running")]);
    expect(await board.remains()).toEqual([`volume ${board.name}`]);
    const again = await board.script("--name", board.name, "--uninstall");
    expect([again.status, again.said]).toEqual([0, expect.stringContaining("There is no agent named")]);
    const words =
      /; (--uninstall --purge .*) removes it and the image/.exec(away.stdout)?.[1]?.split(" ") ?? [];
    const purged = await board.script(...words);
    expect([purged.status, purged.said]).toEqual([0, expect.stringContaining("The state of the agent")]);
    expect(purged.said).not.toContain("goes on running");
    expect(await board.remains()).toEqual([]);
    expect((await docker.run("image", "inspect", moving)).status).toBe(1);
  });
});

interface Container {
  readonly Image: string;
  readonly Config: { readonly Env: readonly string[]; readonly Labels: Readonly<Record<string, string>> };
  readonly Mounts: readonly { readonly Destination: string }[];
}

/** A call that changes something is refused without the token and taken with it. */
async function tokensCount(port: number, token: string): Promise<void> {
  const ask = async (headers: Readonly<Record<string, string>>) =>
    (await fetch(`http://127.0.0.1:${port}/api/v1/check`, { method: "POST", headers })).status;
  expect([await ask({}), await ask({ authorization: `Bearer ${token}` })]).toEqual([401, 202]);
}
