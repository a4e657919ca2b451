// What a run of tests came to, from the report that it left.
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {readonly string[]} what  failed, a line each
 * @property {readonly string[]} files  whose tests failed; empty where something failed outside of a test
 */
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
    const failedOf = (/** @type {readonly Assertion[]} */ all) =>
      all.filter(({ status }) => status === "failed");
    const failed = files.flatMap(({ assertionResults }) => failedOf(assertionResults));
    const ran = files.filter(({ assertionResults }) => failedOf(assertionResults).length > 0);
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + unloaded.length,
      what: [
        ...unloaded.map(({ name, message }) => failureText(project, name, message)),
        ...failed.map((one) => failureText(project, one.fullName, one.failureMessages[0] ?? "")),
      ],
      files: unloaded.length > 0 ? [] : ran.map(({ name }) => name),
    };
  } catch {
    return { passed: 0, failed: 0, what: [], files: [] };
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
