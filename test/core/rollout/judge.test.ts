import { describe, expect, it } from "vitest";
import type { ObservedContainer } from "../../../src/core/model/index.ts";
import { judge } from "../../../src/core/rollout/index.ts";
import { container, service } from "../../support/builders.ts";

const SERVER = { mayComplete: false, restartsBefore: 0 };
const JOB = { mayComplete: true, restartsBefore: 0 };
const web = (parts: Partial<ObservedContainer>) => container(service("web"), "1", parts);

const ROWS: readonly (readonly [string, Partial<ObservedContainer>, typeof SERVER, string])[] = [
  ["a running container without a health check is well", {}, SERVER, "well"],
  ["a healthy one is well", { health: "healthy" }, SERVER, "well"],
  ["one whose health check has not spoken is pending", { health: "starting" }, SERVER, "pending"],
  ["an unhealthy one failed", { health: "unhealthy" }, SERVER, "failed: is unhealthy"],
  [
    "an unhealthy one says what its check printed",
    { health: "unhealthy", healthOutput: "404" },
    SERVER,
    "failed: is unhealthy: 404",
  ],
  [
    "one that restarted is not running, whatever its state",
    { restartCount: 2, exitCode: 1 },
    SERVER,
    "failed: restarted 2 times, last exit code 1",
  ],
  [
    "one that restarted again counts from where it was",
    { restartCount: 5, exitCode: 1 },
    { mayComplete: false, restartsBefore: 2 },
    "failed: restarted 3 times, last exit code 1",
  ],
  [
    "restarts from before do not count",
    { restartCount: 2 },
    { mayComplete: false, restartsBefore: 2 },
    "well",
  ],
  [
    "one between restarts failed",
    { state: "restarting", exitCode: 3 },
    SERVER,
    "failed: keeps restarting, last exit code 3",
  ],
  ["one that was not started yet is pending", { state: "created" }, SERVER, "pending"],
  [
    "one that could not be started failed in the engine's words",
    { state: "created", error: "port is taken" },
    SERVER,
    "failed: port is taken",
  ],
  ["a server that ended failed", { state: "exited", exitCode: 0 }, SERVER, "failed: exited with code 0"],
  ["a job that ended with 0 is well", { state: "exited", exitCode: 0 }, JOB, "well"],
  [
    "a job that ended with 2 failed",
    { state: "exited", exitCode: 2, error: "no such file" },
    JOB,
    "failed: exited with code 2: no such file",
  ],
  ["a paused one is pending", { state: "paused" }, SERVER, "pending"],
  ["a dead one failed", { state: "dead" }, SERVER, "failed: is dead"],
  ["one that is being removed failed", { state: "removing" }, SERVER, "failed: is removing"],
];

describe("judging a container", () => {
  for (const [title, parts, options, expected] of ROWS) {
    it(title, () => {
      const verdict = judge(web(parts), options);
      expect(verdict.kind === "failed" ? `failed: ${verdict.reason}` : verdict.kind).toBe(expected);
    });
  }

  it("one that has vanished failed", () => {
    expect(judge(null, SERVER)).toEqual({ kind: "failed", reason: "its container has vanished" });
  });
});
