// What the agent takes of each board: memory, its start, and looks that find nothing new. Run by `make bench-boards`, which
// names the file for the figures.
import { writeFile } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { boards, kindsOf } from "../lab/boards/kinds.mjs";
import { installAgent } from "./install.ts";
import { buildOwnImagesOnce } from "./own-image.ts";
import { BoardWorld } from "./world.ts";

const LOOKS = 10;
const TICKS_A_SECOND = 100;
const WEB = `services:
  web: {image: REG/web, restart: unless-stopped, ports: ["8081:8080"]}
`;
const file = process.env.BOARD_FIGURES;
const figures: unknown[] = [];

afterAll(async () => {
  if (file !== undefined) await writeFile(file, JSON.stringify(figures));
});

describe.runIf(file !== undefined).each(kindsOf(process.env.BOARD ?? ""))("on %s", (kind) => {
  it("the agent must fit into a quarter of the board's memory", async () => {
    await buildOwnImagesOnce();
    const world = await BoardWorld.start(kind);
    try {
      await world.pushList("web", "1");
      await world.writeProject("hello", WEB);
      const installed = await installAgent(world);
      await world.runs("hello", "1");
      const pid = await world.board.ok("docker inspect -f '{{.State.Pid}}' boardhand");
      const looks = await lookTenTimes(world, pid);
      const rssBytes = 1024 * Number(await world.board.ok(`awk '/^VmRSS/ { print $2 }' /proc/${pid}/status`));
      const restartMs = await restart(world);
      figures.push({
        kind,
        machine: boards[kind].says.machine,
        bootMs: world.board.bootMs,
        ...installed,
        ...looks,
        rssBytes,
        restartMs,
      });
      expect(rssBytes).toBeGreaterThan(10e6);
      expect(rssBytes).toBeLessThan(256e6);
    } finally {
      await world.stop();
    }
  });
});

/** Looks that find nothing new, as a person asks for them: means, as seen from outside and as CPU time. */
async function lookTenTimes(world: BoardWorld, pid: string): Promise<object> {
  const asking = await cpuOf(world, pid, async () => {
    for (let n = 0; n < LOOKS; n++) await world.project("hello");
  });
  const seen = { questions: 0, ms: 0 };
  const looking = await cpuOf(world, pid, async () => {
    for (let n = 0; n < LOOKS; n++) {
      const { lastLookAt } = await world.project("hello");
      const begun = performance.now();
      await world.check();
      await world.comesAbout(
        "a look",
        () => {
          seen.questions += 1;
          return world.project("hello");
        },
        (project) => !project.busy && project.lastLookAt !== lastLookAt,
      );
      seen.ms += performance.now() - begun;
    }
  });
  // Being asked whether it is done is not a part of the look.
  const part = (seen.questions + LOOKS) / LOOKS;
  return {
    lookMs: seen.ms / LOOKS,
    lookCpuMs: (looking.agent - asking.agent * part) / LOOKS,
    engineCpuMs: (looking.engine - asking.engine * part) / LOOKS,
  };
}

/** From `docker start` to an agent that is well. */
async function restart(world: BoardWorld): Promise<number> {
  await world.board.ok("docker stop boardhand");
  const begun = performance.now();
  await world.board.ok("docker start boardhand");
  await world.agentIsWell();
  return performance.now() - begun;
}

/** User and system time, in milliseconds, that agent and engine spend on something. */
async function cpuOf(
  world: BoardWorld,
  pid: string,
  work: () => Promise<void>,
): Promise<{ agent: number; engine: number }> {
  const spent = async () => {
    const fields = `sed 's/.*) //' /proc/${pid}/stat /proc/$(cat /var/run/docker.pid)/stat`;
    const said = await world.board.ok(`${fields} | awk '{ print $12 + $13 }'`);
    return said.split("\n").map((ticks) => (Number(ticks) * 1000) / TICKS_A_SECOND);
  };
  const before = await spent();
  await work();
  const after = await spent();
  const [agent = Number.NaN, engine = Number.NaN] = after.map((ms, index) => ms - (before[index] ?? 0));
  return { agent, engine };
}
