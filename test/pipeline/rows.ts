// Rows and configurations of a pipeline, with what a test does not care about filled in.
import { parsePlatform } from "../../src/core/image/index.ts";
import type { MatrixRow, PipelineConfig } from "../../src/core/model/index.ts";
import type { BuildContext } from "../../src/pipeline/model.ts";

export function rowOf(arch: string, platform: string, rest: Partial<MatrixRow> = {}): MatrixRow {
  return {
    arch,
    platform: parsePlatform(platform),
    dockerfile: "/repository/Dockerfile",
    word: arch,
    tags: { version: "{version}-{arch}", latest: "{arch}" },
    push: true,
    buildArgs: {},
    secrets: [],
    target: null,
    smoke: null,
    ...rest,
  };
}

export const amd64 = rowOf("amd64", "linux/amd64");
export const armhf = rowOf("armhf", "linux/arm/v7");
export const aarch64 = rowOf("aarch64", "linux/arm64");

export function configOf(rest: Partial<PipelineConfig> = {}): PipelineConfig {
  return {
    file: "/repository/config/pipeline.yml",
    root: "/repository",
    context: "/repository",
    image: "user/app",
    main: "main",
    builder: "auto",
    parallel: 2,
    emulators: "none",
    prepare: [],
    test: [],
    timeoutMs: 60_000,
    list: "docker",
    labels: {},
    matrix: [amd64, armhf, aarch64],
    ...rest,
  };
}

/** A push to the main branch. */
export function pushed(change: Partial<BuildContext> = {}): BuildContext {
  return {
    provider: "git",
    event: "push",
    branch: "main",
    tag: null,
    commit: "0123456789abcdef0123456789abcdef01234567",
    ...change,
  };
}
