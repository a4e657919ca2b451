// `make bench`: the update of ten services by Boardhand, by docker compose and by hand, side by side in one run, on an
// engine of its own. Writes the table of docs/reference/performance.md.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../deploy/dev/lib/paths.mjs";
import { until } from "../../deploy/dev/lib/process.mjs";
import { composeBinary } from "../lab/compose.mjs";
import { boardhand, compose, floor } from "./contenders.mjs";
import { runInside } from "./inside.mjs";
import { writeReport } from "./report.mjs";
import { buildStage, ports, release, removeAll, startProbe } from "./stage.mjs";

/** @typedef {import("./contenders.mjs").Contender} Contender */

/**
 * One update, and one round with nothing new.
 * @typedef {object} Reading
 * @property {string} name
 * @property {readonly number[]} gapsMs  of each service, the longest time without an answer
 * @property {number} answeredMs  until the last service answered with the new version
 * @property {number} totalMs  until the command had ended
 * @property {number} toolCpuMs
 * @property {number} engineCpuMs
 * @property {readonly { name: string, totalMs: number, toolCpuMs: number, engineCpuMs: number }[]} again
 */

const rounds = Number(process.env.ROUNDS || 3);

if (process.argv[2] === "inside") await measure();
else process.exitCode = outside();

/** Installs and downloads, which takes the machine's network, then goes on in a network of its own. */
function outside() {
  composeBinary();
  return runInside(join(import.meta.dirname, "bench.mjs"));
}

async function measure() {
  if (!existsSync(join(root, "dist/main.js"))) throw new Error("dist/main.js is missing: make build");
  const [load = 0] = loadavg();
  const stage = await buildStage();
  // An interrupted bench leaves no engine behind; what is under way fails when its engine goes.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.once(signal, () => void stage.end().finally(() => process.exit(1)));
  }
  try {
    /** @type {Reading[]} */
    const readings = [];
    for (let round = 1; round <= rounds; round += 1) {
      for (const contender of [floor(stage), compose(stage, composeBinary()), boardhand(stage)]) {
        const reading = await read(stage, contender, round);
        readings.push(reading);
        console.log(
          `round ${round}, ${reading.name}: worst gap ${Math.round(Math.max(...reading.gapsMs))} ms, all new after ${Math.round(reading.answeredMs)} ms`,
        );
      }
    }
    const composeVersion = execFileSync(composeBinary(), ["version", "--short"], { encoding: "utf8" }).trim();
    const { Version } = await stage.engine.list("/version");
    writeReport(readings, { composeVersion, engineVersion: Version, load });
  } finally {
    await stage.end();
  }
}

/**
 * @param {import("./stage.mjs").Stage} stage
 * @param {Contender} contender
 * @param {number} round
 * @returns {Promise<Reading>}
 */
async function read(stage, contender, round) {
  const probe = startProbe();
  try {
    await removeAll(stage.engine);
    await release(`${round}-old`);
    await contender.start();
    await answering(probe, `${round}-old`);
    await release(`${round}-new`);
    await contender.prepare();
    // What the start left to do (page cache, firewall) must not be counted to the update.
    await sleep(2_000);
    await probe.reset();
    const started = Date.now();
    const update = await measured(stage, contender.update);
    await answering(probe, `${round}-new`);
    await sleep(500);
    const seen = await probe.read();
    const again = [];
    for (const { name, run } of contender.again) {
      const engineBefore = stage.engineCpuMs();
      again.push({ name, ...(await run()), engineCpuMs: stage.engineCpuMs() - engineBefore });
    }
    return {
      name: contender.name,
      gapsMs: seen.map(({ worstMs }) => worstMs),
      answeredMs: Math.max(...seen.map(({ first }) => (first[`${round}-new`] ?? 0) - started)),
      ...update,
      again,
    };
  } finally {
    probe.end();
  }
}

/**
 * @param {import("./stage.mjs").Stage} stage
 * @param {() => Promise<number>} work  gives the tool's own CPU, ms
 */
async function measured(stage, work) {
  const engineBefore = stage.engineCpuMs();
  const started = performance.now();
  const toolCpuMs = await work();
  const totalMs = performance.now() - started;
  return { totalMs, toolCpuMs, engineCpuMs: stage.engineCpuMs() - engineBefore };
}

/**
 * @param {ReturnType<typeof startProbe>} probe
 * @param {string} version
 */
async function answering(probe, version) {
  const all = async () =>
    (await probe.read()).filter(({ first }) => first[version] !== undefined).length === ports.length;
  if (!(await until(all, 60_000))) throw new Error(`not every service answered with version ${version}`);
}
