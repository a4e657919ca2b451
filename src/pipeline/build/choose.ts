// Which builder is used: the one that the file names, else buildx where docker has it, else the engine's own.
import type { BuilderName } from "../../core/model/index.ts";
import type { PipelineDeps } from "../deps.ts";

const TIMEOUT_MS = 30_000;

/** Throws E_PROGRAM when there is no docker at all. */
export async function chooseBuilder({ config, programs, signal }: PipelineDeps): Promise<BuilderName> {
  if (config.builder !== "auto") return config.builder;
  const end = await programs.run({
    command: "docker",
    args: ["buildx", "version"],
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  return end.status === 0 ? "buildx" : "classic";
}
