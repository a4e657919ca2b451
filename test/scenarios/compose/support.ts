// What the scenarios of this folder share beside the boards.
import { inject } from "vitest";
import { compose } from "../../lab/compose.ts";
import type { World } from "../world.ts";

/** Windows as short as they can be where nothing fails. */
export const BRIEF = {
  order: "stop-first",
  monitorMs: 300,
  failureAction: "rollback",
  healthTimeoutMs: 60_000,
} as const;

/** The real docker compose on a board's project. */
export function composeOn(board: World, binary: string, ...words: string[]): ReturnType<typeof compose> {
  const options = { binary, engineHost: inject("engineHost"), directory: board.directory };
  return compose(options, "-p", board.project, ...words);
}
