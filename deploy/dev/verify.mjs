// `make check` and `make test`: runs every stage to its end, whatever the others did, and counts them together.
// The last line is `N passed, N failed`.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { enableEmulation, restoreEmulation } from "../../test/lab/binfmt.mjs";
import { boardTestNeeds } from "../../test/lab/boards/kinds.mjs";
import { judgeAlone } from "./lib/alone.mjs";
import { ensureInstalled } from "./lib/debian.mjs";
import { bin, reports, runChecks, runSuite, suite } from "./lib/stages.mjs";

/** @typedef {import("./lib/stages.mjs").Stage} Stage */
/** @typedef {import("./lib/test-report.mjs").Count} Count */

const minuteMs = 60_000;
/** As many programs as a board with two cores does at a time. */
const atOnce = Math.min(2, availableParallelism());

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

/** vitest by itself leaves one core alone, which is half of two. */
const unit = suite("unit", 10 * minuteMs, [`--maxWorkers=${atOnce}`]);

/**
 * Side by side, as much of a scenario is waiting; each lane has engines of its own. What every container of the machine
 * shares is changed afterwards, alone.
 * @type {readonly (readonly Stage[])[]}
 */
const lanes = [
  [suite("scenarios", 60 * minuteMs)],
  [
    suite("own", 40 * minuteMs),
    suite("pipeline", 30 * minuteMs),
    // Those of both that depend on the engine's version, on Debian sid's.
    suite("current", 20 * minuteMs),
    suite("browser", 10 * minuteMs),
  ],
];

/**
 * Beside them: half an hour of one processor. One of the three kinds, with one of the power cuts; `make test-boards` has the others.
 * @type {Stage}
 */
const board = {
  name: "boards-pine64",
  command: ["make", "--no-print-directory", "test-boards-one", "BOARD=pine64"],
  limitMs: 60 * minuteMs,
};

const machine = suite("machine", 10 * minuteMs);

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
      ...boardTestNeeds,
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
/** @type {string[]} */
const unsteady = [];
// The stages before the tests are single-threaded programs.
for (const counted of await runChecks(whole ? [...checks, shellScripts] : checks, atOnce)) add(counted);
add(await runSuite(unit));
if (whole) {
  // For all lanes: each by itself would take it from the others when it ends.
  const emulation = enableEmulation();
  try {
    const shown = runSuite(board, "board     ");
    const done = (await Promise.all(lanes.map(runLane))).flat();
    add(await shown);
    add(await runSuite(machine));
    for (const judged of await judgeAlone(done)) {
      add(judged.count);
      unsteady.push(...judged.unsteady);
    }
  } finally {
    restoreEmulation(emulation.changes);
  }
}
// Again at the end: what is between is long, and whoever keeps only a part of it keeps this.
for (const what of unsteady) console.log(`unsteady, failed beside others and passed alone: ${what}`);
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
  const done = [];
  for (const stage of lane) done.push({ stage, count: await runSuite(stage, `${stage.name.padEnd(9)} `) });
  return done;
}

/** @param {Count} count */
function add(count) {
  total.passed += count.passed;
  total.failed += count.failed;
  failures.push(...count.what);
}
