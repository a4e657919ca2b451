// `make check` and `make test`: runs every stage to its end, whatever the others did, and counts them together.
// The last line is `N passed, N failed`. A stage that did not finish or tested nothing counts as failed.
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { enableEmulation, restoreEmulation } from "../../test/lab/binfmt.mjs";
import { ensureInstalled } from "./lib/debian.mjs";
import { debootstrap, emulation, engine } from "./lib/packages.mjs";
import { root } from "./lib/paths.mjs";
import { countTests } from "./lib/test-report.mjs";

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {readonly string[]} command
 * @property {number} limitMs  a stage that takes longer is ended and has failed
 * @property {boolean} [suite]  whether it is a vitest project, whose tests are counted one by one
 */

/** @typedef {import("./lib/test-report.mjs").Count} Count */

const minuteMs = 60_000;
const reports = join(root, ".cache/reports");
/** As many programs as a board with two cores does at a time. */
const atOnce = Math.min(2, availableParallelism());
const bin = (/** @type {string} */ name) => join(root, "node_modules/.bin", name);

/** @type {readonly Stage[]} */
const checks = [
  {
    name: "format and lint",
    command: [bin("biome"), "check", "--error-on-warnings", "."],
    limitMs: 2 * minuteMs,
  },
  { name: "types", command: [bin("tsc"), "-p", "tsconfig.json"], limitMs: 5 * minuteMs },
  {
    name: "types of scripts",
    command: [bin("tsc"), "-p", "deploy/dev/tsconfig.json"],
    limitMs: 5 * minuteMs,
  },
  { name: "dependency rules", command: ["node", "test/architecture/run-cruiser.mjs"], limitMs: 2 * minuteMs },
  { name: "dead code", command: [bin("knip")], limitMs: 2 * minuteMs },
];

/** @type {Stage} */
const unit = { name: "unit", command: vitest("unit", atOnce), limitMs: 10 * minuteMs, suite: true };

/**
 * Side by side, as much of a scenario is waiting; each lane has engines of its own. What every container of the machine
 * shares is changed afterwards, alone.
 * @type {readonly (readonly Stage[])[]}
 */
const lanes = [
  [{ name: "scenarios", command: vitest("scenarios"), limitMs: 60 * minuteMs, suite: true }],
  [
    { name: "own", command: vitest("own"), limitMs: 40 * minuteMs, suite: true },
    { name: "pipeline", command: vitest("pipeline"), limitMs: 30 * minuteMs, suite: true },
    // Those of both that depend on the engine's version, on Debian sid's.
    { name: "current", command: vitest("current"), limitMs: 20 * minuteMs, suite: true },
    { name: "browser", command: vitest("browser"), limitMs: 10 * minuteMs, suite: true },
  ],
];

/** @type {Stage} */
const machine = { name: "machine", command: vitest("machine"), limitMs: 10 * minuteMs, suite: true };

/** Takes a package of Debian's, so not a part of `make check`. */
const shellScripts = {
  name: "shell scripts",
  command: ["shellcheck", "deploy/install.sh"],
  limitMs: minuteMs,
};

