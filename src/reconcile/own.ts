// The engine as the loop may see it: what the agent itself runs as is not there, so that no plan and no way back has it.
import { type OwnService, withoutOwnContainers } from "../core/plan/index.ts";
import type { Engine } from "../ports/index.ts";

/** The same engine, but for `observe`. */
export function engineWithoutOwn(engine: Engine, own: () => Promise<OwnService | null>): Engine {
  return {
    ...engine,
    observe: async (project) => withoutOwnContainers(await engine.observe(project), await own()),
  };
}
