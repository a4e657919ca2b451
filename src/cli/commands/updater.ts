// `updater`: what an agent starts in a container of the new image to hand over to it.
import { systemClock } from "../../adapters/clock/index.ts";
import { createAgents, createEngine } from "../../adapters/engine/index.ts";
import { ownContainerIds } from "../../adapters/host/index.ts";
import { runUpdater } from "../../self-update/updater.ts";
import type { CliContext, ExitCode } from "../context.ts";

/** 0 when the new agent runs, 1 when it does not or nobody can tell yet. */
export async function updaterCommand({ config, log, signal }: CliContext): Promise<ExitCode> {
  const clock = systemClock();
  const options = { ...config.docker, clock, log };
  const end = await runUpdater({
    engine: createEngine(options),
    agents: createAgents(options),
    clock,
    log,
    signal,
    healthTimeoutMs: config.rollout.healthTimeoutMs,
    monitorMs: config.rollout.monitorMs,
    ownIds: await ownContainerIds(),
  });
  return end?.outcome === "done" ? 0 : 1;
}
