// `make check` and `make test`: runs every stage to its end, whatever the others did, and counts them together.
// The last line is `N passed, N failed`. A stage that did not finish or tested nothing counts as failed.
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { ensureInstalled } from "./lib/debian.mjs";
import { root } from "./lib/paths.mjs";

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {readonly string[]} command
 * @property {number} limitMs  a stage that takes longer is ended and has failed
 * @property {boolean} [suite]  whether it is a vitest project, whose tests are counted one by one
 */

/** @typedef {{ passed: number, failed: number }} Count */

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

/** @type {readonly Stage[]} */
const real = [
  { name: "scenarios", command: vitest("scenarios"), limitMs: 45 * minuteMs, suite: true },
  // Those of the scenarios that depend on the engine's version, on Debian sid's.
  { name: "current", command: vitest("current"), limitMs: 15 * minuteMs, suite: true },
  { name: "browser", command: vitest("browser"), limitMs: 5 * minuteMs, suite: true },
];

const whole = process.argv[2] === "all";
if (whole) {
  ensureInstalled(
    [
      ["dockerd", "docker.io"],
      ["iptables", "iptables"],
      ["ip", "iproute2"],
      ["docker-registry", "docker-registry"],
      ["nginx", "nginx-light"],
      ["qemu-arm-static", "qemu-user-static"],
      ["update-binfmts", "binfmt-support"],
      ["mmdebstrap", "mmdebstrap"],
      ["arch-test", "arch-test"],
      ["chromium", "chromium"],
      ["openssl", "openssl"],
    ],
    "the tests",
  );
}
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const total = { passed: 0, failed: 0 };
// The stages before the tests are single-threaded programs.
for (const counted of await inParallel(checks, atOnce)) add(counted);
for (const stage of whole ? [unit, ...real] : [unit]) add(await runSuite(stage));
const line = `${total.passed} passed, ${total.failed} failed`;
writeFileSync(join(reports, "total"), `${line}\n`);
console.log(`\n${line}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

/** @param {Count} count */
function add(count) {
  total.passed += count.passed;
  total.failed += count.failed;
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
  return { passed: good ? 1 : 0, failed: good ? 0 : 1 };
}

/**
 * @param {Stage} stage
 * @returns {Promise<Count>}
 */
async function runSuite(stage) {
  console.log(`\n== ${stage.name}`);
  const { status, seconds } = await run(stage, null);
  const count = countTests(stage.name);
  // A crash outside any test leaves every test passed; the status still says that something failed.
  const failed = count.failed === 0 && (status !== 0 || count.passed === 0) ? 1 : count.failed;
  console.log(
    `${failed === 0 ? "ok    " : "FAILED"} ${stage.name}: ${count.passed} passed, ${failed} failed (${seconds} s)`,
  );
  return { passed: count.passed, failed };
}

/**
 * A file that could not be loaded has no tests, and is one failure.
 * @param {string} project
 * @returns {Count}
 */
function countTests(project) {
  try {
    const report = JSON.parse(readFileSync(join(reports, `${project}.json`), "utf8"));
    /** @type {{ status: string, assertionResults: unknown[] }[]} */
    const files = report.testResults;
    const unloaded = files.filter(
      ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
    );
    return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

/**
 * @param {Stage} stage
 * @param {string | null} log  a file for the output, or null for the terminal
 * @returns {Promise<{ status: number, seconds: string }>}
 */
function run(stage, log) {
  const started = Date.now();
  const [command = "", ...args] = stage.command;
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", log ? "pipe" : "inherit", log ? "pipe" : "inherit"],
    });
    const file = log === null ? null : createWriteStream(log);
    if (file !== null) {
      child.stdout?.pipe(file, { end: false });
      child.stderr?.pipe(file, { end: false });
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
