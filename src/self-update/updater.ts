// `boardhand updater`: finds its own container, reads from its labels what is to be handed over, and does that. It knows
// nothing else, so that it can be killed and started again at any moment.
import { AGENT, type AgentContainer, BoardhandError, type HandOver } from "../core/model/index.ts";
import type { Agents } from "../ports/index.ts";
import { carryOut } from "./carry-out.ts";
import type { HandOverDeps } from "./hand-over-deps.ts";
import type { End } from "./moves.ts";

export interface UpdaterDeps extends HandOverDeps {
  readonly agents: Pick<Agents, "blueprint" | "list">;
  /** Ids of the container that this process may run in, best first. */
  readonly ownIds: readonly string[];
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Resolves when an agent runs that may stay, or with null when it was told to stop before. Throws E_USAGE where it runs in
 * no updater's container.
 */
export async function runUpdater(deps: UpdaterDeps): Promise<End | null> {
  const updater = await findUpdater(deps);
  const record = readHandOver(updater.labels);
  if (record === null) {
    // Or the engine would start it again for ever.
    await deps.engine.setRestartPolicy(updater.id, "no");
    throw notAnUpdater(`the labels of container ${updater.name} name no hand-over`);
  }
  const end = await carryOut(deps, record, { as: "updater", id: updater.id });
  if (end === null) deps.log.warn({}, "told to stop before the hand-over is over");
  else if (end.failure === null) deps.log.info({}, `${record.name} is handed over`);
  else
    deps.log.error(
      { digest: record.digest, outcome: end.outcome },
      `the update of ${record.name} failed: ${end.failure}`,
    );
  return end;
}

/** The record of a hand-over; null when a label is missing or is not what it should be. */
export function readHandOver(labels: Readonly<Record<string, string>>): HandOver | null {
  const [old, successor] = [labels[AGENT.old] ?? "", labels[AGENT.successor] ?? ""];
  const [name, restartPolicy] = [labels[AGENT.name] ?? "", labels[AGENT.restartPolicy] ?? ""];
  const valid =
    [old, successor].every((id) => /^[0-9a-f]{64}$/.test(id)) &&
    old !== successor &&
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) &&
    /^(no|always|unless-stopped|on-failure(:\d{1,9})?)$/.test(restartPolicy);
  return valid ? { old, successor, name, restartPolicy, digest: labels[AGENT.digest] ?? "" } : null;
}

/** An engine that is away is waited for. Where the kernel does not tell, the only one that runs has to be this one. */
async function findUpdater({ agents, clock, log, ownIds, signal }: UpdaterDeps): Promise<AgentContainer> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      const running = (await agents.list()).filter(
        (one) => one.role === "updater" && one.state === "running",
      );
      const named = running.find((one) => ownIds.some((id) => one.id.startsWith(id)));
      const found = named ?? (running.length === 1 ? running[0] : undefined);
      if (found !== undefined) return found;
    } catch (error) {
      if (!(error instanceof BoardhandError) || error.retry === "never") throw error;
      log.warn({ code: error.code, hint: error.hint, retryMs: pause }, error.message);
      await clock.sleep(pause, signal);
      continue;
    }
    throw notAnUpdater("this process runs in no container that an agent made for a hand-over");
  }
}

function notAnUpdater(message: string): BoardhandError {
  return new BoardhandError("E_USAGE", message, {
    hint: "Agents start it themselves when they update themselves; there is no other use for it.",
  });
}
