// The words for each builder: one image, one platform, one local tag. Decides no policy and starts nothing.
import { basename, dirname } from "node:path";
import {
  type BuilderName,
  formatPlatform,
  type MatrixRow,
  type PipelineConfig,
} from "../../core/model/index.ts";
import { REVISION_LABEL, VERSION_LABEL } from "../labels.ts";
import type { BuildContext } from "../model.ts";
import { releaseVersion } from "../tags/index.ts";

export interface BuildCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface BuildRequest {
  readonly config: PipelineConfig;
  readonly context: BuildContext;
  readonly row: MatrixRow;
  /** `user/app:armhf`. */
  readonly tag: string;
}

/**
 * What every image is labelled with (image-spec annotations.md). The commit and the release are what is built, whatever the
 * file says: lists are made by them.
 */
export function labelsOf({ config, context }: Pick<BuildRequest, "config" | "context">): readonly string[] {
  const release = releaseVersion(context);
  const labels = {
    ...(context.branch === null ? {} : { [VERSION_LABEL]: context.branch }),
    ...config.labels,
    ...(release === null ? {} : { [VERSION_LABEL]: release }),
    ...(context.commit === null ? {} : { [REVISION_LABEL]: context.commit }),
  };
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}

/** `archive` is where buildctl puts the image, for `docker load`; the others leave it on the engine. */
export function buildCommand(builder: BuilderName, request: BuildRequest, archive: string): BuildCommand {
  switch (builder) {
    case "buildx":
      return { command: "docker", args: ["buildx", ...dockerBuild(request, BUILDX)], environment: {} };
    case "classic":
      // Without it, docker 23 and later hand `docker build` on to buildx.
      return { command: "docker", args: dockerBuild(request, []), environment: { DOCKER_BUILDKIT: "0" } };
    case "buildctl":
      return { command: "buildctl", args: buildctl(request, archive), environment: {} };
  }
}

/** Without provenance, which would make an index of one image that no manifest list may hold. */
const BUILDX: readonly string[] = ["--provenance=false", "--sbom=false", "--load", "--progress=plain"];

function dockerBuild(request: BuildRequest, more: readonly string[]): readonly string[] {
  const { config, row, tag } = request;
  return [
    "build",
    ...["--platform", formatPlatform(row.platform), "--file", row.dockerfile, "--tag", tag],
    ...labelsOf(request).flatMap((label) => ["--label", label]),
    ...Object.entries(row.buildArgs).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    ...secretsOf(row),
    ...(row.target === null ? [] : ["--target", row.target]),
    ...more,
    config.context,
  ];
}

/** buildctl's options (moby/buildkit, README and docs/reference/buildctl.md). */
function buildctl(request: BuildRequest, archive: string): readonly string[] {
  const { config, row, tag } = request;
  const options = [
    `filename=${basename(row.dockerfile)}`,
    `platform=${formatPlatform(row.platform)}`,
    ...labelsOf(request).map((label) => `label:${label}`),
    ...Object.entries(row.buildArgs).map(([name, value]) => `build-arg:${name}=${value}`),
    ...(row.target === null ? [] : [`target=${row.target}`]),
  ];
  return [
    ...["build", "--progress=plain", "--frontend=dockerfile.v0"],
    ...["--local", `context=${config.context}`, "--local", `dockerfile=${dirname(row.dockerfile)}`],
    ...options.flatMap((option) => ["--opt", option]),
    ...secretsOf(row),
    ...["--output", `type=docker,name=${tag},dest=${archive}`],
  ];
}

function secretsOf({ secrets }: MatrixRow): readonly string[] {
  return secrets.flatMap(({ id, env }) => ["--secret", `id=${id},env=${env}`]);
}
