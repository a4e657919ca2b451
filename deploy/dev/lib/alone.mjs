// Whether a scenario that failed beside another lane of tests fails on a quiet machine too.
// Refuses what is more than a few tests, and what failed outside of any: that is no matter of a busy machine.
import { reportOf, runSuite } from "./stages.mjs";

/** @typedef {import("./stages.mjs").Stage} Stage */
/** @typedef {import("./test-report.mjs").Count} Count */

/** Failures of one run that may still be the machine's. */
const few = 2;
/** In a row, so that a test that fails now and then by itself hardly passes. */
const times = 3;

/**
 * Runs the files of the failed tests again, whole and by themselves. Those that pass every time are unsteady: they count as
 * passed and are named, since each is a fault of a test or of the program that is to be found.
 * @param {readonly { stage: Stage, count: Count }[]} done  what the lanes came to
 * @param {(stage: Stage) => Promise<Count>} [runStage]
 * @returns {Promise<readonly { count: Count, unsteady: readonly string[] }[]>}
 */
export async function judgeAlone(done, runStage = runSuite) {
  const failed = done.reduce((sum, { count }) => sum + count.failed, 0);
  const results = [];
  for (const { stage, count } of done) {
    const judged = count.failed > 0 && failed <= few && count.files.length > 0;
    if (judged && (await passesAlone(stage, count.files, runStage)))
      results.push({
        count: { passed: count.passed + count.failed, failed: 0, what: [], files: [] },
        unsteady: count.what,
      });
    else results.push({ count, unsteady: [] });
  }
  return results;
}

/**
 * @param {Stage} stage
 * @param {readonly string[]} files
 * @param {(stage: Stage) => Promise<Count>} runStage
 */
async function passesAlone(stage, files, runStage) {
  for (let time = 1; time <= times; time++) {
    const name = `${stage.name}-alone-${time}`;
    const command = stage.command.map((word) => word.replace(reportOf(stage.name), reportOf(name)));
    const { failed } = await runStage({ ...stage, name, command: [...command, ...files] });
    if (failed > 0) return false;
  }
  return true;
}
