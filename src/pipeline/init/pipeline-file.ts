// The text of a new config/pipeline.yml: what has to be known, and what is most often changed, as comments.
import type { CiName } from "./definitions.ts";

export interface PipelineFileInput {
  readonly image: string;
  readonly main: string;
  readonly ci: readonly CiName[];
  /** Whether the repository has a package.json. */
  readonly isNode: boolean;
}

export function pipelineFile({ image, main, ci, isNode }: PipelineFileInput): string {
  const buildkit = ci.includes("travis-buildkit");
  return [
    "# What `boardhand build` makes of this repository: images for three processors and one manifest list.",
    `image: ${JSON.stringify(image)}`,
    "# `latest` comes from this branch, 1.2.3, 1.2 and 1 from a tag v1.2.3; nothing is pushed from elsewhere.",
    `main: ${JSON.stringify(main)}`,
    ...(buildkit ? ["builder: buildctl", "emulators: tonistiigi/binfmt:qemu-v9.2.2"] : []),
    "",
    "# Shell commands; the first that fails ends the build before anything is made.",
    isNode ? "test: [npm ci, npm test]" : "test: []",
    "# Run once in every image before it is pushed, such as [app, --version]; null only looks at the image.",
    "smoke: null",
    "",
    "matrix:",
    "  - { arch: amd64, platform: linux/amd64, dockerfile: Dockerfile }",
    "  - { arch: armhf, platform: linux/arm/v7, dockerfile: Dockerfile.armhf }",
    "  - { arch: aarch64, platform: linux/arm64, dockerfile: Dockerfile.aarch64 }",
    "",
  ].join("\n");
}
