// A board with the daemon running beside it as a process: its page is asked over HTTP, its commands are run as people run them.
import { freePort } from "../../lab/registry.ts";
import { World, type WorldOptions } from "../world.ts";
import { AgentProcess, buildAgent, type Ended, eventually, writeConfig } from "./process.ts";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Docker and systemd give ten seconds, of which it takes parts of one here; a machine may be much slower. */
const END_MS = 60_000;
/** A whole rollout, and its way back. */
const COMMAND_MS = 240_000;
/** A kept connection may be closed by the other side just as it is used again. */
const ALONE = { connection: "close" };

export class Daemon {
  readonly world: World;
  readonly config: string;
  readonly base: string;
  readonly #main: string;
  process: AgentProcess | null = null;
  /** What ended processes of this board said. */
  #said = "";

  private constructor(world: World, config: string, base: string, main: string) {
    this.world = world;
    this.config = config;
    this.base = base;
    this.#main = main;
  }

  static async create(
    options: WorldOptions,
    more: Readonly<Record<string, unknown>> & {
      readonly http?: Readonly<Record<string, unknown>> & { readonly listen?: string };
    } = {},
  ): Promise<Daemon> {
    const main = await buildAgent();
    const world = await World.create(options);
    const listen = more.http?.listen ?? `127.0.0.1:${await freePort()}`;
    const config = await writeConfig(world, "daemon", { ...more, http: { ...more.http, listen } });
    return new Daemon(world, config, `http://${listen}`, main);
  }

  async start(environment: Readonly<Record<string, string>> = {}): Promise<AgentProcess> {
    const started = new AgentProcess(this.#main, ["run", "--config", this.config], environment);
    this.process = started;
    await eventually(
      async () =>
        started.hasEnded ||
        (await fetch(`${this.base}/healthz`, { headers: ALONE }).then(
          () => true,
          () => false,
        )),
      Boolean,
    );
    if (started.hasEnded) throw new Error(`the daemon ended: ${started.output}`);
    return started;
  }

  /** As SIGTERM ends it. */
  async end(): Promise<Ended> {
    if (this.process === null) throw new Error("it is not running");
    this.process.signal("SIGTERM");
    const ended = await this.process.endsWithin(END_MS);
    this.#said += this.process.output;
    this.process = null;
    return ended;
  }

  /** Everything that its processes said so far. */
  get said(): string {
    return this.#said + (this.process?.output ?? "");
  }

  command(...words: string[]): Promise<Ended> {
    return new AgentProcess(this.#main, [...words, "--config", this.config]).endsWithin(COMMAND_MS);
  }

  async get(path: string): Promise<Answer> {
    const answer = await fetch(`${this.base}${path}`, { headers: ALONE });
    return { status: answer.status, body: await answer.json() };
  }

  async post(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const answer = await fetch(`${this.base}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...ALONE, ...headers },
      body: "{}",
    });
    return { status: answer.status, body: await answer.json() };
  }

  /** Version that the service answers with; a container that was just started gets a moment to listen. */
  async answer(service: string): Promise<string> {
    return this.world.answer(service);
  }

  async comesToAnswer(service: string, version: string): Promise<void> {
    await eventually(
      () => this.world.answerNow(service),
      (seen) => seen === version,
    );
  }

  /** Nothing is under way any more. */
  async settles(): Promise<string> {
    const { body } = await eventually(
      () => this.get(`/api/v1/projects/${this.world.project}`),
      ({ body }) => {
        const { busy, rollout } = body as { busy: boolean; rollout: { state: string } };
        return !busy && (rollout.state === "idle" || rollout.state === "stalled");
      },
    );
    return (body as { rollout: { state: string } }).rollout.state;
  }

  async destroy(): Promise<void> {
    if (this.process !== null) {
      this.process.signal("SIGKILL");
      await this.process.ended;
    }
    await this.world.destroy();
  }
}
