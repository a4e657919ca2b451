// What the scenarios of the smoke stage share: its parts put together for the run's engine, and images to judge.
import { afterAll, afterEach, expect, inject } from "vitest";
import { systemClock } from "../../../src/adapters/clock/index.ts";
import { createPrograms } from "../../../src/adapters/programs/index.ts";
import { parsePlatform } from "../../../src/core/image/index.ts";
import type { MatrixRow, PipelineConfig } from "../../../src/core/model/index.ts";
import type { PipelineDeps } from "../../../src/pipeline/deps.ts";
import type { PipelineEvent } from "../../../src/pipeline/model.ts";
import { runSmoke } from "../../../src/pipeline/stages/smoke.ts";
import { busyboxLayer, type LabArch } from "../../lab/images.ts";
import type { ImageSpec } from "../../lab/push.ts";
import { docker, imageOnEngine, leftContainers } from "../../lab/smoke-images.ts";
import type { TarFile } from "../../lab/tar.ts";

export const lab = { engineHost: inject("engineHost"), registryAddress: inject("registryAddress") };
export const SAYS = ["/bin/busybox", "echo", "v1.2.3"];

const config: PipelineConfig = {
  file: "/nowhere/pipeline.yml",
  root: "/repository",
  context: "/nowhere",
  image: "boardhand-test/app",
  main: "main",
  builder: "auto",
  parallel: 1,
  emulators: "none",
  prepare: [],
  test: [],
  timeoutMs: 240_000,
  list: "docker",
  labels: {},
  matrix: [],
};

export function row(platform: string, smoke: readonly string[] | null): MatrixRow {
  return {
    arch: "row",
    platform: parsePlatform(platform),
    dockerfile: "/nowhere/Dockerfile",
    word: "row",
    tags: { version: "{version}-{arch}", latest: "{arch}" },
    push: true,
    buildArgs: {},
    secrets: [],
    target: null,
    smoke,
  };
}

interface Asked {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: PipelineEvent) => void;
}

/** Runs the stage as `boardhand build` does, and collects what it reports. */
export async function smoke(image: string, wanted: MatrixRow, asked: Asked = {}) {
  const events: PipelineEvent[] = [];
  const deps = {
    config: { ...config, timeoutMs: asked.timeoutMs ?? config.timeoutMs },
    programs: createPrograms(),
    clock: systemClock(),
    environment: { ...process.env, DOCKER_HOST: lab.engineHost },
    report(event: PipelineEvent) {
      events.push(event);
      asked.onEvent?.(event);
    },
    signal: asked.signal ?? new AbortController().signal,
  } as unknown as PipelineDeps;
  const outcome = await runSmoke(deps, wanted, image);
  const said = events.flatMap((event) => (event.kind === "line" ? [event.text] : []));
  // What the image itself printed, without what was read of it before.
  const lines = said.filter((line) => !/^(?:image [0-9a-f]{12}: |program \/|no program )/.test(line));
  const warnings = events.flatMap((event) => (event.kind === "warning" ? [event.text] : []));
  return { ...outcome, lines, warnings };
}

interface Made {
  readonly platform: string;
  readonly withoutVariant?: boolean;
  readonly files?: Readonly<Record<string, TarFile>>;
  readonly config?: ImageSpec["config"];
}

export const images: string[] = [];

/** Busybox as `/bin/busybox` and `/bin/sh`, and what else is given, under a local tag. */
export async function image(name: string, arch: LabArch, made: Made): Promise<string> {
  const { files, config: own, ...rest } = made;
  const layers = [await busyboxLayer(arch), ...(files === undefined ? [] : [files])];
  const spec = { layers, config: own ?? { Cmd: ["/bin/sh"], Env: ["PATH=/bin"] }, ...rest };
  const tag = await imageOnEngine(lab, name, spec);
  images.push(tag);
  return tag;
}

/** After each test no container may be left, after all of a file its images are removed. */
export function leaveNothing(): void {
  afterEach(async () => {
    expect(await leftContainers(lab)).toEqual([]);
  });

  afterAll(async () => {
    if (images.length > 0) await docker(lab, "image", "rm", "--force", ...images);
  });
}
