// The agent as a compose project: installed so, brought up by docker compose alone, and by Boardhand; each accepts it.
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { AgentProcess, buildAgent, eventually } from "../daemon/process.ts";
import { Docker, ROOT } from "../pipeline/own-images.ts";
import { Board, failing, ownImage, pushVariant, read } from "./board.ts";

let docker: Docker;
let image: string;
/** Its doctor works, and its daemon ends at once. */
let ends: string;
let board: Board;

beforeAll(async () => {
  docker = await Docker.create();
  image = await ownImage(docker);
  ends = await pushVariant(docker, "install/ends:latest", `FROM ${image}\n${failing("exit 3")}`);
}, 10 * 60_000);

afterAll(() => docker.end());

beforeEach(async () => {
  board = await Board.create("dash");
  await board.addCompose();
});
afterEach(() => board.destroy());

describe("install.sh --compose", () => {
  it("must install a project that the agent sees among its own, and remove it again", async () => {
    const { status, said } = await board.install("--compose");
    expect([status, said]).toEqual([0, expect.stringContaining("agent     healthy")]);
    expect(await board.answers()).toBe(200);
    expect(await readdir(join(board.projects, board.name))).toEqual([".env", "compose.yaml"]);
    const seen = await fetch(`http://127.0.0.1:${board.port}/api/v1/status`);
    const { projects } = (await seen.json()) as { projects: readonly { name: string }[] };
    expect(projects.map(({ name }) => name)).toEqual([board.name]);

    const before = await board.id();
    const again = await board.script("--name", board.name);
    expect([again.status, await board.id(), again.said]).toEqual([0, before, again.said]);

    const away = await board.script("--name", board.name, "--uninstall", "--purge");
    expect([away.status, await board.remains(), away.said]).toEqual([0, [], away.said]);
    expect(await readdir(board.projects)).toEqual([]);
  });

  it("must bring the previous agent back when an update does not come up", async () => {
    expect((await board.install("--compose")).status).toBe(0);
    const env = await read(join(board.projects, board.name, ".env"));
    const { status, stderr } = await board.install("--compose", "--image", ends);
    expect([status, stderr]).toEqual([1, expect.stringContaining("The agent that was here is here again")]);
    expect(await read(join(board.projects, board.name, ".env"))).toBe(env);
    await eventually(
      () => board.answers(),
      (answer) => answer === 200,
    );
  });

  it("must leave nothing of a first one that does not come up", async () => {
    const { status, said } = await board.install("--compose", "--image", ends);
    expect([status, said]).toEqual([1, expect.stringContaining("Nothing was left behind")]);
    expect(await board.remains()).toEqual([]);
    expect(await readdir(board.directory)).toEqual(["bin"]);
  });
});

describe("deploy/compose.yaml", () => {
  async function project(from = image): Promise<string> {
    const directory = join(board.projects, board.name);
    await mkdir(directory, { recursive: true });
    await mkdir(board.config);
    await cp(join(ROOT, "deploy/compose.yaml"), join(directory, "compose.yaml"));
    const values = {
      BOARDHAND_NAME: board.name,
      BOARDHAND_IMAGE: from,
      BOARDHAND_PORT: `127.0.0.1:${board.port}`,
      BOARDHAND_PROJECTS: board.projects,
      BOARDHAND_CONFIG_DIRECTORY: board.config,
      BOARDHAND_VOLUME: board.name,
      BOARDHAND_SOCKET: inject("engineHost").replace("unix://", ""),
    };
    const lines = Object.entries(values).map(([key, value]) => `${key}='${value}'\n`);
    await writeFile(join(directory, ".env"), lines.join(""));
    return directory;
  }

  const healthy = () =>
    eventually(
      () => docker.run("exec", board.name, "boardhand", "status", "--health"),
      ({ stdout }) => stdout === "healthy\n",
    );

  it("must be brought up by docker compose, and Boardhand must find nothing to do", async () => {
    const directory = await project();
    await board.docker.ok("compose", "--project-directory", directory, "up", "--detach");
    await healthy();
    expect(await docker.ok("exec", board.name, "boardhand", "plan")).not.toContain("createContainer");
  });

  it("must be brought up by Boardhand, and docker compose must find nothing to do", async () => {
    // The health gate waits for the image's own check, whose first one is a minute after the start.
    const check = 'HEALTHCHECK --interval=1s --timeout=30s CMD ["boardhand", "status", "--health"]';
    const quick = await pushVariant(docker, "install/quick:latest", `FROM ${image}\n${check}\n`);
    const directory = await project(quick);
    const config = join(board.directory, "boardhand.json");
    await writeFile(
      config,
      JSON.stringify({
        projects: board.projects,
        docker: { host: inject("engineHost") },
        state: join(board.directory, "state"),
        rollout: { monitor: "1s" },
        images: { min_free_space: "0MB" },
        registries: { docker_config: null },
        http: { listen: "127.0.0.1:1" },
      }),
    );
    const agent = new AgentProcess(await buildAgent(), ["apply", "--config", config]);
    const { code, stdout, stderr } = await agent.endsWithin(300_000);
    expect([code, `${stdout}${stderr}`]).toEqual([0, `${stdout}${stderr}`]);
    await healthy();
    const before = await board.id();
    await board.docker.ok("compose", "--project-directory", directory, "up", "--detach");
    expect(await board.id()).toBe(before);
  });
});
