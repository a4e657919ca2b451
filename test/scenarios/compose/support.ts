// What the scenarios of this folder share beside the boards.
import { inject } from "vitest";
import { compose } from "../../lab/compose.ts";
import type { World } from "../world.ts";

/** The real docker compose on a board's project. */
export function composeOn(board: World, binary: string, ...words: string[]): ReturnType<typeof compose> {
  const options = { binary, engineHost: inject("engineHost"), directory: board.directory };
  return compose(options, "-p", board.project, ...words);
}
