// `make test-faults`: a fault at every call of every kind of rollout, and of the agent's own updates, one after the other, on
// boards side by side. Writes what survived and what did not into its parts of docs/reference/reliability.md, each as soon
// as it has come to its end; ends with 1 when anything did not survive. PART=projects or PART=self-update makes one part;
// ENGINE=current makes that of self-update on a current engine, which has a part of the page for itself.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
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

/**
 * @typedef {object} Part
 * @property {string} section  of the page
 * @property {string} title
 * @property {string} command  that makes it
 * @property {string} matrix  its test's file
 */

const onCurrent = process.env.ENGINE === "current";
const selfUpdate = "test/scenarios/self-update/faults.test.ts";

/** @type {Readonly<Record<string, Part>>} */
const parts = {
  projects: {
    section: "faults",
    title: "A fault at every call of a rollout",
    command: "make test-faults PART=projects",
    matrix: "test/scenarios/faults/matrix.test.ts",
  },
  "self-update": onCurrent
    ? {
        section: "faults-self-update-current",
        title: "The same on a current engine",
        command: "make test-faults PART=self-update ENGINE=current",
        matrix: selfUpdate,
      }
    : {
        section: "faults-self-update",
        title: "A fault at every call of a self-update",
        command: "make test-faults PART=self-update",
        matrix: selfUpdate,
      },
};
const asked = process.env.PART || null;
if (asked !== null && !(asked in parts)) {
  console.error(`PART is ${Object.keys(parts).join(" or ")}`);
  process.exit(2);
}
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
mkdirSync(directory, { recursive: true });

const results = [];
for (const [name, part] of Object.entries(parts))
  if (asked === null || asked === name) results.push(await runPart(part));
process.exitCode = results.every((good) => good) ? 0 : 1;

/**
 * @param {Part} part
 * @returns {Promise<boolean>} whether all was tried and survived
 */
async function runPart(part) {
  const file = join(directory, `${part.section}.ndjson`);
  rmSync(file, { force: true });
  const startedAt = Date.now();
  const beat = setInterval(() => console.log(progressLine(readCases(file), startedAt)), heartbeatMs);
  const status = await runMatrix(part.matrix, file);
  clearInterval(beat);
  const cases = readCases(file);
  const run = {
    lanes,
    stride,
    minutes: (Date.now() - startedAt) / 60_000,
    // Well or not; it has no status when somebody ended it.
    whole: status === 0 || status === 1,
  };
  if (cases.length > 0) writeSection(part.section, sectionText(cases, part, run), reliability);
  console.log(`\n${summaryLine(cases)}`);
  return status === 0 && cases.length > 0 && cases.every(survived);
}

/**
 * @param {string} matrix  the test's file
 * @param {string} file  for the cases
 * @returns {Promise<number | null>} null when it was ended before its end
 */
function runMatrix(matrix, file) {
  const child = spawn(join(root, "node_modules/.bin/vitest"), ["run", matrix], {
    cwd: root,
    env: { ...process.env, FAULTS_CASES: file, LANES: String(lanes) },
    stdio: "inherit",
  });
  return new Promise((resolve) => child.once("close", (code) => resolve(code)));
}

/**
 * @param {string} file
 * @returns {readonly Case[]}
 */
function readCases(file) {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line.endsWith("}")).map((line) => JSON.parse(line));
}

/** @param {Case} one */
function survived({ problems }) {
  return problems.length === 0;
}

/**
 * @param {readonly Case[]} done
 * @param {number} startedAt
 */
function progressLine(done, startedAt) {
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
