// The tests that decide whether a mutant of core lives: core's own, and the properties.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/core/**/*.test.ts", "test/property/**/*.test.ts"], testTimeout: 20_000 },
});
