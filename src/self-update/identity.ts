// Which container this process runs in, if any: what the kernel shows is a guess, and counts only when this engine has
// that container, running, as an agent's. Elsewhere, as with another machine's engine, the agent does not update itself.

import { object, text, textMap } from "../core/model/engine-json.ts";
import { AGENT, COMPOSE } from "../core/model/index.ts";
import type { OwnService } from "../core/plan/index.ts";
import type { Agents, Log } from "../ports/index.ts";

export interface Self {
  /** Container id, 64 hex digits. */
  readonly id: string;
  /** The compose service it is made for, whoever made it. */
  readonly service: OwnService | null;
  /** Made with --rm: the engine removes it as soon as it is stopped. */
  readonly autoRemove: boolean;
}

/** `candidates` are ids, best first. Throws as the Agents port does. */
export async function findSelf(
  candidates: readonly string[],
  agents: Pick<Agents, "blueprint">,
): Promise<Self | null> {
  for (const candidate of candidates) {
    const container = (await agents.blueprint(candidate))?.container ?? {};
    const labels = textMap(object(container.Config).Labels);
    if (object(container.State).Running !== true || labels[AGENT.role] !== "agent") continue;
    const project = labels[COMPOSE.project] ?? "";
    const service = labels[COMPOSE.service] ?? "";
    return {
      id: text(container.Id),
      service: project === "" || service === "" ? null : { project, service },
      autoRemove: object(container.HostConfig).AutoRemove === true,
    };
  }
  return null;
}

/** `findSelf`, asked until the engine has answered once: a container stays the same as long as a process runs in it. */
export function createSelf(
  candidates: () => Promise<readonly string[]>,
  agents: Pick<Agents, "blueprint">,
  log: Log,
): () => Promise<Self | null> {
  let known: Promise<Self | null> | null = null;
  const find = async (): Promise<Self | null> => {
    const found = await candidates();
    const self = await findSelf(found, agents);
    if (self === null && found.length > 0)
      log.info({}, "this container is none of the engine's agents: Boardhand does not update itself here");
    return self;
  };
  return () => {
    known ??= find().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
}
