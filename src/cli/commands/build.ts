// `boardhand build`: reads pipeline.yml, finds out what is being built, and runs the stages. Pushing is the plan's decision.
import { homedir } from "node:os";
import { join } from "node:path";
import { createBinfmt } from "../../adapters/binfmt/index.ts";
import { systemClock } from "../../adapters/clock/index.ts";
import { loadPipeline } from "../../adapters/config/index.ts";
import { createCredentials } from "../../adapters/credentials/index.ts";
import { createFiles } from "../../adapters/files/index.ts";
import { createPrograms } from "../../adapters/programs/index.ts";
import { createRegistry } from "../../adapters/registry/index.ts";
import { createScratch } from "../../adapters/scratch/index.ts";
import { yamlParser } from "../../adapters/yaml/index.ts";
import { parseReference } from "../../core/image/index.ts";
import type { MatrixRow, PipelineConfig } from "../../core/model/index.ts";
import {
  type BuildContext,
  type BuildPlan,
  contextFromCi,
  contextFromGit,
  describeContext,
  guarded,
  type PipelineDeps,
  type PipelineEvent,
  planBuild,
  redactor,
  renderBuildPlan,
  rowsFor,
  runPipeline,
  type StageName,
  type StageOutcome,
  secretWarnings,
  withEnvironment,
} from "../../pipeline/index.ts";
import { BUILT_AT } from "../../version.ts";
import { buildProgress } from "../build/progress.ts";
import { renderSummary } from "../build/summary.ts";
import type { CliContext, ExitCode } from "../context.ts";
import { formatJson } from "../output.ts";

export interface BuildOptions {
  readonly file: string | null;
  readonly stages: readonly StageName[];
  readonly archs: readonly string[];
  readonly planOnly: boolean;
}

/** Exits with 1 when any stage failed; a push that the gate forbids is none. */
export async function buildCommand(options: BuildOptions, ctx: CliContext): Promise<ExitCode> {
  const root = process.cwd();
  const environment = process.env;
  const config = await loadPipeline({ file: options.file, root, parseYaml: yamlParser("E_CONFIG") });
  const programs = createPrograms();
  const context =
    contextFromCi(environment) ??
    // A CI that is not known here may still be building somebody's pull request.
    guarded(await contextFromGit({ programs, signal: ctx.signal }, root), environment);
  const { stages } = options;
  const rows = rowsOf(options, config, environment);
  const plan = planBuild({ config, context, stages, rows, dockerPush: environment.DOCKER_PUSH });
  if (options.planOnly) {
    ctx.out(ctx.json ? formatJson(planJson(plan, config, context)) : renderBuildPlan(plan, config, context));
    return 0;
  }
  const clock = systemClock();
  const progress = buildProgress(process.stderr, ctx.isTerminal, () => clock.monotonic());
  const hide = redactor(environment, config.matrix);
  const report = (event: PipelineEvent): void => progress.report(redacted(event, hide));
  const deps: PipelineDeps = {
    ...{ config, context, programs, environment, report, clock, signal: ctx.signal },
    binfmt: createBinfmt(),
    files: createFiles(),
    scratch: createScratch(),
    registry: registryFor(config, ctx),
  };
  try {
    for (const text of secretWarnings(rows, environment)) report({ kind: "warning", arch: null, text });
    const outcomes = (await runPipeline(deps, plan)).map((outcome) => redactedOutcome(outcome, hide));
    progress.stop();
    ctx.out(ctx.json ? formatJson(resultJson(outcomes, plan, config, context)) : "");
    if (!ctx.json) ctx.out(renderSummary(plan, outcomes, ctx.colours));
    return outcomes.some(({ state }) => state === "failed") ? 1 : 0;
  } finally {
    progress.stop();
  }
}

/** A list is of the whole matrix, whichever job of a CI makes it. */
function rowsOf(
  { stages, archs }: BuildOptions,
  config: PipelineConfig,
  environment: PipelineDeps["environment"],
): readonly MatrixRow[] {
  const listOnly = stages.length > 0 && stages.every((stage) => stage === "manifest");
  if (listOnly && archs.length === 0) return config.matrix;
  return rowsFor(config.matrix, { archs, environment, directory: config.root });
}

/** Docker's own configuration of whoever runs the build, not the agent's. */
function registryFor(config: PipelineConfig, ctx: CliContext): PipelineDeps["registry"] {
  const clock = systemClock();
  const directory = process.env.DOCKER_CONFIG || join(homedir(), ".docker");
  const own = createCredentials(join(directory, "config.json"), clock);
  const credentials = withEnvironment(process.env, parseReference(config.image).registry, own);
  const { insecure, ca, timeoutMs } = ctx.config.registries;
  return createRegistry({
    ...{ credentials, clock, insecure, ca, timeoutMs, log: ctx.log },
    mirrors: {},
    builtAt: BUILT_AT,
  });
}

function redacted(event: PipelineEvent, hide: (text: string) => string): PipelineEvent {
  switch (event.kind) {
    case "started":
      return event;
    case "line":
    case "warning":
      return { ...event, text: hide(event.text) };
    case "ended":
      return { ...event, outcome: redactedOutcome(event.outcome, hide) };
  }
}

function redactedOutcome(outcome: StageOutcome, hide: (text: string) => string): StageOutcome {
  const { failure, message } = outcome;
  return {
    ...outcome,
    message: hide(message),
    failure: failure === null ? null : { ...failure, message: hide(failure.message) },
  };
}

function planJson(plan: BuildPlan, config: PipelineConfig, context: BuildContext) {
  return {
    image: config.image,
    context,
    stages: plan.stages,
    push: plan.gate,
    tags: plan.releaseTags.map(({ name }) => name),
    images: plan.images.map(({ row, localTag, pushTags }) => ({ arch: row.arch, localTag, pushTags })),
  };
}

function resultJson(
  outcomes: readonly StageOutcome[],
  plan: BuildPlan,
  config: PipelineConfig,
  context: BuildContext,
) {
  const failed = outcomes.some(({ state }) => state === "failed");
  return {
    ...planJson(plan, config, context),
    title: describeContext(context),
    result: failed ? "failed" : "done",
    outcomes,
  };
}
