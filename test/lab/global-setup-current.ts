// The same run on a current engine.
import type { TestProject } from "vitest/node";
import { currentEngine } from "./current-engine.ts";
import { bringUp } from "./global-setup.ts";

/** Called by vitest before the tests; returns what to do after them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  return bringUp(project, await currentEngine());
}
