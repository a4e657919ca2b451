// Runs the stages of `make check` and `make test` and says what each came to.
// A stage that did not finish or tested nothing has failed.
import { spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "./paths.mjs";
import { countTests } from "./test-report.mjs";

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {readonly string[]} command
 * @property {number} limitMs  a stage that takes longer is ended and has failed
 */

/** @typedef {import("./test-report.mjs").Count} Count */

export const reports = join(root, ".cache/reports");
const minuteMs = 60_000;

/** @param {string} name  of a program of a package */
export const bin = (name) => join(root, "node_modules/.bin", name);

/**
 * The tests of one project of vitest.config.ts, counted one by one.
 * @param {string} name  of the project
 * @param {number} limitMs
 * @param {readonly string[]} [more]  arguments
 * @returns {Stage}
 */
export function suite(name, limitMs, more = []) {
  const report = `--outputFile.json=${reportOf(name)}`;
  const command = [bin("vitest"), "run", "--project", name, "--reporter=default", "--reporter=json", report];
  return { name, command: [...command, ...more], limitMs };
}

/** @param {string} name  of a project */
export const reportOf = (name) => join(reports, `${name}.json`);

/**
 * @param {Stage} stage  made by `suite`
 * @param {string} [mark]  before each line of its output, where others speak at the same time
 * @returns {Promise<Count>}
 */
export async function runSuite(stage, mark) {
  console.log(`\n== ${stage.name}`);
  const { status, seconds } = await run(stage, null, mark);
  const count = countTests(reportOf(stage.name), stage.name);
  // A crash outside any test leaves every test passed; the status still says that something failed.
  const failed = count.failed === 0 && (status !== 0 || count.passed === 0) ? 1 : count.failed;
  console.log(
    `${failed === 0 ? "ok    " : "FAILED"} ${stage.name}: ${count.passed} passed, ${failed} failed (${seconds} s)`,
  );
  const outside = failed > count.failed;
  const what = outside ? [`${stage.name}, outside of its tests`] : count.what;
  for (const one of what) console.log(`failed: ${one}`);
  return { passed: count.passed, failed, what, files: outside ? [] : count.files };
}

/**
 * Programs whose output is of interest only when they fail.
 * @param {readonly Stage[]} stages
 * @param {number} width  at a time
 * @returns {Promise<readonly Count[]>}
 */
export async function runChecks(stages, width) {
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
  return { passed: good ? 1 : 0, failed: good ? 0 : 1, what: good ? [] : [stage.name], files: [] };
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
