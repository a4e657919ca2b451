// One board on which an update is killed again and again, each time at a later call, and each time finished by an agent
// that starts anew on what is left.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inject } from "vitest";
import { type FaultProxy, startFaultProxy } from "../../lab/fault-proxy.ts";
import type { Behaviour, ImageHealthcheck } from "../../lab/images.ts";
import { AgentProcess, buildAgent, writeConfig } from "../daemon/process.ts";
import { World } from "../world.ts";
import { type Cut, type EngineProxy, startEngineProxy } from "./engine-proxy.ts";

/** A whole update and its way back, on a machine that has much else to do. */
export const APPLY_MS = 240_000;
const SERVICES = ["web", "worker"] as const;
type Service = (typeof SERVICES)[number];
const COMPOSE = (registry: string) => `
services:
  web: {image: ${registry}/web, restart: unless-stopped, stop_grace_period: 3s}
  worker: {image: ${registry}/worker, restart: always, depends_on: [web]}
`;

export class Lane {
  readonly world: World;
  readonly proxy: EngineProxy;
  readonly #registry: FaultProxy;
  readonly #main: string;
  /** What the last killed or ended apply said. */
  lastWords = "";
  #version = 1;

  private constructor(world: World, proxy: EngineProxy, registry: FaultProxy, main: string) {
    this.world = world;
    this.proxy = proxy;
    this.#registry = registry;
    this.#main = main;
  }

  /** Version 1 of both services runs and has proved itself. */
  static async start(): Promise<Lane> {
    const main = await buildAgent();
    const registry = await startFaultProxy(inject("registryAddress"));
    const options = { order: "stop-first", monitorMs: 400, failureAction: "rollback" } as const;
    const world = await World.create({
      compose: "services: {}",
      config: { rollout: { ...options, healthTimeoutMs: 60_000 } },
    });
    await world.writeCompose(COMPOSE(`${registry.address}/${world.project}`));
    const proxy = await startEngineProxy(join(world.directory, "../../engine.sock"), inject("engineHost"));
    const lane = new Lane(world, proxy, registry, main);
    await lane.release();
    await world.look();
    return lane;
  }

  /** Like no other lane's: an image of the same content would be here already, or be tidied away by its owner. */
  get version(): string {
    return `${this.world.project}-${this.#version}`;
  }

  /** Publishes the next version of both; `probe` is the health check of one of them. */
  async release(probe?: ImageHealthcheck, probed: Service = "web"): Promise<string> {
    this.#version += 1;
    for (const service of SERVICES) {
      const healthcheck = service === probed ? probe : undefined;
      await this.world.push(service, this.version, "serve", healthcheck === undefined ? {} : { healthcheck });
    }
    return this.version;
  }

  async publish(service: Service, version: string, behaviour: Behaviour): Promise<void> {
    await this.world.push(service, version, behaviour);
  }

  /** Whether every connection to the registry breaks, the engine's own too. */
  setRegistryDown(down: boolean): void {
    this.#registry.decide = down ? () => ({ kind: "instead", reply: "cut" }) : null;
  }

  /** An `apply` in a process of its own, which reaches the engine through the proxy. */
  async apply(config: Readonly<Record<string, unknown>> = {}): Promise<AgentProcess> {
    await this.world.restart();
    const path = await writeConfig(this.world, "victim", { docker: { host: this.proxy.host }, ...config });
    return new AgentProcess(this.#main, ["apply", "--config", path]);
  }

  /** An `apply` that is killed at the cut; false when it ended before it got there. */
  async killedApply(cut: Pick<Cut, "n" | "when">): Promise<boolean> {
    this.lastWords = "";
    const victim: { process: AgentProcess | null } = { process: null };
    this.proxy.arm({ ...cut, kill: () => victim.process?.signal("SIGKILL") });
    victim.process = await this.apply();
    const { code, stderr } = await victim.process.endsWithin(APPLY_MS);
    this.lastWords = stderr;
    this.proxy.arm(null);
    return code === null;
  }

  /** The journal as it is on disk. */
  async history(): Promise<string> {
    return readFile(join(this.world.state, "journal", `${this.world.project}.ndjson`), "utf8");
  }

  /** Name, state and restart policy of everything of this project, in the order of names. */
  async picture(): Promise<readonly string[]> {
    const containers = await this.world.containers();
    return containers.map((c) => `${c.name} ${c.state} ${c.restartPolicy}`).sort();
  }

  async answers(): Promise<readonly string[]> {
    return Promise.all(SERVICES.map((service) => this.world.answer(service)));
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    await this.#registry.stop();
    await this.world.destroy();
  }
}
