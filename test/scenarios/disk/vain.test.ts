// Images that were pulled for rollouts that came to nothing: however many are pushed, the disk keeps what runs, what it
// would go back to, and what is being tried.
import { describe, expect } from "vitest";
import { pushScript, scenario, skipTime } from "../failures/support.ts";
import type { World } from "../world.ts";

const WEB = "services: {web: {image: REG/web, restart: unless-stopped}}";
const CANNOT_BE_MADE = WEB.replace(
  "restart",
  "volumes: [{type: bind, source: ./none, target: /data, bind: {create_host_path: false}}], restart",
);
const CANNOT_RUN = "exit 1";
const PUSHES = 4;
/** What runs, what it would go back to, what is being tried. */
const MOST = 3;
/** One tries the version, after those that were still busy with the one before. */
const MOST_LOOKS = 5;

/** What the engine has of this board's images, by digest, whatever they are called. */
async function imagesOf(board: World): Promise<readonly string[]> {
  const { stdout } = await board.docker(
    "images",
    "--all",
    "--digests",
    "--format",
    "{{.Repository}} {{.ID}}",
  );
  const own = stdout.split("\n").filter((line) => line.startsWith(`${board.registry}/${board.project}/`));
  return [...new Set(own)];
}

function pulledSince(board: World, event: number): boolean {
  return board.events.slice(event).some((one) => one.kind === "step" && one.step.kind === "pullImage");
}

/** Pushes version after version, each tried and looked at again after the longest pause; the images after each. */
async function inVain(board: World, push: (version: string) => Promise<unknown>): Promise<readonly number[]> {
  const counts: number[] = [];
  for (let n = 1; n <= PUSHES; n++) {
    const before = board.events.length;
    await push(`vain ${n}`);
    for (let looks = 0; looks < MOST_LOOKS && !pulledSince(board, before); looks++) {
      await skipTime(board, 3_600_000);
      await board.look();
    }
    expect(pulledSince(board, before), `version ${n} is tried`).toBe(true);
    counts.push((await imagesOf(board)).length);
  }
  return counts;
}

describe("versions that are pulled in vain", () => {
  scenario(
    "because none can be made must not pile up, beside one that runs or without any",
    { compose: WEB },
    async (board) => {
      await board.writeCompose(CANNOT_BE_MADE);
      const push = (version: string) => board.push("web", version);
      for (const count of await inVain(board, push)) expect(count).toBeLessThanOrEqual(MOST);
      await board.writeCompose(WEB);
      await board.push("web", `good of ${board.project}`);
      await board.look({ force: true });
      expect(await board.answer("web")).toBe(`good of ${board.project}`);
      await board.writeCompose(CANNOT_BE_MADE);
      for (const count of await inVain(board, push)) expect(count).toBeLessThanOrEqual(MOST);
      expect(await board.answer("web")).toBe(`good of ${board.project}`);
    },
  );

  scenario("because none runs must not pile up, beside one that does", { compose: WEB }, async (board) => {
    await board.push("web", `good of ${board.project}`);
    await board.look();
    const push = (version: string) => pushScript(board, "web", { version, script: CANNOT_RUN });
    for (const count of await inVain(board, push)) expect(count).toBeLessThanOrEqual(MOST);
    expect(await board.answer("web")).toBe(`good of ${board.project}`);
  });

  scenario(
    "because they are held must not even be pulled",
    { compose: WEB.replace("restart", "x-boardhand: {update: notify}, restart") },
    async (board) => {
      await board.push("web", `good of ${board.project}`);
      await board.look();
      for (let n = 1; n <= PUSHES; n++) {
        await board.push("web", `held ${n}`);
        await board.look();
      }
      expect(board.held()).toEqual({ web: "UpdateOff" });
      expect(await imagesOf(board)).toHaveLength(1);
    },
  );
});
