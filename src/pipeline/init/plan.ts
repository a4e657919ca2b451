// What `boardhand build init` would write, decided before anything is written. Refuses as a whole, with everything that is wrong.
import { isRepository } from "../../core/image/index.ts";
import { BoardhandError, PIPELINE_FILES } from "../../core/model/index.ts";
import type { WorkspaceFile } from "../../ports/index.ts";
import type { ArmArch } from "./bases.ts";
import type { CiName } from "./definitions.ts";
import { type ArmDockerfile, armDockerfile } from "./dockerfiles.ts";
import { pipelineFile } from "./pipeline-file.ts";

const ARM_FILES: readonly (readonly [path: string, arch: ArmArch])[] = [
  ["Dockerfile.armhf", "armhf"],
  ["Dockerfile.aarch64", "aarch64"],
];

export interface InitInput {
  /** Repository without a tag: `user/app`. */
  readonly image: string;
  readonly main: string;
  readonly ci: readonly CiName[];
  /** Of the chosen definitions. */
  readonly definitions: readonly WorkspaceFile[];
  /** Text of the repository's Dockerfile; null where there is none. */
  readonly dockerfile: string | null;
  /** Which paths the repository has, of those that matter. */
  readonly exists: (path: string) => boolean;
}

export interface InitPlan {
  readonly files: readonly WorkspaceFile[];
  /** Files that are there and stay as they are. */
  readonly kept: readonly string[];
  /** Things to know. */
  readonly notes: readonly string[];
  /** Things that will not build as they are. */
  readonly warnings: readonly string[];
}

/** Paths whose existence decides. */
export function pathsOf(definitions: readonly WorkspaceFile[]): readonly string[] {
  return [
    "Dockerfile",
    "package.json",
    ...ARM_FILES.map(([path]) => path),
    ...PIPELINE_FILES,
    ...definitions.map(({ path }) => path),
  ];
}

/** Throws BoardhandError E_USAGE with every reason why nothing can be written. */
export function planInit(input: InitInput): InitPlan {
  const problems = [...choiceProblems(input), ...takenProblems(input)];
  const { dockerfile } = input;
  if (dockerfile === null) problems.push("there is no Dockerfile to start from");
  if (dockerfile === null || problems.length > 0) throw refusal(problems);
  const arms = ARM_FILES.filter(([path]) => !input.exists(path)).map(
    ([path, arch]) => [path, armDockerfile(dockerfile, arch)] as const,
  );
  const pipeline = pipelineFile({ ...input, isNode: input.exists("package.json") });
  const kept = ["Dockerfile", ...ARM_FILES.map(([path]) => path).filter(input.exists)];
  return {
    files: [
      ...arms.map(([path, { text }]) => ({ path, text, executable: false })),
      { path: PIPELINE_FILES[0], text: pipeline, executable: false },
      ...input.definitions,
    ],
    kept,
    notes: told(arms, ({ notes }) => notes),
    warnings: told(arms, ({ warnings }) => warnings),
  };
}

function told(
  arms: readonly (readonly [string, ArmDockerfile])[],
  of: (file: ArmDockerfile) => readonly string[],
): readonly string[] {
  return [...new Set(arms.flatMap(([, file]) => of(file)))];
}

function choiceProblems({ image, main, ci, definitions }: InitInput): string[] {
  const problems: string[] = [];
  if (!isRepository(image)) {
    problems.push(`${shown(image)} is not a repository without a tag, such as user/app`);
  }
  // Stricter than git: it goes into YAML, and into patterns in which + ? * and [ mean something.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}$/.test(main) || /\.\.|\/\/|\/$/.test(main)) {
    problems.push(`${shown(main)} is not a plain name of a branch`);
  }
  const paths = definitions.map(({ path }) => path);
  const twice = [...new Set(paths.filter((path, index) => paths.indexOf(path) !== index))];
  for (const path of twice) problems.push(`two of ${ci.join(", ")} are both written to ${path}: choose one`);
  if (ci.includes("travis-buildkit") && ci.length > 1) {
    problems.push(
      "travis-buildkit goes alone: its pipeline.yml builds with buildctl, which the others have not",
    );
  }
  return problems;
}

function takenProblems({ definitions, exists }: InitInput): readonly string[] {
  const taken = [...PIPELINE_FILES, ...new Set(definitions.map(({ path }) => path))].filter(exists);
  return taken.map((path) => `${path} is there already`);
}

function refusal(problems: readonly string[]): BoardhandError {
  return new BoardhandError("E_USAGE", `nothing was written:\n${problems.join("\n")}`, {
    hint: "Move away what is there, or copy what you want from deploy/pipeline by hand.",
  });
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
