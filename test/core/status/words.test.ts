// The sentences and the order that people read, each in full.
import { describe, expect, it } from "vitest";
import type { QuarantineEntry, Rollout } from "../../../src/core/model/index.ts";
import { compareText, quarantineStatus, rolloutStatus, wordList } from "../../../src/core/status/words.ts";
import { digest } from "./builders.ts";

describe("order and lists", () => {
  it.each([
    ["a", "b", -1],
    ["b", "a", 1],
    ["a", "a", 0],
    ["B", "a", -1],
  ])("%j against %j must be %d, on every machine", (a, b, expected) => {
    expect(compareText(a, b)).toBe(expected);
  });

  it.each([
    [[], ""],
    [["a"], "a"],
    [["a", "b"], "a and b"],
    [["a", "b", "c", "d"], "a, b, c and d"],
  ])("%j must read as %j", (words, expected) => {
    expect(wordList(words)).toBe(expected);
  });
});

describe("a rollout", () => {
  const moving = { good: "r1", to: "r2", jobs: [] } as const;
  const back = {
    kind: "rollingBack",
    good: "r1",
    failed: "r2",
    jobs: [],
    reason: "web is unhealthy",
  } as const;
  const over = { kind: "stalled", good: "r1", failed: "r2", reason: "web is unhealthy" } as const;
  it.each<[string, Rollout, object]>([
    ["idle", { kind: "idle", good: "r1" }, { message: "", to: null, moved: [] }],
    [
      "progressing",
      { kind: "progressing", ...moving, moved: ["web", "db"] },
      { message: "replacing db and web", to: "r2", moved: ["web", "db"] },
    ],
    [
      "progressing without services",
      { kind: "progressing", ...moving, moved: [] },
      { message: "replacing nothing", to: "r2", moved: [] },
    ],
    [
      "monitoring",
      { kind: "monitoring", ...moving, moved: ["web"], until: 0 },
      {
        message: "watching web: the old containers wait until the new ones have proved themselves",
        to: "r2",
        moved: ["web"],
        until: "1970-01-01T00:00:00.000Z",
      },
    ],
    [
      "rolling back",
      { ...back, moved: ["web"] },
      { message: "putting back web: web is unhealthy", to: "r1", moved: ["web"] },
    ],
    [
      "rolled back",
      { ...over, rolledBack: true },
      { message: "rolled back: web is unhealthy", to: null, moved: [] },
    ],
    [
      "failed",
      { ...over, rolledBack: false },
      { message: "failed and left as it is for you to look at: web is unhealthy", to: null, moved: [] },
    ],
  ])("that is %s must be told in one sentence", (_what, rollout, expected) => {
    expect(rolloutStatus(rollout)).toEqual({ state: rollout.kind, until: null, ...expected });
  });
});

describe("a quarantine", () => {
  const told = (platformDigest: QuarantineEntry["platformDigest"], definitionHash: string | null) => {
    const culprit = { service: "web", platformDigest, definitionHash };
    return quarantineStatus({ ...culprit, culprit, reason: "exited", since: 0 }).message;
  };

  it("of an image must end with its tag, also where the definition moved with it", () => {
    expect(told(digest("b"), `v1:${"c".repeat(64)}`)).toBe(
      "web does not get image bbbbbbbbbbbb and definition cccccccccccc again: exited (until its tag moves)",
    );
  });

  it("of a definition alone must end with the compose file", () => {
    expect(told(null, `v1:${"c".repeat(64)}`)).toBe(
      "web does not get definition cccccccccccc again: exited (until its definition in the compose file changes)",
    );
  });
});
