import { expect, it } from "vitest";
import { describeLimit, registryStatus } from "../../../src/core/status/index.ts";

const limit = { host: "docker.io", limit: 100, remaining: 76, windowSeconds: 21_600 };

it("a limit must be told in hours, or in minutes where it is not whole hours", () => {
  expect(describeLimit(limit)).toBe("docker.io gives 76 more of 100 pulls in 6 h");
  expect(describeLimit({ ...limit, windowSeconds: 90 })).toBe(
    "docker.io gives 76 more of 100 pulls in 2 min",
  );
});

it("what a registry counts by must not be shown", () => {
  const heard = { ...limit, seenAt: Date.UTC(2026, 0, 2), source: "203.0.113.7" };
  expect(registryStatus(heard)).toEqual({ ...limit, seenAt: "2026-01-02T00:00:00.000Z" });
});
