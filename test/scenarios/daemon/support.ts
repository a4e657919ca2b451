// What the daemon's tests share: boards that are gone after each test, and questions to a running daemon.
import { afterEach } from "vitest";
import { Daemon } from "./daemon.ts";

export const EACH_SECOND = { schedule: "* * * * * *" };
export const NEVER = { schedule: "0 0 1 1 *" };
export const WEB = "services:\n  web: {image: REG/web, restart: unless-stopped}\n";

const daemons: Daemon[] = [];

afterEach(async () => {
  for (const one of daemons.splice(0)) await one.destroy();
});

export async function daemon(...args: Parameters<typeof Daemon.create>): Promise<Daemon> {
  const made = await Daemon.create(...args);
  daemons.push(made);
  return made;
}

/** Version 1 runs, and the daemon looks each second. */
export async function running(more: Parameters<typeof Daemon.create>[1] = EACH_SECOND): Promise<Daemon> {
  const board = await daemon({ compose: WEB }, more);
  await board.world.push("web", "1");
  await board.start();
  await board.comesToAnswer("web", "1");
  await board.settles();
  return board;
}

interface ProjectBody {
  readonly name: string;
  readonly conditions: readonly { readonly type: string; readonly status: string }[];
  readonly services: readonly { readonly held: { readonly reason: string } | null }[];
  readonly plan: { readonly text: string } | null;
}

export async function project(board: Daemon): Promise<ProjectBody> {
  return (await board.get(`/api/v1/projects/${board.world.project}`)).body as ProjectBody;
}

export async function heldFor(board: Daemon): Promise<string | undefined> {
  return (await project(board)).services[0]?.held?.reason;
}