const whole = process.argv[2] === "all";
if (whole) {
  ensureInstalled(
    [
      ...engine,
      ...emulation,
      ...debootstrap,
      "docker-registry",
      "nginx",
      "chromium",
      "openssl",
      "busybox",
      "setpriv",
      "shellcheck",
      "systemd-analyze",
      "faketime",
    ],
    "the tests",
  );
}
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const total = { passed: 0, failed: 0 };
/** @type {string[]} */
const failures = [];
// The stages before the tests are single-threaded programs.
for (const counted of await inParallel(whole ? [...checks, shellScripts] : checks, atOnce)) add(counted);
add(await runSuite(unit));
if (whole) {
  // For all lanes: each by itself would take it from the others when it ends.
  const emulation = enableEmulation();
  try {
    await Promise.all(lanes.map(runLane));
    add(await runSuite(machine));
  } finally {
    restoreEmulation(emulation.changes);
  }
}
// Again at the end: what is between is long, and whoever keeps only a part of it keeps this.
for (const what of failures) console.log(`failed: ${what}`);
const line = `${total.passed} passed, ${total.failed} failed`;
writeFileSync(join(reports, "total"), `${line}\n`);
console.log(`\n${line}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

/**
 * One after the other, each line marked with whose it is.
 * @param {readonly Stage[]} lane
 */
async function runLane(lane) {
  for (const stage of lane) add(await runSuite(stage, `${stage.name.padEnd(9)} `));
}

/** @param {Count} count */
function add(count) {
  total.passed += count.passed;
  total.failed += count.failed;
  failures.push(...count.what);
}

/**
 * @param {string} project
 * @param {number} [workers]  vitest by itself leaves one core alone, which is half of two
 */
function vitest(project, workers) {
  const report = `--outputFile.json=${join(reports, `${project}.json`)}`;
  const width = workers === undefined ? [] : [`--maxWorkers=${workers}`];
  return [
    bin("vitest"),
    "run",
    "--project",
    project,
    ...width,
    "--reporter=default",
    "--reporter=json",
    report,
  ];
}

/**
 * @param {readonly Stage[]} stages
 * @param {number} width
 * @returns {Promise<readonly Count[]>}
 */
async function inParallel(stages, width) {
  const waiting = [...stages];
  /** @type {Count[]} */
  const counts = [];
  const worker = async () => {
    for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift())
      counts.push(await runCheck(stage));
  };
  await Promise.all(Array.from({ length: width }, worker));
  return counts;
}

/**
 * @param {Stage} stage
 * @returns {Promise<Count>}
 */
async function runCheck(stage) {
  const log = join(reports, `${stage.name.replaceAll(" ", "-")}.log`);
  const { status, seconds } = await run(stage, log);
  const good = status === 0;
  console.log(`${good ? "ok    " : "FAILED"} ${stage.name} (${seconds} s)`);
  if (!good) console.log(readFileSync(log, "utf8").trim());
  return { passed: good ? 1 : 0, failed: good ? 0 : 1, what: good ? [] : [stage.name] };
}

/**
 * @param {Stage} stage
 * @param {string} [mark]  before each line of its output, where others speak at the same time
 * @returns {Promise<Count>}
 */
async function runSuite(stage, mark) {
  console.log(`\n== ${stage.name}`);
  const { status, seconds } = await run(stage, null, mark);
  const count = countTests(join(reports, `${stage.name}.json`), stage.name);
  // A crash outside any test leaves every test passed; the status still says that something failed.
  const failed = count.failed === 0 && (status !== 0 || count.passed === 0) ? 1 : count.failed;
  console.log(
    `${failed === 0 ? "ok    " : "FAILED"} ${stage.name}: ${count.passed} passed, ${failed} failed (${seconds} s)`,
  );
  const what = failed > count.failed ? [`${stage.name}, outside of its tests`] : count.what;
  for (const one of what) console.log(`failed: ${one}`);
  return { passed: count.passed, failed, what };
}

/**
 * @param {Stage} stage
 * @param {string | null} log  a file for the output, or null for the terminal
 * @param {string} [mark]  before each line on the terminal
 * @returns {Promise<{ status: number, seconds: string }>}
 */
function run(stage, log, mark) {
  const started = Date.now();
  const [command = "", ...args] = stage.command;
  const output = log === null && mark === undefined ? "inherit" : "pipe";
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", output, output] });
    const file = log === null ? null : createWriteStream(log);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      if (file !== null) stream.pipe(file, { end: false });
      else createInterface({ input: stream }).on("line", (line) => console.log(`${mark}${line}`));
    }
    const timer = setTimeout(() => {
      console.log(`${stage.name} took longer than ${stage.limitMs / minuteMs} minutes and was ended`);
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 20_000).unref();
    }, stage.limitMs);
    const end = (/** @type {number} */ status) => {
      clearTimeout(timer);
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      if (file === null) done({ status, seconds });
      else file.end(() => done({ status, seconds }));
    };
    child.on("error", () => end(127));
    child.on("close", (code) => end(code ?? 1));
  });
}
