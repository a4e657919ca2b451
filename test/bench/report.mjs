// The readings as a page: medians over the rounds, and what was wanted beside what was reached.
import { cpus } from "node:os";
import { median, ms, writeSection } from "./page.mjs";

/** @typedef {import("./bench.mjs").Reading} Reading */

/**
 * @param {readonly Reading[]} readings
 * @param {{ composeVersion: string, engineVersion: string, load: number }} versions
 */
export function writeReport(readings, versions) {
  const names = [...new Set(readings.map(({ name }) => name))];
  const rows = names.map((name) => summary(readings.filter((reading) => reading.name === name)));
  writeSection("update", pageText(rows, readings.length / names.length, versions));
}

/** @typedef {ReturnType<typeof summary>} Row */

/** @param {readonly Reading[]} readings  of one contender */
function summary(readings) {
  const again = readings.flatMap((reading) => reading.again);
  const [first] = readings;
  return {
    name: first?.name ?? "",
    worst: median(readings.map(({ gapsMs }) => Math.max(...gapsMs))),
    middle: median(readings.map(({ gapsMs }) => median(gapsMs))),
    answered: median(readings.map(({ answeredMs }) => answeredMs)),
    total: median(readings.map(({ totalMs }) => totalMs)),
    toolCpu: median(readings.map(({ toolCpuMs }) => toolCpuMs)),
    engineCpu: median(readings.map(({ engineCpuMs }) => engineCpuMs)),
    again: [...new Set(again.map(({ name }) => name))].map((name) => {
      const rounds = again.filter((round) => round.name === name);
      return {
        name,
        total: median(rounds.map(({ totalMs }) => totalMs)),
        toolCpu: median(rounds.map(({ toolCpuMs }) => toolCpuMs)),
        engineCpu: median(rounds.map(({ engineCpuMs }) => engineCpuMs)),
      };
    }),
  };
}

/**
 * @param {readonly Row[]} rows
 * @param {number} rounds
 * @param {{ composeVersion: string, engineVersion: string, load: number }} versions
 */
function pageText(rows, rounds, { composeVersion, engineVersion, load }) {
  const [bare, compose, boardhand] = rows;
  if (bare === undefined || compose === undefined || boardhand === undefined)
    throw new Error("a contender is missing");
  return `## An update of ten services

Made by \`make bench\`: the update of ten services of one project to a new image, on an engine
and a registry of the bench's own. Each service is asked every 10 ms on a fresh connection by a process of its own.
${rounds} rounds, medians over the rounds; Docker ${engineVersion}, docker compose ${composeVersion}, Node ${process.versions.node}, ${cpus().length} CPUs.
Before it the load of the machine was ${load.toFixed(1)}.

| | worst time without an answer | median of the services | all on the new version after | command ended after | CPU of the tool | CPU of the engine |
| --- | --- | --- | --- | --- | --- | --- |
${rows.map(updateRow).join("\n")}

The command of Boardhand ends only after the monitor window (here 1 s), when every service has proved itself and the
old containers are removed. *Bare stop and start* is one container after the other, both prepared beforehand, nothing
pulled, nothing checked: the least the engine can do.

### The same with nothing new

| | ended after | CPU of the tool | CPU of the engine |
| --- | --- | --- | --- |
${rows.flatMap(againRows).join("\n")}

The agent runs all the time, so a round of it is what is done every few minutes on a board; a command started by hand
has the start of Node on top.

### Wanted and reached

| wanted | reached |
| --- | --- |
| worst time without an answer at most 0.25 of docker compose's | ${ratio(boardhand.worst, compose.worst)} |
| and at most 1.3 of bare stop and start | ${ratio(boardhand.worst, bare.worst)} |
| a round with nothing new no slower than docker compose's | ${ratio(boardhand.again[0]?.total ?? 0, compose.again[0]?.total ?? 0)} |
`;
}

/** @param {Row} row */
function updateRow(row) {
  const toolCpu = row.again.length === 0 ? "–" : ms(row.toolCpu);
  return `| ${row.name} | ${ms(row.worst)} | ${ms(row.middle)} | ${ms(row.answered)} | ${ms(row.total)} | ${toolCpu} | ${ms(row.engineCpu)} |`;
}

/** @param {Row} row */
function againRows({ again }) {
  return again.map(
    ({ name, total, toolCpu, engineCpu }) => `| ${name} | ${ms(total)} | ${ms(toolCpu)} | ${ms(engineCpu)} |`,
  );
}

/**
 * @param {number} mine
 * @param {number} theirs
 */
function ratio(mine, theirs) {
  return `${(mine / theirs).toFixed(2)} (${ms(mine)} to ${ms(theirs)})`;
}
