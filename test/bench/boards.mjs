// `make bench-boards`: what the agent takes of virtual ARM boards, into its part of docs/reference/performance.md.
import { cpus, loadavg } from "node:os";
import { ensureInstalled } from "../../deploy/dev/lib/debian.mjs";
import { boardDisk } from "../lab/boards/disk.mjs";
import { boardTestNeeds, kindsOf } from "../lab/boards/kinds.mjs";
import { measureScenario } from "./scenario.mjs";

/**
 * @typedef {object} Figures
 * @property {string} kind
 * @property {string} machine  as its kernel calls itself
 * @property {number} bootMs  until the engine answers
 * @property {number} pullMs
 * @property {number} installMs  from the image on the board to an agent that is well
 * @property {number} restartMs  from `docker start` to the first good answer
 * @property {number} rssBytes
 * @property {number} lookMs
 * @property {number} lookCpuMs
 * @property {number} engineCpuMs  of the engine, in the same look
 */

ensureInstalled(boardTestNeeds, "virtual boards");
for (const kind of kindsOf(process.env.BOARD || "")) await boardDisk(kind, (line) => console.log(line));
const [load = 0] = loadavg();
measureScenario({
  scenario: "test/boards/figures.test.ts",
  variable: "BOARD_FIGURES",
  section: "boards",
  text: sectionText,
});

/** @param {readonly Figures[]} figures */
function sectionText(figures) {
  return `## On boards

Made by \`make bench-boards\`: virtual boards of 1 GB and two cores (\`make board\`), each with a kernel and an engine of its own, all
of it emulated: the memory is what a board has to give, the times are of this machine's emulator and say how much work there is. The
agent is our own image from a local registry, and one project with one service runs. *CPU* is user and system time of a look that
finds nothing new, a mean of ten. ${cpus().length} CPUs; the load before it was ${load.toFixed(1)}.

| board | kernel | board is up after | image is pulled after | install.sh until well | a start until well | memory (RSS) | a look takes | CPU of the agent | CPU of the engine |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${figures.map(rowText).join("\n")}
`;
}

/** @param {Figures} figures */
function rowText({
  kind,
  machine,
  bootMs,
  pullMs,
  installMs,
  restartMs,
  rssBytes,
  lookMs,
  lookCpuMs,
  engineCpuMs,
}) {
  const starts = [bootMs, pullMs, installMs, restartMs].map((ms) => `${(ms / 1000).toFixed(1)} s`);
  const looks = [lookMs, lookCpuMs, engineCpuMs].map((ms) => `${Math.round(ms)} ms`);
  return `| ${[kind, machine, ...starts, `${(rssBytes / 1e6).toFixed(1)} MB`, ...looks].join(" | ")} |`;
}
