// Four projects: `unit` (no engine, part of make check), `scenarios` (real engine and registry), `current` (those of
// them that depend on the engine's version, on a current one), `browser`.
import { defineConfig } from "vitest/config";

const scenarioFiles = ["test/scenarios/**/*.test.ts"];
const currentFiles = [
  "test/scenarios/rollout.test.ts",
  "test/scenarios/pipeline/{build,smoke,manifest}.test.ts",
  "test/scenarios/compose/{same,changes,adoption,networks,compared,unknown,kill,files,hooks}.test.ts",
];
const browserFiles = ["test/browser/**/*.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...scenarioFiles, ...browserFiles],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "scenarios",
          include: scenarioFiles,
          globalSetup: ["test/lab/global-setup.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "current",
          include: currentFiles,
          globalSetup: ["test/lab/global-setup-current.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "browser",
          include: browserFiles,
          globalSetup: ["test/lab/global-setup.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
