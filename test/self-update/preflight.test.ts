// What of a new image's doctor speaks against the image, and what only against the board.
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/self-update/deps.ts";
import { findingsIn, worseThan } from "../../src/self-update/preflight.ts";

const finding = (name: string, state: Finding["state"], more: Partial<Finding> = {}): Finding => ({
  name,
  state,
  message: `about ${name}`,
  ...more,
});

describe("a look round by the new image", () => {
  it("must speak against it by what fails there and not here", () => {
    const here = [finding("engine", "ok"), finding("registries", "fail")];
    const there = [finding("engine", "fail"), finding("registries", "fail"), finding("state", "warn")];
    expect(worseThan(here, there).map(({ name }) => name)).toEqual(["engine"]);
  });

  it("must not speak against it by checks that were given up on a slow board", () => {
    const there = [finding("projects", "fail", { late: true }), finding("state", "fail")];
    expect(worseThan([], there).map(({ name }) => name)).toEqual(["state"]);
  });

  it("must be found among the lines of its log, by agents that know fewer fields as well", () => {
    const findings = [{ ...finding("engine", "fail", { late: true }), hint: null, later: 1 }];
    const log = `{"level":30}\n${JSON.stringify(findings, null, 2)}\n{"level":30}\n`;
    expect(findingsIn(log)).toEqual(findings);
    for (const wrong of ["", "[]", "[\n]", '[\n  {"name": 1}\n]', "[\n  nonsense\n]"])
      expect(findingsIn(wrong), wrong).toBeNull();
  });
});
