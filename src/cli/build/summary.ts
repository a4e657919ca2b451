// How a run of the pipeline ended: a table with a row for each image, the stages that are one piece, and every failure with its hint.
import { formatPlatform } from "../../core/model/index.ts";
import type { BuildPlan, StageName, StageOutcome } from "../../pipeline/index.ts";
import { type Colours, formatTable, oneLine } from "../output.ts";
import { endOf, seconds } from "./progress.ts";

const OF_IMAGES: readonly StageName[] = ["image", "smoke", "push"];

/** Ends with a line end. */
export function renderSummary(plan: BuildPlan, outcomes: readonly StageOutcome[], colours: Colours): string {
  const find = (stage: StageName, arch: string | null) =>
    outcomes.find((outcome) => outcome.stage === stage && outcome.arch === arch);
  const columns = OF_IMAGES.filter((stage) =>
    outcomes.some((outcome) => outcome.stage === stage && outcome.arch !== null),
  );
  const rows = plan.images.map(({ row }) => [
    row.arch,
    formatPlatform(row.platform),
    ...columns.map((stage) => cellOf(find(stage, row.arch))),
  ]);
  const names = ["ARCH", "PLATFORM", ...columns.map((stage) => stage.toUpperCase())];
  const table = columns.length === 0 ? "" : formatTable(names, rows, colours);
  const whole = outcomes
    .filter(({ arch }) => arch === null)
    .map((outcome) => `${outcome.stage.padEnd(10)} ${endOf(outcome)}\n`);
  return [...whole, table, ...outcomes.flatMap((outcome) => failureOf(outcome, colours))].join("");
}

function cellOf(outcome: StageOutcome | undefined): string {
  if (outcome === undefined) return "-";
  return outcome.state === "skipped" ? "skipped" : `${outcome.state} ${seconds(outcome.ms)}`;
}

function failureOf({ stage, arch, failure }: StageOutcome, { red, dim }: Colours): readonly string[] {
  if (failure === null) return [];
  const [first = "", ...more] = failure.message.split("\n").map(oneLine);
  const where = arch === null ? stage : `${stage} of ${arch}`;
  return [
    `\n${red("error:")} ${where}: ${first}\n`,
    ...more.map((line) => `       ${line}\n`),
    ...(failure.hint === null ? [] : [`${dim("hint:")}  ${oneLine(failure.hint)}\n`]),
    `${dim("code:")}  ${failure.code}\n`,
  ];
}
