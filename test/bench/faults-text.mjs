// The cases of the fault matrix as a page: what survived by rollout and fault, how long services were away, what did not survive.
import { cpus } from "node:os";
import { ms } from "./page.mjs";

/** @typedef {import("./faults.mjs").Case} Case */

const mostListed = 50;

const meaning = `| fault | the n-th call |
| --- | --- |
| refused | answered with status 500, not done |
| cut | the connection breaks before it is done |
| hung | never done, never answered: the agent's own timeout ends it |
| denied, lost, unanswered | the same three, but the call is done (asked of calls that change something; for a question it is the same) |
| killed before, killed after | whoever makes it gets SIGKILL before the call is done, or when it is done and not yet answered |

After it all is well again, and the agent goes on or is started. A case has survived when an onlooker, who asks the engine
and not the agent, sees exactly the wanted containers, running, healthy, with their names, restart policies, networks and
volumes, nothing else of the project, and when the agent says so too: no rollout under way, a failed image in quarantine,
a warning in the log for every fault that it lived through.

`;

const meaningOfSelfUpdate = `The faults are those above. The calls are those of the agent that prepares the update, of the new
image's doctor that looks round before, or of the updater that hands over; the engine starts again what was killed, but for the
doctor, which is asked once more. It has survived when one agent runs, healthy, under its name, with its restart policy and
mounts, no other container of the update is left, the agent says what came of it, and at no moment two agents ran.

`;

/** The columns, whichever case ended first; they are those of test/scenarios/faults/faults.ts. */
const order = ["refused", "cut", "hung", "denied", "lost", "unanswered", "killed before", "killed after"];

/** @type {Readonly<Record<string, string>>} */
const meanings = { faults: meaning, "faults-self-update": meaningOfSelfUpdate };

/**
 * @param {readonly Case[]} cases
 * @param {import("./faults.mjs").Part} part
 * @param {{ lanes: number, minutes: number, stride: number, whole: boolean }} run
 */
export function sectionText(cases, { section, title, command }, { lanes, minutes, stride, whole }) {
  const survivors = cases.filter(({ problems }) => problems.length === 0);
  return `## ${title}

Made by \`${command}\`: it is made again and again on a real engine and registry, each time with one fault at
its n-th call, for n = 1, 2, 3, … until there is no n-th call. **${survivors.length} of ${cases.length} cases survived.**
${whole ? "" : "The run was ended before its end: what is missing was not tried.\n"}${stride === 1 ? "" : `${thinned(stride)}\n`}
${meanings[section] ?? ""}${table(cases)}

Survived of tried. ${keptOld(cases)}

How long services were away:

${away(cases)}

The longest time, seen in the engine's events, in which no container of a service ran. The agent's timeouts are
counted as if they had passed (60 s a call; 70 s a stop, whose grace period is the engine's, 16 minutes that of the old agent in a self-update; 5 minutes to create, remove or pull): the test's clock leaps over
them. A killed agent is started at once. ${lanes} boards at a time on ${cpus().length} CPUs, ${cases.length} cases in ${Math.round(minutes)} minutes,
in the middle ${ms(middle(cases))} a case.

What did not survive:

${list(cases, ({ problems }) => problems)}

A case with a problem is run once more, since others may disturb the machine. Well the second time, and counted as survived:

${list(cases, ({ once }) => once)}
`;
}

/** @param {number} stride at least 2; what it leaves out is in test/scenarios/faults/sweep.ts */
function thinned(stride) {
  const few = Math.ceil(stride / 4);
  return `This run took one call in ${stride} (\`STRIDE=${stride}\`), but ${few === 1 ? "each" : `one in ${few}`} of those to a registry and of those that are done before their fault.`;
}

/** @param {readonly Case[]} cases */
function table(cases) {
  const tried = new Set(cases.map(({ fault }) => fault));
  const faults = [...new Set([...order, ...tried])].filter((fault) => tried.has(fault));
  const rows = distinct(cases.map(rowOf)).map((row) => {
    const own = cases.filter((one) => rowOf(one) === row);
    const cells = faults.map((fault) => counted(own.filter((one) => one.fault === fault)));
    return `| ${[row, ...cells].join(" | ")} |`;
  });
  const head = [`| ${["rollout", ...faults].join(" | ")} |`, `|${" --- |".repeat(faults.length + 1)}`];
  return [...head, ...rows].join("\n");
}

/** @param {Case} one */
function rowOf({ rollout, way }) {
  return way === "engine" ? rollout : `${rollout}, calls to the registry`;
}

/** @param {readonly Case[]} cases */
function counted(cases) {
  const survivors = cases.filter(({ problems }) => problems.length === 0);
  return cases.length === 0 ? "–" : `${survivors.length}/${cases.length}`;
}

/** Rollouts of what fails by itself. */
const endOnOld = /^rollback$|that fails/;

/** @param {readonly Case[]} cases */
function keptOld(cases) {
  const old = cases.filter(
    ({ end, rollout, problems }) => end === "old" && !endOnOld.test(rollout) && problems.length === 0,
  );
  const calls = distinct(old.map(({ call }) => `\`${call}\``)).join(", ");
  if (old.length === 0)
    return "Each ended on the new version, but for what fails by itself, which ends on the old one.";
  return `${old.length} of them ended on the old version with the new one in quarantine, since the engine itself said that it could not be started (${calls}); the others on the new one, but for what fails by itself, which ends on the old one.`;
}

/** @param {readonly Case[]} cases */
function away(cases) {
  const groups = /** @type {const} */ ([
    ["refused, cut, denied, lost", ["refused", "cut", "denied", "lost"]],
    ["hung, unanswered", ["hung", "unanswered"]],
    ["killed", ["killed before", "killed after"]],
  ]);
  const rows = distinct(cases.map(rowOf)).map((row) => {
    const cells = groups.map(([, faults]) => {
      const own = cases.filter((one) => rowOf(one) === row && faults.some((fault) => fault === one.fault));
      return own.length === 0 ? "–" : ms(Math.max(...own.map(({ awayMs }) => awayMs)));
    });
    return `| ${[row, ...cells].join(" | ")} |`;
  });
  const head = [
    `| ${["rollout", ...groups.map(([name]) => name)].join(" | ")} |`,
    "| --- | --- | --- | --- |",
  ];
  return [...head, ...rows].join("\n");
}

/** @param {readonly Case[]} cases */
function middle(cases) {
  const sorted = cases.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/**
 * @param {readonly Case[]} cases
 * @param {(one: Case) => readonly string[]} problemsOf
 */
function list(cases, problemsOf) {
  const failed = cases.filter((one) => problemsOf(one).length > 0);
  if (failed.length === 0) return "Nothing.";
  const lines = failed.slice(0, mostListed).map((one) => {
    const said = one.told.length === 0 ? "" : ` The agent: ${one.told[0]}`;
    return `- ${rowOf(one)}, ${one.fault}, call ${one.n} (\`${one.call}\`): ${problemsOf(one).join("; ")}.${said}`;
  });
  const more = failed.length > mostListed ? [`- and ${failed.length - mostListed} more`] : [];
  return [...lines, ...more].join("\n");
}

/** @param {readonly string[]} values */
function distinct(values) {
  return [...new Set(values)];
}
