// A board for a scenario: a compose project of its own in a temporary directory, the agent's real parts around it, the
// run's real engine and registry. What a scenario made is gone when it ends.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { inject } from "vitest";
import { systemClock } from "../../src/adapters/clock/index.ts";
import { createEngine } from "../../src/adapters/engine/index.ts";
import { assemble, type Parts } from "../../src/agent.ts";
import type { AgentConfig, ObservedContainer, ProjectMemory, Rollout } from "../../src/core/model/index.ts";
import type { Clock, Engine, Log, ProgressEvent } from "../../src/ports/index.ts";
import { appImage, type Behaviour, type ImageHealthcheck, type LabArch } from "../lab/images.ts";
import { pushImage, pushIndex } from "../lab/push.ts";
import { clearProject } from "./clear.ts";
import { PLAIN_CONFIG } from "./plain-config.ts";

const run = promisify(execFile);
/** From a container's start to its answer, on a machine that has much else to do. */
const ANSWER_MS = 120_000;

export interface WorldOptions {
  readonly compose: string;
  readonly config?: Partial<AgentConfig>;
  readonly files?: Readonly<Record<string, string>>;
  /** `host:port`; the run's own when left out. */
  readonly registry?: string;
  /** Log lines of the agent on stderr: for looking at a failing scenario. */
  readonly noisy?: boolean;
  /** Another ear for them. */
  readonly log?: Log;
  /** Another clock than the system's for the agent. */
  readonly clock?: Clock;
  /** Ids of the container that stands for the agent's own; none unless given. */
  readonly own?: () => Promise<readonly string[]>;
}

let serial = 0;

export class World {
  readonly project: string;
  readonly directory: string;
  readonly state: string;
  readonly registry: string;
  readonly events: ProgressEvent[] = [];
  readonly #options: WorldOptions;
  #parts: Parts | null = null;
  #eye: Engine | null = null;
  #stop = new AbortController();

  private constructor(project: string, directory: string, options: WorldOptions) {
    this.project = project;
    this.directory = join(directory, "projects", project);
    this.state = join(directory, "state");
    this.registry = options.registry ?? inject("registryAddress");
    this.#options = options;
  }

  /** `REG` in the compose text stands for the registry and this world's own namespace. */
  static async create(options: WorldOptions): Promise<World> {
    serial += 1;
    const project = `w${process.pid}-${serial}`;
    const world = new World(project, await mkdtemp(join(tmpdir(), "boardhand-world-")), options);
    await mkdir(world.directory, { recursive: true });
    await world.writeCompose(options.compose);
    for (const [name, text] of Object.entries(options.files ?? {})) {
      await writeFile(join(world.directory, name), text);
    }
    return world;
  }

  async writeCompose(text: string): Promise<void> {
    await writeFile(
      join(this.directory, "compose.yaml"),
      text.replaceAll("REG/", `${this.registry}/${this.project}/`),
    );
  }

  /** Pushes one version of an image under `tag`; returns its manifest digest. */
  async push(
    name: string,
    version: string,
    behaviour: Behaviour = "serve",
    more: { tag?: string; healthcheck?: ImageHealthcheck; arch?: LabArch; platform?: string } = {},
  ): Promise<string> {
    const { tag = "latest", ...rest } = more;
    const spec = await appImage({ arch: "amd64", version, behaviour, ...rest });
    const pushed = await pushImage(this.target(name), tag, spec);
    return pushed.digest;
  }

  target(name: string) {
    return { address: this.registry, repository: `${this.project}/${name}` };
  }

  /** Pushes a list of these architectures, all of one version. */
  async pushList(name: string, version: string, arches: readonly LabArch[], tag = "latest"): Promise<string> {
    const images = [];
    for (const arch of arches) {
      images.push({
        image: await pushImage(
          this.target(name),
          null,
          await appImage({ arch, version, behaviour: "serve" }),
        ),
      });
    }
    return (await pushIndex(this.target(name), tag, images)).digest;
  }

  get config(): AgentConfig {
    return {
      ...PLAIN_CONFIG,
      projects: join(this.directory, ".."),
      docker: { host: inject("engineHost"), tls: null },
      state: this.state,
      ...this.#options.config,
    };
  }

