// A board to install on: the run's engine, its registry, a shell, directories of the test's own; all of it gone afterwards.
import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";
import { composeBinary } from "../../lab/compose.ts";
import { freePort } from "../../lab/registry.ts";
import { buildOwnImages, Docker, type Ended, OWN_IMAGES, ROOT } from "../pipeline/own-images.ts";

const run = promisify(execFile);
export const SCRIPT = join(ROOT, "deploy/install.sh");
const LIMIT_MS = 300_000;

/** Raspberry Pi OS and Debian have dash and coreutils; Alpine has busybox for both. */
export const SHELLS = ["dash", "busybox"] as const;
export type Shell = (typeof SHELLS)[number];

export interface Installed extends Ended {
  readonly said: string;
}

export class Board {
  readonly docker: Docker;
  readonly shell: Shell;
  readonly name: string;
  readonly port: number;
  /** With what hostile directories have in their names. */
  readonly directory: string;
  readonly projects: string;
  readonly config: string;
  readonly #programs: string;

  private constructor(docker: Docker, shell: Shell, port: number, directory: string) {
    this.docker = docker;
    this.shell = shell;
    this.port = port;
    this.directory = directory;
    this.name = `bh-${directory.slice(-6).toLowerCase()}`;
    this.projects = join(directory, "my projects");
    this.config = join(directory, "config");
    this.#programs = join(directory, "bin");
  }

