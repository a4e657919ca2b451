// The multi-arch pipeline: from one repository to images for every processor and one manifest list.
export { contextFromCi, guarded, rowsFor } from "./context/index.ts";
export type { PipelineDeps } from "./deps.ts";
export { contextFromGit } from "./git.ts";
export { type CiName, runInit } from "./init/index.ts";
export { withEnvironment } from "./login/index.ts";
export type {
  BuildContext,
  PipelineEvent,
  StageName,
  StageOutcome,
} from "./model.ts";
export { type BuildPlan, describeContext, planBuild, renderBuildPlan } from "./plan.ts";
export { runPipeline } from "./run.ts";
export { redactor, secretWarnings } from "./secrets.ts";
