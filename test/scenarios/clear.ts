// Takes away what a compose project of a scenario has on the engine, whatever state it was left in.
import { setTimeout as delay } from "node:timers/promises";
import { type Board, isMiscount } from "./miscount.ts";

const LIMIT_MS = 60_000;
/** How it is listed and removed, in this order: nothing that is in use can be removed. */
const KINDS = [
  [
    ["ps", "-aq"],
    ["rm", "-fv"],
  ],
  [
    ["network", "ls", "-q"],
    ["network", "rm"],
  ],
  [
    ["volume", "ls", "-q"],
    ["volume", "rm", "-f"],
  ],
] as const;

/** What the engine makes or removes at this very moment, for an agent that was killed, is looked for again. */
export async function clearProject(board: Board): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const failed = await clearOnce(board).then(
      () => null,
      (error: unknown) => error,
    );
    if (failed === null) return;
    if (Date.now() > deadline) throw failed;
    await delay(200);
  }
}

async function clearOnce(board: Board): Promise<void> {
  const filter = `label=com.docker.compose.project=${board.project}`;
  for (const [list, remove] of KINDS) {
    const { stdout } = await board.docker(...list, "--filter", filter);
    const ids = stdout.split("\n").filter(Boolean);
    if (ids.length === 0) continue;
    await board.docker(...remove, ...ids).catch(async (error: unknown) => {
      if (!(await isMiscount(board, error))) throw error;
    });
  }
}
