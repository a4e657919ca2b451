// Two agents and an updater on a real engine, looked at from outside. The agents are small programs with a version that
// answer on a port; the updater is a container of Boardhand's own image, as it is made from these very sources.
import { execFile, execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { inject } from "vitest";
import { AGENT, type HandOver } from "../../../src/core/model/index.ts";
import { pushBase } from "../../lab/bases.ts";
import { appImage, type Behaviour } from "../../lab/images.ts";
import { pushImage } from "../../lab/push.ts";
import { freePort } from "../../lab/registry.ts";
import { eventually } from "../daemon/process.ts";
import { type EngineProxy, startEngineProxy } from "../restarts/engine-proxy.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../../..");
/** A start of the updater, its moves, its waits: on a machine that has much else to do. */
export const OVER_MS = 240_000;

export interface AgentOptions {
  /** What it answers on its port; its image is made at first use. */
  readonly version: string;
  readonly behaviour?: Behaviour;
  /** What its health check runs. */
  readonly health?: string;
  readonly restart?: string;
  /** More words for `docker create`. */
  readonly words?: readonly string[];
}

/** Builds Boardhand's own image for this machine on an engine, unless the run has done so. Returns what it is called. */
export async function ownImage(host: string): Promise<string> {
  const address = inject("registryAddress");
  const name = `${address}/boardhand/own:lab`;
  const there = await docker(host, "pull", "--quiet", name).catch(() => null);
  if (there !== null) return name;
  const context = await mkdtemp(join(tmpdir(), "boardhand-own-"));
  try {
    const base = await pushBase(address, "node", "amd64");
    await run(process.execPath, [join(ROOT, "deploy/dev/bundle.mjs"), join(context, "dist")]);
    for (const path of ["Dockerfile", "package.json", "LICENSE", "config"])
      await cp(join(ROOT, path), join(context, path), { recursive: true });
    await docker(
      host,
      "build",
      "--quiet",
      "--build-arg",
      `BASE_IMAGE=${base.reference}`,
      "-t",
      name,
      context,
    );
    await docker(host, "push", "--quiet", name);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  return name;
}

/** What a client printed; rejects with what it said. */
export async function docker(host: string, ...words: string[]): Promise<string> {
  const { stdout } = await run("docker", ["-H", host, ...words], { env: environment(), timeout: 300_000 });
  return stdout.trim();
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? "", HOME: "/nonexistent", DOCKER_BUILDKIT: "0" };
}

/** Into a repository of one board: a registry that is sent a blob anew cannot tell others meanwhile that it has it. */
async function pushed(
  repository: string,
  { version, behaviour = "serve", health = "true" }: AgentOptions,
): Promise<string> {
  const address = inject("registryAddress");
  const healthcheck = { Test: ["CMD-SHELL", health], Interval: 3_600_000_000_000 };
  const labels = { [AGENT.role]: "agent" };
  const spec = await appImage({ arch: "amd64", version, behaviour, healthcheck, labels });
  const { digest } = await pushImage({ address, repository }, null, spec);
  return `${address}/${repository}@${digest}`;
}

export class HandOverBoard {
  readonly host: string;
  readonly name: string;
  readonly port: number;
  readonly proxy: EngineProxy;
  readonly #directory: string;
  readonly #own: string;
  #record: HandOver | null = null;

  private constructor(host: string, own: string, port: number, directory: string, proxy: EngineProxy) {
    this.host = host;
    this.#own = own;
    this.port = port;
    this.name = `agent${port}`;
    this.#directory = directory;
    this.proxy = proxy;
  }

  static async create(host: string = inject("engineHost")): Promise<HandOverBoard> {
    const own = await ownImage(host);
    const directory = await mkdtemp(join(tmpdir(), "boardhand-hand-over-"));
    await mkdir(join(directory, "run"));
    const proxy = await startEngineProxy(join(directory, "run/docker.sock"), host);
    return new HandOverBoard(host, own, await freePort(), directory, proxy);
  }