  static async create(shell: Shell): Promise<Board> {
    const directory = await mkdtemp(join(tmpdir(), "boardhand-board-"));
    const board = new Board(await Docker.create(), shell, await freePort(), directory);
    await mkdir(board.#programs);
    if (shell === "busybox") await run("busybox", ["--install", "-s", board.#programs]);
    const { stdout } = await run("sh", ["-c", "command -v docker"]);
    await board.program("docker", `#!/bin/sh\nexec ${stdout.trim()} "$@"\n`);
    return board;
  }

  /** A program of this board's, before those of the machine. */
  async program(name: string, text: string): Promise<void> {
    const path = join(this.#programs, name);
    await rm(path, { force: true });
    await writeFile(path, text);
    await chmod(path, 0o755);
  }

  /** As docker's own command line finds it. */
  async addCompose(): Promise<void> {
    const plugins = join(this.docker.environment.DOCKER_CONFIG ?? "", "cli-plugins");
    await mkdir(plugins, { recursive: true });
    await symlink(await composeBinary(), join(plugins, "docker-compose"));
  }

  get image(): string {
    return imageName();
  }

  /** install.sh with this board's name, port and directories, and more words. */
  install(...words: string[]): Promise<Installed> {
    return this.script(...this.own(), ...words);
  }

  /** install.sh with these words alone. */
  script(...words: string[]): Promise<Installed> {
    return this.sh([SCRIPT, ...words]);
  }

  /** As `install`, on a machine that is otherwise in this way. */
  installWith(environment: Readonly<Record<string, string>>): Promise<Installed> {
    return this.sh([SCRIPT, ...this.own()], "", environment);
  }

  /** This board's name, image, port and directories as options. */
  own(): readonly string[] {
    const where = ["--port", `127.0.0.1:${this.port}`, "--projects", this.projects, "--config", this.config];
    return ["--name", this.name, "--image", this.image, ...where, "--wait", "240"];
  }

  /** The board's shell; `input` goes to its standard input. */
  async sh(
    words: readonly string[],
    input = "",
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Installed> {
    const child = this.start(words, environment);
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    return ended(child);
  }

  start(
    words: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): ChildProcessWithoutNullStreams {
    const machine = this.shell === "dash" ? ":/usr/bin:/bin" : "";
    const child = spawn(this.shell === "dash" ? "/usr/bin/dash" : join(this.#programs, "sh"), words, {
      env: { ...this.docker.environment, PATH: `${this.#programs}${machine}`, ...environment },
      detached: true,
    });
    // With what it waits for: a shell alone would end when that ends, and nobody would read what it had said by then.
    const limit = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, LIMIT_MS);
    child.once("close", () => clearTimeout(limit));
    return child;
  }

  /** A PATH on which there is no docker, and a package manager that installs nothing. */
  async pathWithoutDocker(): Promise<string> {
    const path = join(this.directory, "bare");
    await mkdir(path);
    await run("busybox", ["--install", "-s", path]);
    await symlink("/bin/false", join(path, "apt-get"));
    return path;
  }

  /** `/healthz` of the agent, as somebody in the house asks it. */
  async answers(port = this.port): Promise<number | null> {
    // A kept connection may be one to an agent that is gone.
    return fetch(`http://127.0.0.1:${port}/healthz`, { headers: { connection: "close" } }).then(
      ({ status }) => status,
      () => null,
    );
  }

  /** Of the agent's container; empty when there is none. */
  async id(): Promise<string> {
    const { stdout } = await this.docker.run("container", "inspect", "--format", "{{.Id}}", this.name);
    return stdout.trim();
  }

  /** Containers and volumes that begin with this board's name. */
  async remains(): Promise<readonly string[]> {
    const containers = await this.docker.ok("ps", "--all", "--format", "{{.Names}}");
    const volumes = await this.docker.ok("volume", "ls", "--format", "volume {{.Name}}");
    return `${containers}\n${volumes}`
      .split("\n")
      .filter((line) => line.includes(this.name))
      .sort();
  }

  async destroy(): Promise<void> {
    for (const line of await this.remains()) {
      const [kind, name] = line.split(" ");
      if (name !== undefined) await this.docker.run("volume", "rm", "--force", name);
      else if (kind !== undefined) await this.docker.run("rm", "--force", kind);
    }
    for (const line of await this.remains()) await this.docker.run("volume", "rm", line.split(" ")[1] ?? "");
    await this.docker.run("network", "rm", `${this.name}_default`);
    await this.docker.end();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Its end, with all that it said. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<Installed> {
  const out = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    out.stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    out.stderr += chunk.toString();
  });
  const [status] = await once(child, "close");
  return { status: typeof status === "number" ? status : -1, ...out, said: `${out.stdout}${out.stderr}` };
}

function imageName(): string {
  return `${inject("registryAddress")}/boardhand/boardhand:latest`;
}

/** Boardhand's own image for this machine's processor in the run's registry, built where it is not there yet. */
export async function ownImage(docker: Docker): Promise<string> {
  const image = imageName();
  if ((await docker.run("pull", "--quiet", image)).status !== 0)
    await buildOwnImages(docker, OWN_IMAGES.slice(0, 1));
  return image;
}

/** Pushes as `REPOSITORY:TAG` what these lines of a Dockerfile make of Boardhand's own image. Returns its reference. */
export async function pushVariant(docker: Docker, repository: string, lines: string): Promise<string> {
  const reference = `${inject("registryAddress")}/${repository}`;
  const directory = await mkdtemp(join(tmpdir(), "boardhand-variant-"));
  try {
    await writeFile(join(directory, "Dockerfile"), lines);
    await docker.ok("build", "--quiet", "--tag", reference, directory);
    await docker.ok("push", "--quiet", reference);
    await docker.ok("image", "rm", "--force", reference);
    return reference;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Lines of a Dockerfile for an image that does something else in the place of `run`; its doctor works. */
export function failing(instead: string): string {
  const program = [
    "#!/bin/sh",
    `[ "$1" != run ] || { ${instead}; }`,
    'exec /opt/boardhand/dist/boardhand.mjs "$@"',
  ];
  const lines = program.map((line) => `'${line}'`).join(" ");
  const path = "/usr/local/bin/boardhand";
  return `RUN rm ${path} && printf '%s\\n' ${lines} >${path} && chmod +x ${path}\n`;
}

export function read(path: string): Promise<string> {
  return readFile(path, "utf8");
}
