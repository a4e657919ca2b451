// How much memory the agent has after many rounds, as the board sees it: resident, of the process itself. Takes an hour, so
// it runs for `make bench-memory` alone, which names the FILE for its figures (MEMORY_FIGURES) and the ROUNDS.
import { writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { cpuOfTreeMs } from "../../bench/stage.mjs";
import { imageNodeOptions } from "../../support/node-options.ts";
import { memoryKb } from "../../support/process-memory.ts";
import type { Daemon } from "../daemon/daemon.ts";
import { eventually } from "../daemon/process.ts";
import { daemon, NEVER, project } from "../daemon/support.ts";

const FILE = process.env.MEMORY_FIGURES;
const ROUNDS = Number(process.env.ROUNDS || 10_000);
const SERVICES = Number(process.env.SERVICES || 50);
const IMAGES = 5;
const WARM = Math.min(500, Math.floor(ROUNDS / 2));
/** Looked at this often at each point: the least of them is what is not garbage. */
const SAMPLES = 25;
const PATIENCE_MS = 900_000;

/** kB. */
function resident(made: Daemon, field: "VmRSS" | "RssAnon"): number {
  return memoryKb(made.process?.child.pid, field);
}

async function round(made: Daemon): Promise<void> {
  const lookAt = async () => ((await project(made)) as unknown as { lastLookAt: string }).lastLookAt;
  const before = await lookAt();
  await made.post(`/api/v1/projects/${made.world.project}/check`);
  await eventually(lookAt, (seen) => seen !== before, PATIENCE_MS);
}

interface Point {
  readonly rounds: number;
  readonly residentKb: number;
  readonly privateKb: number;
}

/** Rounds after `from` up to `to`, the last of them watched. */
async function pointAt(made: Daemon, from: number, to: number): Promise<Point> {
  let [residentKb, privateKb] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let n = from; n < to; n += 1) {
    await round(made);
    if (n % 100 === 99) process.stderr.write(`${n + 1} of ${ROUNDS} rounds: ${resident(made, "VmRSS")} kB\n`);
    if (n < to - SAMPLES) continue;
    residentKb = Math.min(residentKb, resident(made, "VmRSS"));
    privateKb = Math.min(privateKb, resident(made, "RssAnon"));
  }
  return { rounds: to, residentKb, privateKb };
}

it.runIf(FILE !== undefined)(
  "an agent must not grow, however many rounds it makes",
  { timeout: 4 * 3600_000 },
  async () => {
    const made = await daemon({ compose: "services: {}\n" }, NEVER);
    const services = Array.from({ length: SERVICES }, (_, n) => `  s${n}: {image: REG/app${n % IMAGES}}`);
    await made.world.writeCompose(`services:\n${services.join("\n")}\n`);
    for (let n = 0; n < IMAGES; n += 1) await made.world.push(`app${n}`, String(n));
    const options = imageNodeOptions();
    await made.start({ NODE_OPTIONS: options });
    await eventually(
      async () => (await made.world.containers()).filter((c) => c.state === "running").length,
      (running) => running === SERVICES,
      PATIENCE_MS,
    );
    await eventually(
      () => project(made),
      (seen) => JSON.stringify(seen).includes('"state":"idle"'),
      PATIENCE_MS,
    );
    const begun = performance.now();
    const pid = made.process?.child.pid ?? 0;
    const spent = cpuOfTreeMs(pid);
    const points = [await pointAt(made, 0, WARM)];
    for (let part = 1; part <= 5; part += 1) {
      const at = Math.round(WARM + ((ROUNDS - WARM) * part) / 5);
      points.push(await pointAt(made, points.at(-1)?.rounds ?? WARM, at));
    }
    const seconds = Math.round((performance.now() - begun) / 1000);
    const roundCpuMs = (cpuOfTreeMs(pid) - spent) / ROUNDS;
    const figures = { points, services: SERVICES, seconds, roundCpuMs, options };
    if (FILE !== undefined) await writeFile(FILE, JSON.stringify([figures]));
    const [warm, end] = [points[0]?.residentKb ?? 0, points.at(-1)?.residentKb ?? 0];
    expect(end).toBeLessThan(warm * 1.05);
  },
);
