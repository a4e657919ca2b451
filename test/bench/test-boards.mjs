// `make test-boards`: the agent on virtual boards, those that BOARD names or all of them. A run over all kinds is written into
// its part of docs/reference/reliability.md. The disks are made beforehand, so that no test waits for a download.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { ensureInstalled } from "../../deploy/dev/lib/debian.mjs";
import { giveUp, root } from "../../deploy/dev/lib/paths.mjs";
import { boardDisk } from "../lab/boards/disk.mjs";
import { boards, boardTestNeeds, kindsOf } from "../lab/boards/kinds.mjs";
import { reliability, writeSection } from "./page.mjs";

/** @typedef {import("../lab/boards/kinds.mjs").BoardKind} BoardKind */
/** @typedef {{ ancestorTitles: string[], title: string, status: string, duration?: number }} Assertion */

const kinds = (() => {
  try {
    return kindsOf(process.env.BOARD || "");
  } catch (error) {
    return giveUp(error instanceof Error ? error.message : String(error), 2);
  }
})();
ensureInstalled(boardTestNeeds, "virtual boards");
for (const kind of kinds) await boardDisk(kind, (line) => console.log(line));

const reports = join(root, ".cache/reports");
const report = join(reports, "boards.json");
mkdirSync(reports, { recursive: true });
rmSync(report, { force: true });
const words = [
  ...["run", "--project", "boards", "--reporter=verbose", "--reporter=json", `--outputFile.json=${report}`],
  ...kinds.map((kind) => `test/boards/${kind}.test.ts`),
];
const startedAt = Date.now();
const run = spawnSync(join(root, "node_modules/.bin/vitest"), words, { cwd: root, stdio: "inherit" });
if (kinds.length === Object.keys(boards).length && run.status !== null)
  writeSection("boards", sectionText(assertions(), (Date.now() - startedAt) / 60_000), reliability);
process.exitCode = run.status ?? 1;

/** @returns {readonly Assertion[]} */
function assertions() {
  /** @type {{ testResults: { assertionResults: Assertion[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  return testResults.flatMap(({ assertionResults }) => assertionResults);
}

/**
 * @param {readonly Assertion[]} done
 * @param {number} minutes
 */
function sectionText(done, minutes) {
  const titles = [...new Set(done.map(({ title }) => title))];
  const passed = done.filter(({ status }) => status === "passed").length;
  return `## On boards

Made by \`make test-boards\`: virtual boards (\`make board\`), each with a kernel, an engine and a disk of its own, on which the agent is
installed once by \`install.sh\` from the image that the pipeline built; the obligations build on each other, in this order. To be
switched off is to end the emulator, with nothing written that was not on the disk. **${passed} of ${done.length} were met**, in
${Math.round(minutes)} minutes on ${cpus().length} CPUs. The seconds are of an emulated processor, boot included.

| obligation | ${kinds.join(" | ")} |
| --- | ${kinds.map(() => "--- |").join(" ")}
${titles.map((title) => `| ${title} | ${kinds.map((kind) => outcome(done, kind, title)).join(" | ")} |`).join("\n")}
`;
}

/**
 * @param {readonly Assertion[]} done
 * @param {BoardKind} kind
 * @param {string} title
 */
function outcome(done, kind, title) {
  const found = done.find((one) => one.title === title && one.ancestorTitles.includes(`on ${kind}`));
  if (found?.status !== "passed") return found?.status ?? "–";
  return `${Math.round((found.duration ?? 0) / 1000)} s`;
}
