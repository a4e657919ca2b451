// The projects: `unit` (no engine, part of make check); `scenarios`, `own` and `pipeline` (real engine and registry: the
// agent's, those of the agent in its own image, and the pipeline's); `current` (those of them that depend on the engine's
// version, on a current one); `browser`; `boards` (virtual ARM boards); and `machine`, which changes what all containers of
// the machine share and therefore runs alone.
import { defineConfig } from "vitest/config";

const scenarioFiles = ["test/scenarios/**/*.test.ts"];
const pipelineFiles = ["test/scenarios/pipeline/**/*.test.ts"];
const ownFiles = ["test/scenarios/{install,self-update}/*.test.ts"];
const machineFiles = ["test/scenarios/pipeline/emulators*.test.ts"];
const currentFiles = [
  "test/scenarios/rollout.test.ts",
  "test/scenarios/pipeline/{build,smoke,manifest}.test.ts",
  "test/scenarios/compose/{same,changes,adoption,networks,compared,unknown,kill,files,hooks}.test.ts",
];
const browserFiles = ["test/browser/**/*.test.ts"];
const boardFiles = ["test/boards/**/*.test.ts"];

/** Boards of the fault matrices at a time. Said of the command line it would not reach the projects. */
const maxConcurrency = Number(process.env.LANES || 5);

/**
 * For a machine that is several times slower and runs two lanes: no test waits for these where all is well, and what waits for
 * a condition by itself (`eventually`, two minutes) is to say first what it saw last.
 */
const patience = { testTimeout: 420_000, hookTimeout: 420_000, expect: { poll: { timeout: 120_000 } } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...scenarioFiles, ...browserFiles, ...boardFiles],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 30_000 } },
        },
      },
      {
        test: {
          name: "scenarios",
          include: scenarioFiles,
          exclude: [...pipelineFiles, ...ownFiles],
          maxConcurrency,
          globalSetup: ["test/lab/global-setup.ts"],
          fileParallelism: false,
          ...patience,
        },
      },
      {
        test: {
          name: "own",
          include: ownFiles,
          maxConcurrency,
          globalSetup: ["test/lab/global-setup.ts"],
          fileParallelism: false,
          ...patience,
        },
      },
      {
        test: {
          name: "pipeline",
          include: pipelineFiles,
          exclude: machineFiles,
          globalSetup: ["test/lab/global-setup.ts"],
          fileParallelism: false,
          ...patience,
        },
      },
      {
        test: {
          name: "machine",
          include: machineFiles,
          globalSetup: ["test/lab/global-setup.ts"],
          fileParallelism: false,
          ...patience,
        },
      },
      {
        test: {
          name: "current",
          include: currentFiles,
          globalSetup: ["test/lab/global-setup-current.ts"],
          fileParallelism: false,
          ...patience,
        },
      },
      {
        test: {
          name: "browser",
          include: browserFiles,
          globalSetup: ["test/lab/global-setup.ts"],
          fileParallelism: false,
          ...patience,
        },
      },
      {
        test: {
          name: "boards",
          include: boardFiles,
          globalSetup: ["test/lab/global-setup.ts"],
          fileParallelism: false,
          testTimeout: 3_600_000,
          hookTimeout: 2_400_000,
        },
      },
    ],
  },
});
