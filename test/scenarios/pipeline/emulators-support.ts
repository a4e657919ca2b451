// What the scenarios of the emulators stage share: its parts around a real engine, and docker.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createBinfmt } from "../../../src/adapters/binfmt/index.ts";
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createPrograms } from "../../../src/adapters/programs/index.ts";
import { parsePlatform } from "../../../src/core/image/index.ts";
import type { EmulatorChoice, MatrixRow, PipelineConfig } from "../../../src/core/model/index.ts";
import type { PipelineDeps } from "../../../src/pipeline/deps.ts";
import type { StageOutcome } from "../../../src/pipeline/model.ts";
import { runEmulators } from "../../../src/pipeline/stages/emulators.ts";
import type { Binfmt, Programs } from "../../../src/ports/index.ts";
import { BINFMT } from "../../lab/binfmt-state.ts";

const run = promisify(execFile);
/** For programs in containers, emulated ones among them, on a machine that has much else to do. */
const PATIENCE_MS = 240_000;

interface StageOptions {
  readonly emulators: EmulatorChoice;
  readonly platforms: readonly string[];
  readonly binfmt?: Binfmt;
  readonly programs?: Programs;
  readonly builder?: PipelineConfig["builder"];
  readonly environment?: PipelineDeps["environment"];
}

interface Ran {
  readonly outcome: StageOutcome;
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
}

export async function runStage(options: StageOptions): Promise<Ran> {
  const lines: string[] = [];
  const warnings: string[] = [];
  const unused = () => {
    throw new Error("the emulators stage asks no registry");
  };
  const rows = options.platforms.map(rowFor);
  const deps: PipelineDeps = {
    config: {
      ...{ file: "/tmp/pipeline.yml", root: "/tmp", context: "/tmp", image: "user/app", main: "main" },
      builder: options.builder ?? "auto",
      ...{ parallel: 1, emulators: options.emulators, prepare: [], test: [], timeoutMs: PATIENCE_MS },
      ...{ list: "docker", labels: {}, matrix: rows },
    },
    context: { provider: "git", event: "local", branch: "main", tag: null, commit: null },
    programs: options.programs ?? createPrograms(),
    binfmt: options.binfmt ?? createBinfmt(BINFMT),
    registry: { head: unused, manifest: unused, config: unused, put: unused },
    ...{ files: { exists: unused }, scratch: { make: unused, read: unused } },
    clock: systemClock(),
    environment: options.environment ?? process.env,
    report(event) {
      if (event.kind === "line") lines.push(event.text);
      if (event.kind === "warning") warnings.push(event.text);
    },
    signal: AbortSignal.timeout(PATIENCE_MS),
  };
  return { outcome: await runEmulators(deps, rows), lines, warnings };
}

function rowFor(platform: string): MatrixRow {
  return {
    ...{ arch: platform, platform: parsePlatform(platform), dockerfile: "/tmp/Dockerfile", word: "x" },
    ...{ tags: { version: "{version}-{arch}", latest: "{arch}" }, push: true, buildArgs: {}, secrets: [] },
    ...{ target: null, smoke: null },
  };
}

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `docker` against the engine of DOCKER_HOST; any end is an answer. */
export async function docker(...args: readonly string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await run("docker", args, {
      timeout: PATIENCE_MS,
    });
    return { status: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw error;
    return { status: code, stdout: stdout ?? "", stderr: stderr ?? "" };
  }
}

/** These programs cannot be started; all others really are. */
export function withoutPrograms(...missing: readonly string[]): Programs {
  const real = createPrograms();
  const hide = (command: string) =>
    missing.some((name) => command === name || command.endsWith(`/${name}`))
      ? `/nowhere/${command}`
      : command;
  return {
    run: (call) => real.run({ ...call, command: hide(call.command) }),
    read: (call, maxBytes) => real.read({ ...call, command: hide(call.command) }, maxBytes),
  };
}
