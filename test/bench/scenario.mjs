// A bench that is a scenario of the tests: runs it, and writes what it counted into its part of docs/reference/performance.md.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../deploy/dev/lib/paths.mjs";
import { writeSection } from "./page.mjs";

/**
 * Ends the process with 1 when the scenario fails; the page then stays as it is.
 * @template T
 * @param {object} input
 * @param {string} input.scenario  the test's file, of whichever project of vitest
 * @param {string} input.variable  names to the scenario the JSON file that it is to write
 * @param {string} input.section  of the page
 * @param {(figures: readonly T[]) => string} input.text
 */
export function measureScenario({ scenario, variable, section, text }) {
  const directory = mkdtempSync(join(tmpdir(), `boardhand-${section}-`));
  const file = join(directory, "figures.json");
  const run = spawnSync(join(root, "node_modules/.bin/vitest"), ["run", scenario], {
    cwd: root,
    env: { ...process.env, [variable]: file },
    stdio: "inherit",
  });
  if (run.status === 0) writeSection(section, text(JSON.parse(readFileSync(file, "utf8"))));
  else process.exitCode = 1;
  rmSync(directory, { recursive: true });
}