  /** The agent's parts, started on first use and after each `restart` anew. */
  async parts(): Promise<Parts> {
    const { clock, log, noisy, own } = this.#options;
    this.#parts ??= await assemble({
      config: this.config,
      log: noisy === true ? loud : (log ?? quiet),
      progress: (event) => this.events.push(event),
      signal: this.#stop.signal,
      readOnly: false,
      ...(clock === undefined ? {} : { clock }),
      ...(own === undefined ? {} : { containerIds: own }),
    });
    return this.#parts;
  }

  /** One look as the schedule makes it (or a person: `force`), and everything that follows from it. */
  async look(wishes: { force?: boolean; refresh?: boolean } = {}): Promise<ProjectMemory> {
    const parts = await this.parts();
    const trigger = {
      project: this.project,
      cause: "manual",
      refresh: true,
      force: false,
      ...wishes,
    } as const;
    parts.queue.enqueue({ trigger, rollback: null });
    return this.settled();
  }

  async rollback(services: readonly string[] = []): Promise<ProjectMemory> {
    const parts = await this.parts();
    const trigger = { project: this.project, cause: "manual", refresh: true, force: false } as const;
    parts.queue.enqueue({ trigger, rollback: services });
    return this.settled();
  }

  /** Waits until nothing is under way. */
  async settled(): Promise<ProjectMemory> {
    const parts = await this.parts();
    const rests = async (): Promise<boolean> => {
      await parts.queue.idle();
      const { kind } = parts.journal.memory(this.project).rollout;
      return kind === "idle" || kind === "stalled";
    };
    for (;;) {
      const rested = await rests();
      // The look that follows the end of a rollout at once may begin another one.
      await parts.clock.sleep(rested ? 50 : 20);
      if (rested && (await rests())) return parts.journal.memory(this.project);
    }
  }

  /** Ends this agent as SIGTERM would; the next use starts another one on the same state. */
  async restart(): Promise<void> {
    this.#stop.abort(new Error("restart"));
    await this.#parts?.queue.stop();
    await this.#parts?.journal.close();
    this.#parts = null;
    this.#stop = new AbortController();
  }

  /** Ends this agent and loses everything it remembered. */
  async loseState(): Promise<void> {
    await this.restart();
    await rm(this.state, { recursive: true, force: true });
  }

  async rolloutState(): Promise<Rollout> {
    return (await this.parts()).journal.memory(this.project).rollout;
  }

  /** Looked at without an agent: its state directory may be another process's now. */
  async containers(): Promise<readonly ObservedContainer[]> {
    const { host } = this.config.docker;
    this.#eye ??= createEngine({ host, tls: null, clock: systemClock(), log: quiet });
    return (await this.#eye.observe(this.project)).containers;
  }

  async container(service: string): Promise<ObservedContainer> {
    const found = (await this.containers()).filter(
      (c) => c.service === service && !c.name.includes(".retired-"),
    );
    const [only] = found;
    if (only === undefined || found.length !== 1) throw new Error(`${found.length} containers of ${service}`);
    return only;
  }

  /** What the service's container answers on port 8080; one that was just started gets a moment to listen. */
  async answer(service: string): Promise<string> {
    const deadline = Date.now() + ANSWER_MS;
    for (;;) {
      try {
        return await this.#ask(service);
      } catch (error) {
        if (Date.now() > deadline)
          throw new Error(`${service} does not answer: ${await this.describe()}`, { cause: error });
        await delay(100);
      }
    }
  }

  /** Null while it does not answer, or while there is not exactly one container of the service. */
  async answerNow(service: string): Promise<string | null> {
    return this.#ask(service).catch(() => null);
  }

  /** For the message of a scenario that fails. */
  async describe(): Promise<string> {
    const containers = (await this.containers()).map(
      (c) => `${c.name} ${c.state} (${c.exitCode}) ${c.error}`,
    );
    return JSON.stringify(
      { containers, rollout: this.#parts?.journal.memory(this.project).rollout },
      null,
      1,
    );
  }

  async #ask(service: string): Promise<string> {
    const { id } = await this.container(service);
    const ask = ["/bin/busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/"];
    return (await this.docker("exec", id, ...ask)).stdout.trim();
  }

  async docker(...args: string[]): Promise<{ stdout: string; stderr: string }> {
    return run("docker", ["-H", this.config.docker.host, ...args]);
  }

  held(): Readonly<Record<string, string>> {
    const view = this.#parts?.reconciler.view(this.project);
    return Object.fromEntries((view?.plan?.held ?? []).map((hold) => [hold.service, hold.reason]));
  }

  async destroy(): Promise<void> {
    await this.restart();
    await clearProject(this);
    await rm(join(this.directory, "../.."), { recursive: true, force: true });
  }
}

const quiet: Log = { debug: noop, info: noop, warn: noop, error: noop };
const loud: Log = { debug: say, info: say, warn: say, error: say };
function noop(): void {
  // Scenarios assert on results, not on log lines.
}
function say(fields: object, message: string): void {
  process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
}
