// What a board of the matrix is made of: the agent, its two ways to the outside with a proxy in each, its clock, and an
// onlooker beside it.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import type { Log } from "../../../src/ports/index.ts";
import { type FaultProxy, startFaultProxy } from "../../lab/fault-proxy.ts";
import { type LeapingClock, leapingClock } from "../../lab/leaping-clock.ts";
import { PLAIN_CONFIG } from "../plain-config.ts";
import { World } from "../world.ts";
import { lookFromOutside, type Outside, ofProject } from "./outside.ts";
import type { RolloutKind } from "./rollouts.ts";

/** Between an agent and the engine, or between agent, engine and the registry. */
export type Way = "engine" | "registry";

export const MONITOR_MS = 300;

export interface BoardParts {
  readonly world: World;
  readonly ways: Readonly<Record<Way, FaultProxy>>;
  readonly outside: Outside;
  readonly clock: LeapingClock;
  /** What an operator would be warned of. */
  readonly log: string[];
  /** Of the engine's proxy. */
  readonly directory: string;
}

export async function makeParts(kind: RolloutKind): Promise<BoardParts> {
  const directory = await mkdtemp(join(tmpdir(), "boardhand-faults-"));
  const engine = await startFaultProxy(inject("engineHost"), join(directory, "engine.sock"));
  const registry = await startFaultProxy(inject("registryAddress"));
  const clock = leapingClock();
  const log: string[] = [];
  const rollout = { order: "stop-first", failureAction: "rollback", healthTimeoutMs: 60_000 } as const;
  const world = await World.create({
    compose: "services: {}",
    config: {
      docker: { host: engine.address, tls: null },
      registries: { ...PLAIN_CONFIG.registries, timeoutMs: 2000 },
      rollout: { ...rollout, monitorMs: MONITOR_MS },
    },
    clock,
    log: logInto(log),
  });
  await world.writeCompose(kind.compose.replaceAll("REG/", `${registry.address}/${world.project}/`));
  const outside = await lookFromOutside(inject("engineHost"), ofProject(world.project));
  return { directory, ways: { engine, registry }, clock, log, world, outside };
}

function logInto(lines: string[]): Log {
  const keep = (fields: object, message: string): void => {
    const { reason } = fields as { readonly reason?: string };
    lines.push(reason === undefined ? message : `${message}: ${reason}`);
  };
  const drop = (): void => undefined;
  return { debug: drop, info: drop, warn: keep, error: keep };
}