  async destroy(): Promise<void> {
    const ids = await this.docker("ps", "-aq", "--filter", `name=${this.name}`);
    if (ids !== "") await this.docker("rm", "-f", ...ids.split("\n"));
    await this.proxy.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  docker(...words: string[]): Promise<string> {
    return docker(this.host, ...words);
  }

  /** Publishes the board's port unless `words` say something of networks themselves. */
  async agent(name: string, options: AgentOptions): Promise<string> {
    const network = options.words ?? ["-p", `127.0.0.1:${this.port}:8080`];
    const restart = ["--restart", options.restart ?? "unless-stopped"];
    const image = await pushed(`lab/${this.name}`, options);
    return this.docker("create", "--name", name, ...restart, ...network, image);
  }

  /** The old one running, its successor made, and the updater made but not started. */
  async prepare(
    old: AgentOptions,
    successor: AgentOptions,
    times: { readonly health?: string; readonly monitor?: string } = {},
  ): Promise<void> {
    const oldId = await this.agent(this.name, old);
    await this.docker("start", oldId);
    await this.prepareFrom(oldId, await this.agent(`${this.name}.next`, successor), old.restart, times);
  }

  async prepareFrom(
    old: string,
    successor: string,
    restartPolicy = "unless-stopped",
    { health = "120s", monitor = "500ms" }: { readonly health?: string; readonly monitor?: string } = {},
  ): Promise<void> {
    this.#record = { old, successor, name: this.name, restartPolicy, digest: "sha256:lab" };
    const labels = {
      [AGENT.role]: "updater",
      [AGENT.old]: old,
      [AGENT.successor]: successor,
      [AGENT.name]: this.name,
      [AGENT.restartPolicy]: restartPolicy,
      [AGENT.digest]: "sha256:lab",
    };
    const times = { ROLLOUT__HEALTH_TIMEOUT: health, ROLLOUT__MONITOR: monitor };
    await this.docker(
      ...["create", "--name", this.updater, "--restart", "always", "--network", "none"],
      ...["-v", `${this.#directory}/run/docker.sock:/var/run/docker.sock`],
      ...Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]),
      ...Object.entries(times).flatMap(([key, value]) => ["-e", `BOARDHAND_${key}=${value}`]),
      ...[this.#own, "updater"],
    );
  }

  get record(): HandOver {
    if (this.#record === null) throw new Error("nothing is prepared");
    return this.#record;
  }

  get updater(): string {
    return `${this.name}.updater`;
  }

  start(): Promise<string> {
    return this.docker("start", this.updater);
  }

  /** Ends the updater's process as a crash would; at once, so that nothing more of it comes. */
  killUpdater(): void {
    const words = ["-H", this.host, "inspect", "--format", "{{.State.Pid}}", this.updater];
    const pid = Number(execFileSync("docker", words, { env: environment(), encoding: "utf8" }));
    if (pid > 1) process.kill(pid, "SIGKILL");
  }

  /** Waits until the updater may go; returns its exit code. What it said is in the error when that does not come. */
  async over(): Promise<number> {
    const look = async (): Promise<string> => {
      const words = [
        "inspect",
        "--format",
        "{{.State.Status}} {{.HostConfig.RestartPolicy.Name}} {{.State.ExitCode}}",
      ];
      return this.docker(...words, this.updater).catch(() => "");
    };
    try {
      const seen = await eventually(look, (one) => one.startsWith("exited no "), OVER_MS);
      return Number(seen.split(" ")[2]);
    } catch (error) {
      throw new Error(`${String(error)}\n${(await this.picture()).join("\n")}\n${await this.words()}`);
    }
  }

  /** What the updater said. */
  async words(): Promise<string> {
    const { stdout, stderr } = await run("docker", ["-H", this.host, "logs", this.updater], {
      env: environment(),
    });
    return stdout + stderr;
  }

  /** `agent old running unless-stopped` for each of the two, whoever runs first. */
  async picture(): Promise<readonly string[]> {
    const { old, successor } = this.record;
    const format = "{{.Name}} {{.State.Status}} {{.HostConfig.RestartPolicy.Name}}";
    const lines = await Promise.all(
      [old, successor].map((id) => this.docker("inspect", "--format", format, id).catch(() => "gone")),
    );
    return lines.map((line, index) => `${["old", "new"][index]} ${line.replace(`/${this.name}`, "agent")}`);
  }

  /** What answers on the board's port. */
  async answer(): Promise<string> {
    const look = async (): Promise<string> => {
      const signal = AbortSignal.timeout(20_000);
      return fetch(`http://127.0.0.1:${this.port}/`, { signal, headers: { connection: "close" } }).then(
        (one) => one.text(),
        () => "",
      );
    };
    return (await eventually(look, (text) => text !== "")).trim();
  }

  /** The picture that is the same at either end of a while. */
  async settled(): Promise<readonly string[]> {
    let before: readonly string[] = [];
    let now = await this.picture();
    await eventually(
      async () => {
        await delay(300);
        [before, now] = [now, await this.picture()];
        return now;
      },
      () => now.join() === before.join(),
    );
    return now;
  }
}
