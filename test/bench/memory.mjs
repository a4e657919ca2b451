// `make bench-memory`: runs the scenario that watches the agent's resident memory over many rounds, and writes what it saw
// into its part of docs/reference/performance.md. ROUNDS=10000 SERVICES=50.
import { ensureInstalled } from "../../deploy/dev/lib/debian.mjs";
import { engine } from "../../deploy/dev/lib/packages.mjs";
import { measureScenario } from "./scenario.mjs";

/** @typedef {{ rounds: number, residentKb: number, privateKb: number }} Point */
/** @typedef {{ points: readonly Point[], services: number, seconds: number, roundCpuMs: number, options: string }} Figures */

ensureInstalled([...engine, "docker-registry"], "the measurement of memory");
const scenario = "test/scenarios/state/memory.test.ts";
measureScenario({ scenario, variable: "MEMORY_FIGURES", section: "memory", text: sectionText });

/** @param {readonly Figures[]} figures */
function sectionText([figures]) {
  if (figures === undefined) throw new Error("the scenario measured nothing");
  const { points, services, seconds, roundCpuMs, options } = figures;
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) throw new Error("the scenario measured nothing");
  const ratio = (last.residentKb / first.residentKb).toFixed(3);
  return `## Memory over many rounds

Made by \`make bench-memory\`: the agent as a process of its own (from dist/, not the bundle), one project of ${services} services
on 5 images, a real engine and a real registry; ${last.rounds} rounds asked for one after the other, ${seconds} s in all, ${roundCpuMs.toFixed(0)} ms
of the agent's CPU a round, being asked for it and whether it is done included. Node has the images' own options (\`${options}\`).
Resident is what the board sees (VmRSS), private the part that is no file's (RssAnon); each the least of the last 25 rounds.

| rounds | resident | private |
| --- | --- | --- |
${points.map(pointText).join("\n")}

Wanted: at the end at most 1.05 of what it was after ${first.rounds} rounds; reached: ${ratio}.
`;
}

/** @param {Point} point */
function pointText({ rounds, residentKb, privateKb }) {
  return `| ${rounds} | ${megabytes(residentKb)} | ${megabytes(privateKb)} |`;
}

/** @param {number} kb */
function megabytes(kb) {
  return `${(kb / 1024).toFixed(1)} MB`;
}
