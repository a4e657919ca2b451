// The table of executors: a step kind without one does not compile.
import type { Step, StepKind, StepOf } from "../../core/model/index.ts";
import {
  connectNetwork,
  createContainer,
  createNetwork,
  createVolume,
  removeContainer,
  renameContainer,
  setRestartPolicy,
  startContainer,
  stopContainer,
} from "./containers.ts";
import type { StepContext } from "./context.ts";
import { copyFile } from "./files.ts";
import { awaitCompleted, awaitHealthy } from "./gates.ts";
import { runHook } from "./hooks.ts";
import { pullImage, removeImage, tagImage, verifyImage } from "./images.ts";

type Executors = { readonly [K in StepKind]: (step: StepOf<K>, ctx: StepContext) => Promise<void> };

const EXECUTORS: Executors = {
  createNetwork,
  createVolume,
  pullImage,
  verifyImage,
  tagImage,
  createContainer,
  connectNetwork,
  renameContainer,
  setRestartPolicy,
  stopContainer,
  startContainer,
  copyFile,
  runHook,
  awaitHealthy,
  awaitCompleted,
  removeContainer,
  removeImage,
};

/** Runs one step; throws BoardhandError when the engine or the container fails it. */
export async function runStep(step: Step, ctx: StepContext): Promise<void> {
  // The one cast of the dispatch: the executor is chosen by the step's own kind.
  const execute = EXECUTORS[step.kind] as (step: Step, ctx: StepContext) => Promise<void>;
  await execute(step, ctx);
}

export type { StepContext } from "./context.ts";
