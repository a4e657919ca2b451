// The words of the multi-arch pipeline: what a repository's pipeline.yml says, with every default filled in.
import type { Platform } from "./platform.ts";

/** How images are built: BuildKit by `docker buildx` or `buildctl`, or the engine's own builder. */
export type BuilderName = "buildx" | "classic" | "buildctl";

/**
 * Where a per-architecture tag comes from. `{arch}` is the row's word, `{version}` the release (`1.2.3`, `1.2`, `1`).
 * As tags of a release: `{version}-{arch}` makes `1.2.3-armhf`; as tag of the main branch, `{arch}` makes `armhf`.
 */
export interface TagTemplates {
  readonly version: string;
  readonly latest: string;
}

/** A file that one build may read while it runs and that stays out of the image (BuildKit's `--secret`). */
export interface BuildSecret {
  readonly id: string;
  /** The environment variable that holds it. */
  readonly env: string;
}

/** One image of the matrix: one processor, one Dockerfile, one word in tags. */
export interface MatrixRow {
  /** What people call the processor: `amd64`, `armhf`, `aarch64`; each once in a matrix. */
  readonly arch: string;
  readonly platform: Platform;
  /** Absolute path. */
  readonly dockerfile: string;
  /** What `{arch}` stands for in tags; `arch` unless the file says otherwise. */
  readonly word: string;
  readonly tags: TagTemplates;
  /** False: somebody else builds and pushes it (a registry's own automated build); its tag is only put into the list. */
  readonly push: boolean;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly secrets: readonly BuildSecret[];
  /** Stage of a Dockerfile with several; null is the last. */
  readonly target: string | null;
  /** The command that must end with 0 in the image; null only inspects it. */
  readonly smoke: readonly string[] | null;
}

/** `auto` takes the host's own tool or an image that is there; `none` registers nothing; else an image reference. */
export type EmulatorChoice = "auto" | "host" | "none" | { readonly image: string };

export interface PipelineConfig {
  /** Absolute path of the file itself. */
  readonly file: string;
  /** Absolute path of the repository's root; commands run there. */
  readonly root: string;
  /** Absolute path of the build context. */
  readonly context: string;
  /** Repository without a tag: `user/app`, `ghcr.io/user/app`. */
  readonly image: string;
  /** The branch that `latest` is made from. */
  readonly main: string;
  readonly builder: BuilderName | "auto";
  /** Builds at once. */
  readonly parallel: number;
  readonly emulators: EmulatorChoice;
  /** Shell commands that run before any image is built, one after the other. */
  readonly prepare: readonly string[];
  /** Shell commands of the `test` stage. */
  readonly test: readonly string[];
  /** For one test command, one build, one smoke command, ms. */
  readonly timeoutMs: number;
  /** Whether a manifest list is made, and of which kind. */
  readonly list: "docker" | "oci" | "none";
  readonly labels: Readonly<Record<string, string>>;
  readonly matrix: readonly MatrixRow[];
}

/** Where pipeline.yml is looked for in a repository's root, the first that is there; `boardhand build init` writes the first. */
export const PIPELINE_FILES = ["config/pipeline.yml", "pipeline.yml"] as const;
