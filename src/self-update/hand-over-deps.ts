// What carrying out a hand-over needs.
import type { Agents, Clock, Engine, Log } from "../ports/index.ts";
import type { Party } from "./hand-over.ts";

type Calls = Pick<
  Engine,
  "renameContainer" | "setRestartPolicy" | "stopContainer" | "startContainer" | "removeContainer" | "exec"
>;

export interface HandOverDeps {
  readonly engine: Calls & { inspectContainer(id: string): Promise<Party | null> };
  readonly agents: Pick<Agents, "blueprint">;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends it at the next move that leaves an agent running. */
  readonly signal: AbortSignal;
  /** The time a successor has to become healthy. */
  readonly healthTimeoutMs: number;
  /** The time it then has to stay up. */
  readonly monitorMs: number;
}
