// Mutation of core: a wrong decision that no test notices. Everything else is judged by real parts instead.

export default {
  testRunner: "vitest",
  // One failing test ends the first run, and some compare generated pages: docs are copied too.
  vitest: { configFile: "vitest.core.config.ts", related: false },
  mutate: ["src/core/**/*.ts", "!src/core/**/index.ts"],
  coverageAnalysis: "perTest",
  ignoreStatic: true,
  incremental: false,
  concurrency: 2,
  timeoutMS: 20_000,
  reporters: ["clear-text", "html", "json"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: ".cache/mutation/report.html" },
  jsonReporter: { fileName: ".cache/mutation/report.json" },
  tempDirName: ".cache/stryker",
  ignorePatterns: ["dist", ".cache"],
  thresholds: { high: 95, low: 85, break: 85 },
};
