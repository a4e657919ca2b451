// Builds one image of the matrix under its local tag. Decides nothing about pushing.
import { relative } from "node:path";
import type { BuilderName, MatrixRow } from "../../core/model/index.ts";
import { type BuildCommand, buildCommand } from "../build/command.ts";
import { howItEnded, tailOf } from "../commands.ts";
import type { PipelineDeps } from "../deps.ts";
import { explainExecFailure } from "../emulators/explain.ts";
import { WITHOUT_LOGIN } from "../login/index.ts";
import type { StageFailure, StageOutcome } from "../model.ts";
import { ending } from "../outcome.ts";

const LOAD_TIMEOUT_MS = 10 * 60_000;
/** How engines and BuildKit say that there is no such base image, or none for the platform. */
const BASE_MISSING =
  /manifest unknown|not found: manifest|no match(?:ing manifest)? for platform|pull access denied/i;
const BASE_HINT =
  "The base image is not there, or not for this platform: check its FROM line and build_args.";
const BUILD_HINT = "See the end of the builder's output.";

export interface ImageRequest {
  readonly row: MatrixRow;
  /** `user/app:armhf`. */
  readonly tag: string;
  readonly builder: BuilderName;
}

/** E_BUILD with the end of the builder's output where it fails; throws E_PROGRAM when the builder is not there. */
export async function runImage(deps: PipelineDeps, request: ImageRequest): Promise<StageOutcome> {
  const { row, tag, builder } = request;
  const end = ending(deps.clock, "image", row.arch);
  const failure = await build(deps, request);
  return failure === null ? end.done(`built ${tag}`, { tag, builder }) : end.failed(failure);
}

/** Null when every Dockerfile is there; looked at before anything is built. */
export async function missingDockerfiles(
  { files, config }: PipelineDeps,
  images: readonly { readonly row: MatrixRow }[],
): Promise<StageFailure | null> {
  const missing: string[] = [];
  for (const { row } of images) {
    const path = relative(config.root, row.dockerfile);
    if (!(await files.exists(row.dockerfile))) missing.push(`${row.arch}: there is no ${path}`);
  }
  if (missing.length === 0) return null;
  const hint =
    "Correct `dockerfile` in pipeline.yml, or make them from the one there is: `boardhand build init`.";
  return { code: "E_BUILD", message: missing.join("; "), hint };
}

async function build(deps: PipelineDeps, { row, tag, builder }: ImageRequest): Promise<StageFailure | null> {
  const { config, context } = deps;
  if (builder !== "buildctl") {
    return await run(deps, row, buildCommand(builder, { config, context, row, tag }, ""), config.timeoutMs);
  }
  const scratch = await deps.scratch.make({ files: {}, links: {} });
  try {
    const archive = `${scratch.path}/image.tar`;
    const command = buildCommand(builder, { config, context, row, tag }, archive);
    const failure = await run(deps, row, command, config.timeoutMs);
    if (failure !== null) return failure;
    const load = { command: "docker", args: ["load", "--input", archive], environment: {} };
    return await run(deps, row, load, LOAD_TIMEOUT_MS);
  } finally {
    await scratch.remove();
  }
}

async function run(
  { config, programs, signal, report }: PipelineDeps,
  row: MatrixRow,
  command: BuildCommand,
  timeoutMs: number,
): Promise<StageFailure | null> {
  const end = await programs.run({
    ...command,
    environment: { ...WITHOUT_LOGIN, ...command.environment },
    directory: config.root,
    timeoutMs,
    signal,
    onLine: (text) => report({ kind: "line", stage: "image", arch: row.arch, text }),
  });
  if (end.status === 0) return null;
  const words = [command.command, ...command.args.slice(0, 2)].join(" ");
  const output = `${end.stdout}\n${end.stderr}`;
  const message = `${row.arch}: ${words} ${howItEnded(end, timeoutMs)}${tailOf(output)}`;
  const emulation = explainExecFailure(output, row.platform, null);
  if (emulation !== null)
    return { ...emulation, message: `${row.arch}: ${emulation.message}${tailOf(output)}` };
  return { code: "E_BUILD", message, hint: BASE_MISSING.test(output) ? BASE_HINT : BUILD_HINT };
}
