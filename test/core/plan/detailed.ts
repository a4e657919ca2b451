// A plan with everything that is in it, one line a step, so that a test pins causes, waits, arguments and order at once.
import type { ImageChoice, Plan, Step } from "../../../src/core/model/index.ts";
import { pinnedName } from "../../../src/core/plan/index.ts";
import { digestOf, idOf } from "../../support/builders.ts";

const NAMES = ["web", "db", "api", "vpn", "job", "old", "zoo"];
const VERSIONS = ["0", "1", "2", "3"];

/** Ids and digests of the builders, long and short, with the words they are shown as. */
const WORDS: readonly (readonly [string, string])[] = NAMES.flatMap((name) =>
  VERSIONS.flatMap((version) => [
    [digestOf(`${name} ${version}`), `<${name} ${version}>`] as const,
    [digestOf(`config ${name} ${version}`), `<config ${name} ${version}>`] as const,
    ...[1, 2, 3].map(
      (number) => [idOf(`${name} ${version} ${number}`), `<${name}-${number} ${version}>`] as const,
    ),
  ]),
).flatMap(([id, words]) => [[id, words] as const, [id.replace("sha256:", "").slice(0, 12), words] as const]);

/** Steps with all arguments and waits (`?` marks those that may fail), holds, notes, what moves and what is a job. */
export function detailed(plan: Plan): string {
  const { moved, jobs } = plan;
  const lines = [
    ...plan.steps.map(line),
    ...plan.held.map((hold) => `held ${hold.service}: ${hold.reason}: ${hold.message}`),
    ...plan.notes.map((note) => `note ${note}`),
    `${plan.project} moves ${moved.join(" ")}${jobs.length === 0 ? "" : `, jobs ${jobs.join(" ")}`}`,
  ];
  return readable(lines.join("\n"));
}

/** The same without what is prepared for it: pulling, proving and tagging images. */
export function detailedSwap(plan: Plan): string {
  const steps = plan.steps.filter((step) => !["pullImage", "verifyImage", "tagImage"].includes(step.kind));
  return detailed({ ...plan, steps });
}

/** The same text with the builders' ids and digests as words. */
export function readable(text: string): string {
  return WORDS.reduce((shown, [id, words]) => shown.replaceAll(id, words), text);
}

function line(step: Step): string {
  const { kind, n, service, after, cause, required, ...args } = step;
  const waits = after.length === 0 ? "" : ` <- ${after.join(" ")}`;
  const shown = Object.entries(args).map(([key, value]) => `${key}=${show(value)}`);
  return `${n}${required ? "" : "?"} ${service ?? "-"} ${kind} ${shown.join(" ")}${waits} : ${cause}`;
}

function show(value: unknown): string {
  if (typeof value === "string") return value;
  if (isPinned(value)) return pinnedName(value);
  if (isChoice(value))
    return `${value.reference} at ${value.locate}${value.pinned === null ? "" : " pinned"}`;
  return JSON.stringify(value);
}

function isPinned(value: unknown): value is Parameters<typeof pinnedName>[0] {
  return typeof value === "object" && value !== null && "platformDigest" in value;
}

function isChoice(value: unknown): value is ImageChoice {
  return typeof value === "object" && value !== null && "locate" in value;
}
