// What stops an installation: said in one line with what to do, and everything is as it was before.
import { once } from "node:events";
import { access } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { eventually } from "../daemon/process.ts";
import { Docker } from "../pipeline/own-images.ts";
import {
  Board,
  ended,
  failing,
  type Installed,
  ownImage,
  pushVariant,
  read,
  SCRIPT,
  SHELLS,
} from "./board.ts";

const TITLE = "org.opencontainers.image.title";
const ROLE = "io.boardhand.role";
/** Lines of a Dockerfile on top of Boardhand's own image. */
const VARIANTS = {
  broken: failing('echo "out of cheese" >&2; exit 3'),
  mute: failing("echo waiting for ever; exec sleep 1000"),
  other: 'LABEL org.opencontainers.image.title="Something else"\n',
} as const;

let docker: Docker;
let image: string;
const variants = new Map<string, string>();

beforeAll(async () => {
  docker = await Docker.create();
  image = await ownImage(docker);
  for (const [name, lines] of Object.entries(VARIANTS)) {
    variants.set(name, await pushVariant(docker, `install/${name}:latest`, `FROM ${image}\n${lines}`));
  }
}, 10 * 60_000);

afterAll(() => docker.end());

const variant = (name: keyof typeof VARIANTS): string => variants.get(name) ?? "";

