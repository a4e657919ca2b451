// One compose project that two tools bring up in turn, under the same name, in the same directory and on the same
// engine, with a proxy that writes down what each of them sends.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { compose, composeBinary } from "../../lab/compose.ts";
import { type RecordedRequest, type RecordingProxy, startRecordingProxy } from "../../lab/recording-proxy.ts";
import { isMiscount } from "../miscount.ts";
import { World } from "../world.ts";
import { BRIEF } from "./support.ts";

export type Json = Readonly<Record<string, unknown>>;

export interface BothOptions {
  readonly compose: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Containers are made and never started. */
  readonly frozen?: boolean;
  /** The docker compose; the one that is copied unless given. */
  readonly binary?: string;
}

/** What the engine says about everything of the project. */
export interface Picture {
  /** By name. */
  readonly containers: ReadonlyMap<string, Json>;
  readonly networks: ReadonlyMap<string, Json>;
  readonly volumes: ReadonlyMap<string, Json>;
}

export class Both {
  readonly world: World;
  readonly proxy: RecordingProxy;
  readonly #binary: string;
  readonly #directory: string;

  private constructor(world: World, proxy: RecordingProxy, binary: string, directory: string) {
    this.world = world;
    this.proxy = proxy;
    this.#binary = binary;
    this.#directory = directory;
  }

  /** `REG/app` in the compose text is an image that serves. */
  static async create(options: BothOptions): Promise<Both> {
    const binary = options.binary ?? (await composeBinary());
    const directory = await mkdtemp(join(tmpdir(), "boardhand-both-"));
    const proxy = await startRecordingProxy({
      socketPath: join(directory, "engine.sock"),
      engineHost: inject("engineHost"),
      frozen: options.frozen ?? false,
    });
    const docker = { host: proxy.host, tls: null };
    const world = await World.create({ ...options, config: { rollout: BRIEF, docker } });
    // One image that comes up and goes away quickly serves all: what is compared is what surrounds it.
    await world.push("app", `${world.project}-1`);
    return new Both(world, proxy, binary, directory);
  }

  /** Runs docker compose in the project's directory. */
  compose(...words: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const { directory } = this.world;
    return compose({ binary: this.#binary, engineHost: this.proxy.host, directory }, ...words);
  }

  /** `docker compose up -d`, and what it sent. */
  async composeUp(...words: string[]): Promise<readonly RecordedRequest[]> {
    this.proxy.take();
    await this.compose("up", ...(words.length === 0 ? ["-d"] : words));
    return this.proxy.take();
  }

  /** `docker compose down -v`; networks that the engine keeps because it miscounts (miscount.ts) are left and named. */
  async composeDown(): Promise<readonly string[]> {
    const down = () => this.compose("down", "-v", "-t", "2");
    try {
      await down();
      return [];
    } catch (error) {
      // What fails beside the network would have failed again.
      await down().catch(() => undefined);
      if (!(await isMiscount(this.world, error))) throw error;
      return [...(await this.picture()).networks.keys()];
    }
  }

  /** What a person's `apply` does, and what it sent. Throws when the project does not end well and whole. */
  async apply(): Promise<readonly RecordedRequest[]> {
    this.proxy.take();
    const { rollout } = await this.world.look({ force: true });
    const { reconciler } = await this.world.parts();
    const view = reconciler.view(this.world.project);
    const trouble = view?.invalid ?? view?.trouble ?? null;
    if (trouble !== null) throw trouble;
    const held = this.world.held();
    if (rollout.kind !== "idle" || rollout.good === null || Object.keys(held).length > 0) {
      throw new Error(`not applied: ${JSON.stringify({ rollout, held })}`);
    }
    return this.proxy.take();
  }

  async ids(): Promise<Readonly<Record<string, string>>> {
    const containers = await this.world.containers();
    return Object.fromEntries(containers.map((c) => [c.name, c.id.slice(0, 12)]));
  }

  async picture(): Promise<Picture> {
    const filter = `label=com.docker.compose.project=${this.world.project}`;
    const inspect = async (type: string, ...list: string[]): Promise<ReadonlyMap<string, Json>> => {
      const { stdout } = await this.world.docker(...list, "--filter", filter);
      const names = stdout.split("\n").filter(Boolean);
      if (names.length === 0) return new Map();
      const found = await this.world.docker("inspect", "--type", type, ...names);
      const parsed = JSON.parse(found.stdout) as Json[];
      return new Map(parsed.map((one) => [String(one.Name).replace(/^\//, ""), one]));
    };
    return {
      containers: await inspect("container", "ps", "-aq", "--no-trunc"),
      networks: await inspect("network", "network", "ls", "-q"),
      volumes: await inspect("volume", "volume", "ls", "-q"),
    };
  }

  async stop(): Promise<void> {
    await this.world.destroy();
    await this.proxy.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
