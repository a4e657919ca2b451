// `make test-boards`: the agent on virtual boards, those that BOARD names or all of them, LANES at a time. A run over all kinds is
// written into its part of docs/reference/reliability.md. The disks are made beforehand, so that no test waits for a download.
import { spawn } from "node:child_process";
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

/** A board has two processors and mostly uses one. */
const lanes = Math.min(kinds.length, Number(process.env.LANES || Math.max(1, cpus().length - 1)));
const reports = join(root, ".cache/reports");
mkdirSync(reports, { recursive: true });
const startedAt = Date.now();
const waiting = [...kinds];
/** @type {number[]} */
const statuses = [];
await Promise.all(Array.from({ length: lanes }, runLane));
if (kinds.length === Object.keys(boards).length)
  writeSection(
    "boards",
    sectionText(kinds.flatMap(assertions), (Date.now() - startedAt) / 60_000),
    reliability,
  );
process.exitCode = Math.max(...statuses);

async function runLane() {
  for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift())
    statuses.push(await runKind(kind));
}

/**
 * @param {BoardKind} kind
 * @returns {Promise<number>} the status of its tests
 */
function runKind(kind) {
  rmSync(reportOf(kind), { force: true });
  const reporters = ["--reporter=verbose", "--reporter=json", `--outputFile.json=${reportOf(kind)}`];
  const words = ["run", ...reporters, `test/boards/${kind}.test.ts`];
  const child = spawn(join(root, "node_modules/.bin/vitest"), words, { cwd: root, stdio: "inherit" });
  return new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
}

/** @param {BoardKind} kind */
function reportOf(kind) {
  return join(reports, `boards-${kind}.json`);
}

/**
 * @param {BoardKind} kind
 * @returns {readonly Assertion[]}
 */
function assertions(kind) {
  /** @type {{ testResults: { assertionResults: Assertion[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(reportOf(kind), "utf8"));
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
${Math.round(minutes)} minutes on ${cpus().length} CPUs, ${lanes} at a time. The seconds are of an emulated processor, boot included.

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
