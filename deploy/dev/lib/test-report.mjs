// What a run of tests came to, from the report that it left.
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** `what` failed, a line each. @typedef {{ passed: number, failed: number, what: readonly string[] }} Count */
/** @typedef {{ fullName: string, status: string, failureMessages: string[] }} Assertion */

/**
 * A file that could not be loaded has no tests, and is one failure. A report that is not there counts nothing.
 * @param {string} file  of vitest's JSON reporter
 * @param {string} project  that it ran
 * @returns {Count}
 */
export function countTests(file, project) {
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    /** @type {{ name: string, status: string, message: string, assertionResults: Assertion[] }[]} */
    const files = report.testResults;
    const unloaded = files.filter(
      ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
    );
    const failed = files.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === "failed"),
    );
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + unloaded.length,
      what: [
        ...unloaded.map(({ name, message }) => failureText(project, name, message)),
        ...failed.map((one) => failureText(project, one.fullName, one.failureMessages[0] ?? "")),
      ],
    };
  } catch {
    return { passed: 0, failed: 0, what: [] };
  }
}

/**
 * @param {string} project
 * @param {string} name
 * @param {string} message
 */
function failureText(project, name, message) {
  const [reason = ""] = stripVTControlCharacters(message).split("\n");
  return `${project}: ${name}: ${reason.slice(0, 300)}`;
}
