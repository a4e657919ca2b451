// What one run of the pipeline will do, decided before anything is done: stages, images, tags, and whether anything is pushed.
import { relative } from "node:path";
import { BoardhandError, formatPlatform, type MatrixRow, type PipelineConfig } from "../core/model/index.ts";
import { type PushGate, pushGate } from "./gate.ts";
import { type BuildContext, type ReleaseTag, STAGES, type StageName } from "./model.ts";
import { archTags, releaseTags, tagProblems } from "./tags/index.ts";

export interface PlanInput {
  readonly config: PipelineConfig;
  readonly context: BuildContext;
  /** As they were asked for; empty is all of them. */
  readonly stages: readonly StageName[];
  readonly rows: readonly MatrixRow[];
  readonly dockerPush: string | undefined;
}

export interface PlannedImage {
  readonly row: MatrixRow;
  /** On the engine: `user/app:armhf`. */
  readonly localTag: string;
  /** Without the repository; empty when nothing is to be pushed. */
  readonly pushTags: readonly string[];
}

export interface BuildPlan {
  readonly stages: readonly StageName[];
  readonly images: readonly PlannedImage[];
  readonly releaseTags: readonly ReleaseTag[];
  readonly gate: PushGate;
  /** Why the manifest list is left out although the stage is wanted; null when it is made. */
  readonly listSkipped: string | null;
}

/** Throws E_USAGE for a list of part of a matrix, E_CONFIG for tags that cannot be. */
export function planBuild({ config, context, stages, rows, dockerPush }: PlanInput): BuildPlan {
  const partial = rows.length < config.matrix.length;
  if (partial && stages.includes("manifest")) {
    throw new BoardhandError("E_USAGE", "manifest: a list is made of the whole matrix, not of some of it", {
      hint: "Leave out --arch and DOCKERFILE for this stage: `boardhand build manifest`.",
    });
  }
  const tags = releaseTags(context, config.main);
  const problems = tagProblems(config, context);
  if (problems.length > 0) {
    throw new BoardhandError("E_CONFIG", problems.map(({ message }) => message).join("\n"), {
      hint: [...new Set(problems.flatMap(({ hint }) => (hint === null ? [] : [hint])))].join(" "),
    });
  }
  const gate = gateOf(context, config, tags, dockerPush);
  return {
    stages: STAGES.filter((stage) => stages.length === 0 || stages.includes(stage)),
    images: rows.map((row) => ({
      row,
      localTag: `${config.image}:${row.word}`,
      pushTags: gate.open && row.push ? archTags(row.tags, row.word, tags) : [],
    })),
    releaseTags: tags,
    gate,
    listSkipped: listSkipped(config, gate, partial),
  };
}

function gateOf(
  context: BuildContext,
  config: PipelineConfig,
  tags: readonly ReleaseTag[],
  dockerPush: string | undefined,
): PushGate {
  const gate = pushGate(context, config.main, dockerPush);
  return gate.open && tags.length === 0 ? { open: false, reason: "there is no tag to push it as" } : gate;
}

function listSkipped(config: PipelineConfig, gate: PushGate, partial: boolean): string | null {
  if (config.list === "none") return "list: none";
  if (partial) return "only some of the matrix was chosen";
  return gate.open ? null : gate.reason;
}

/** For people, as `--plan` prints it; ends with a line end. */
export function renderBuildPlan(plan: BuildPlan, config: PipelineConfig, context: BuildContext): string {
  const lines = [`${config.image}: ${describeContext(context)}`];
  for (const stage of plan.stages) {
    const what = describeStage(stage, plan, config);
    lines.push(...what.map((text, index) => `${(index === 0 ? stage : "").padEnd(10)} ${text}`.trimEnd()));
  }
  return `${lines.join("\n")}\n`;
}

/** `Travis CI, push to main, 1a2b3c4d5e6f`. */
export function describeContext({ provider, event, branch, tag, commit }: BuildContext): string {
  const what =
    tag !== null
      ? `tag ${tag}`
      : event === "push"
        ? `push to ${branch ?? "no branch"}`
        : event.replace("-", " ");
  const [hash = "", ...marks] = (commit ?? "").split("-");
  const short = commit === null ? "no commit" : [hash.slice(0, 12), ...marks].join("-");
  return [provider, what, short].join(", ");
}

function describeStage(stage: StageName, plan: BuildPlan, config: PipelineConfig): readonly string[] {
  switch (stage) {
    case "emulators":
      return [`for ${plan.images.map(({ row }) => formatPlatform(row.platform)).join(", ")}`];
    case "test":
      return config.test.length === 0 ? ["nothing: test is empty"] : config.test;
    case "image":
      return [
        ...config.prepare,
        ...plan.images.map(
          ({ row, localTag }) =>
            `${row.arch}: ${relative(config.context, row.dockerfile)} for ${formatPlatform(row.platform)} as ${localTag}`,
        ),
      ];
    case "smoke":
      return plan.images.map(
        ({ row, localTag }) =>
          `${localTag}: ${row.smoke === null ? "looked at, not run" : row.smoke.join(" ")}`,
      );
    case "push":
      return plan.gate.open ? plan.images.map(describePush) : [`nothing: ${plan.gate.reason}`];
    case "manifest":
      return plan.listSkipped === null
        ? plan.releaseTags.map(
            ({ name }) => `${config.image}:${name} of ${config.matrix.map(({ arch }) => arch).join(", ")}`,
          )
        : [`nothing: ${plan.listSkipped}`];
  }
}

function describePush({ row, localTag, pushTags }: PlannedImage): string {
  if (!row.push) return `${row.arch}: left to somebody else`;
  return `${localTag} as ${pushTags.join(", ")}`;
}
