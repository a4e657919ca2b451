// Everything that is shown to a board, each kind on a kernel, an engine and a disk of its own: the agent is installed once, and
// the tests of one board build on each other.
import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import type { BoardKind } from "../lab/boards/kinds.mjs";
import { installAgent } from "./install.ts";
import { buildOwnImagesOnce } from "./own-image.ts";
import { deployTests, holdTests, powerTests, writeProjects } from "./projects.ts";
import { selfUpdateTests } from "./self-update.ts";
import { BoardWorld } from "./world.ts";

const INSTALLED_MS = 60 * 60_000;

/** The tests of one kind of board. */
export function boardTests(kind: BoardKind): void {
  describe(`on ${kind}`, () => {
    let world: BoardWorld | null = null;
    const past = { failed: "" };
    const of = (): BoardWorld => {
      if (world === null) throw new Error(`${kind} was not started`);
      return world;
    };

    beforeAll(async () => {
      await buildOwnImagesOnce();
      world = await BoardWorld.start(kind);
      await writeProjects(world);
      await installAgent(world);
    }, INSTALLED_MS);

    afterAll(() => world?.stop());

    // What a failed one left behind is no ground for the next, and each would wait for minutes.
    beforeEach(({ task, skip, onTestFailed }) => {
      if (past.failed !== "") skip(`after the failure of: ${past.failed}`);
      onTestFailed(() => {
        past.failed = task.name;
      });
    });

    deployTests(kind, of);
    holdTests(of);
    powerTests(kind, of);
    selfUpdateTests(of);
  });
}