describe.each(SHELLS)("in %s", (shell) => {
  // What takes long and has nothing to do with the shell.
  const inTheSmallerShell = it.runIf(shell === "busybox");
  let board: Board;
  beforeEach(async () => {
    board = await Board.create(shell);
  });
  afterEach(() => board.destroy());

  /** Ended so, said so, and left nothing of its own. */
  async function refused(installed: Installed, status: number, ...words: string[]): Promise<void> {
    for (const word of words) expect(installed.stderr).toContain(word);
    expect([installed.status, installed.said]).toEqual([status, installed.said]);
    expect(await board.remains()).toEqual([]);
    expect(await exists(board.projects)).toBe(false);
    expect(await exists(board.config)).toBe(false);
  }

  it("an image whose agent ends at once must be taken back with its own words", async () => {
    const installed = await board.install(
      "--image",
      variant("broken"),
      "--webhooks",
      "--insecure",
      "nas.lan:5000",
    );
    await refused(installed, 1, "out of cheese", "ends as soon as it is started", "Nothing was left behind");
    expect((await docker.run("image", "inspect", variant("broken"))).status).toBe(1);
  });

  inTheSmallerShell("an image whose agent never answers must be taken back after the wait", async () => {
    const installed = await board.install("--image", variant("mute"), "--wait", "15");
    await refused(installed, 1, "waiting for ever", "not healthy after 15 seconds");
  });

  // As dockerd may do for a container that ends just as it is asked.
  inTheSmallerShell(
    "an engine that never answers for the agent must not be waited for longer than said",
    async () => {
      const real = (await read(join(board.directory, "bin/docker"))).replace("#!/bin/sh\n", "");
      const hangs = `[ "$1" != exec ] || { trap "" TERM; exec sleep 100; }`;
      await board.program("docker", `#!/bin/sh\n${hangs}\n${real}`);
      const startedAt = Date.now();
      await refused(await board.install("--wait", "5"), 1, "not healthy after 5 seconds: it did not answer");
      expect(Date.now() - startedAt).toBeLessThan(60_000);
    },
  );

  inTheSmallerShell("an update whose agent does not come up must bring the previous one back", async () => {
    const first = await board.install();
    expect([first.status, first.said]).toEqual([0, first.said]);
    const before = await board.id();
    const { status, stderr, said } = await board.install("--image", variant("broken"));
    expect([status, said]).toEqual([1, said]);
    expect(stderr).toContain("The agent that was here is here again");
    expect(await board.id()).toBe(before);
    await eventually(
      () => board.answers(),
      (answer) => answer === 200,
    );
    expect(await board.remains()).toEqual([board.name, `volume ${board.name}`]);
  });

  it("an image that is not Boardhand's, or not there, must be refused before it is run", async () => {
    await refused(
      await board.install("--image", variant("other")),
      6,
      "is not an image of Boardhand's agent",
    );
    expect((await docker.run("image", "inspect", variant("other"))).status).toBe(1);
    const nowhere = `${inject("registryAddress")}/no/such:image`;
    await refused(await board.install("--image", nowhere), 6, `${nowhere} cannot be pulled`);
  });

  it("a value that means nothing must be refused with what was expected", async () => {
    for (const [option, value, message] of [
      ["--wait", "08", "is no number of seconds"],
      ["--wait", "5m", "is no number of seconds"],
      ["--port", "080", "is no port"],
      ["--port", "70000", "is more than 65535"],
      ["--port", "nas:8080", "is no address"],
      ["--projects", "srv", "is not absolute"],
      ["--config", "/etc/../etc", "cannot be mounted"],
      ["--token-file", "/root/token", "is not in"],
      ["--image", "-x", "is no image reference"],
    ] as const)
      await refused(await board.install(option, value), 2, `${option}: '`, message);
  });

  it("a port or a name that is somebody else's must be refused with whose it is", async () => {
    const server = createServer().listen(board.port, "127.0.0.1");
    await once(server, "listening");
    try {
      await refused(await board.install(), 5, `port ${board.port} is taken by another program`);
    } finally {
      server.close();
    }
    await docker.ok(
      "create",
      "--name",
      board.name,
      "--label",
      `${TITLE}=x`,
      "--entrypoint",
      "sleep",
      image,
      "9",
    );
    const named = await board.install();
    expect([named.status, named.stderr]).toEqual([
      5,
      expect.stringContaining(`a container named ${board.name}`),
    ]);
    await docker.ok("rm", board.name);
    const holder = `${board.name}-holder`;
    const sleeping = ["--detach", "--name", holder, "--entrypoint", "sleep"];
    await docker.ok(
      "run",
      ...sleeping,
      "--publish",
      `${board.port}:80`,
      "--label",
      `${ROLE}=none`,
      image,
      "100",
    );
    const published = await board.install();
    expect([published.status, published.stderr]).toEqual([
      5,
      expect.stringContaining(`by the container ${holder}`),
    ]);
    await docker.ok("rm", "--force", holder);
    await docker.ok("run", ...sleeping, "--label", `${ROLE}=agent`, image, "100");
    const second = await board.install();
    expect([second.status, second.stderr]).toEqual([
      5,
      expect.stringContaining(`runs here already: ${holder}`),
    ]);
  });

  it("an engine that is away, or that one may not use, must be refused with what to do", async () => {
    const away = await board.installWith({ DOCKER_HOST: `unix://${join(board.directory, "none.sock")}` });
    await refused(away, 3, "Docker's engine does not answer", "systemctl start docker");
    const elsewhere = await board.installWith({ DOCKER_HOST: "tcp://127.0.0.1:1" });
    await refused(elsewhere, 3, "Docker's engine does not answer");
    await board.program(
      "docker",
      "#!/bin/sh\necho 'permission denied while trying to connect' >&2\nexit 1\n",
    );
    await refused(await board.install(), 3, "you may not use Docker's engine", "sudo");
  });

  it("an engine that is too old or on another processor must be refused", async () => {
    await board.program("docker", answering("20.10.24 linux riscv64", "riscv64"));
    await refused(await board.install(), 4, "this engine is linux/riscv64");
    await board.program("docker", answering("19.03.1 linux arm", "armv7l"));
    await refused(await board.install(), 4, "19.03.1 is too old");
    await board.program("docker", answering("20.10.24 linux arm", "armv6l"));
    const words = ["--projects", board.projects, "--config", board.config];
    await refused(
      await board.script("--name", board.name, ...words),
      4,
      "no image for this processor, armv6l",
    );
  });

  it("a board without docker must be told how to get it from its own packages", async () => {
    const installed = await board.installWith({ PATH: await board.pathWithoutDocker() });
    await refused(installed, 3, "docker is not here", "apt-get install -y docker.io", "--install-docker");
  });

  it("an installation that is interrupted must be taken back", async () => {
    const child = board.start([SCRIPT, ...board.own(), "--image", variant("mute")]);
    const end = ended(child);
    await eventually(
      () => docker.run("container", "inspect", "--format", "{{.State.Status}}", board.name),
      ({ stdout }) => stdout.trim() === "running",
    );
    child.kill("SIGTERM");
    await refused(await end, 143, "Nothing was left behind");
  });
});

/** A docker whose engine says that it is such a one. */
function answering(version: string, machine: string): string {
  return `#!/bin/sh
case $* in
  version*) echo '${version}' ;;
  "info --format {{.Architecture}}") echo ${machine} ;;
  context*) echo ${inject("engineHost")} ;;
  *) exit 1 ;;
esac
`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
