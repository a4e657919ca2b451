// `make test-faults`: a fault at every call of every kind of rollout, and of the agent's own updates, one after the other, on
// boards side by side. Writes what survived and what did not into its part of docs/reference/reliability.md; ends with 1 when
// anything did not. With PART=projects or PART=self-update, the cases of the other part stay as they were; ENGINE=current
// makes those of self-update on a current engine, beside those on the machine's own.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureInstalled } from "../../deploy/dev/lib/debian.mjs";
import { engine } from "../../deploy/dev/lib/packages.mjs";
import { root } from "../../deploy/dev/lib/paths.mjs";
import { sectionText } from "./faults-text.mjs";
import { reliability, writeSection } from "./page.mjs";

/**
 * As test/scenarios/faults/sweep.ts writes it, a line each.
 * @typedef {object} Case
 * @property {string} rollout
 * @property {string} fault
 * @property {"engine" | "registry"} way
 * @property {number} n
 * @property {number} tookMs
 * @property {string | null} call
 * @property {"new" | "old" | "neither"} end
 * @property {number} awayMs
 * @property {readonly string[]} problems
 * @property {readonly string[]} told  what the agent said, where there was a problem
 * @property {readonly string[]} once  the problems of the first time, where there were none the second time
 */

/** What vitest is told for each part. */
const parts = {
  projects: ["--project", "scenarios", "test/scenarios/faults/matrix.test.ts"],
  "self-update": ["--project", "own", "test/scenarios/self-update/faults.test.ts"],
};
const asked = process.env.PART || null;
if (asked !== null && !(asked in parts)) {
  console.error(`PART is ${Object.keys(parts).join(" or ")}`);
  process.exit(2);
}
const onCurrent = process.env.ENGINE === "current";
if (onCurrent && asked !== "self-update") {
  console.error("ENGINE=current goes with PART=self-update");
  process.exit(2);
}
const lanes = Number(process.env.LANES || 5);
/** Every how many-th call; 1 is the whole matrix. */
const stride = Number(process.env.STRIDE || 1);
const heartbeatMs = 30_000;

ensureInstalled([...engine, "docker-registry", "nginx"], "the fault matrix");
const directory = join(root, ".cache/reports");
const file = join(directory, "faults.ndjson");
mkdirSync(directory, { recursive: true });
const kept = readCases().filter(
  (one) => isCurrent(one) !== onCurrent || (asked !== null && partOf(one) !== asked),
);
writeFileSync(file, kept.map((one) => `${JSON.stringify(one)}\n`).join(""));

const startedAt = Date.now();
const beat = setInterval(() => console.log(progressLine(readCases())), heartbeatMs);
const statuses = [];
for (const [name, words] of Object.entries(parts))
  if (asked === null || asked === name) statuses.push(await runMatrix(words));
clearInterval(beat);
/** Whether every part came to its end, well or not. */
const whole = statuses.every((status) => status === 0 || status === 1);

const cases = readCases();
const minutes = (Date.now() - startedAt) / 60_000;
if (cases.length > 0)
  writeSection(
    "faults",
    sectionText(cases, { lanes, minutes, fresh: cases.length - kept.length, stride, whole }),
    reliability,
  );
console.log(`\n${summaryLine(cases)}`);
process.exitCode =
  statuses.every((status) => status === 0) && cases.length > 0 && cases.every(survived) ? 0 : 1;

/**
 * @param {readonly string[]} words
 * @returns {Promise<number | null>} null when it was ended before its end
 */
function runMatrix(words) {
  const child = spawn(join(root, "node_modules/.bin/vitest"), ["run", ...words], {
    cwd: root,
    env: { ...process.env, FAULTS_CASES: file, LANES: String(lanes) },
    stdio: "inherit",
  });
  return new Promise((resolve) => child.once("close", (code) => resolve(code)));
}

/** @returns {readonly Case[]} */
function readCases() {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line.endsWith("}")).map((line) => JSON.parse(line));
}

/** @param {Case} one */
function partOf({ rollout }) {
  return rollout.startsWith("self-update") ? "self-update" : "projects";
}

/**
 * Whether it was made on a current engine; test/scenarios/self-update/faults.test.ts calls it so.
 * @param {Case} one
 */
function isCurrent({ rollout }) {
  return rollout.endsWith(", current engine");
}

/** @param {Case} one */
function survived({ problems }) {
  return problems.length === 0;
}

/** @param {readonly Case[]} done */
function progressLine(done) {
  const newest = done.at(-1);
  const where = newest === undefined ? "" : `; now ${newest.rollout}, ${newest.fault}, call ${newest.n}`;
  return `${Math.round((Date.now() - startedAt) / 1000)} s: ${summaryLine(done)}${where}`;
}

/** @param {readonly Case[]} done */
function summaryLine(done) {
  const kinds = [...new Set(done.map(({ fault }) => fault))].map((fault) => {
    const own = done.filter((one) => one.fault === fault);
    return `${fault} ${own.filter(survived).length}/${own.length}`;
  });
  return `${done.filter(survived).length} of ${done.length} cases survived (${kinds.join(", ")})`;
}
