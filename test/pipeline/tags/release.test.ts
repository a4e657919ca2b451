import { describe, expect, it } from "vitest";
import type { BuildContext } from "../../../src/pipeline/model.ts";
import { isFloating, isLaterRelease, releaseTags, releaseVersion } from "../../../src/pipeline/tags/index.ts";

const local: BuildContext = { provider: "git", event: "local", branch: null, tag: null, commit: null };
const tagged = (tag: string): BuildContext => ({ ...local, event: "tag", tag });
const names = (tag: string) => releaseTags(tagged(tag), "main").map(({ name }) => name);

describe("the tags of a release", () => {
  it.each([
    ["v1.2.3", ["1.2.3", "1.2", "1"]],
    ["1.2.3", ["1.2.3", "1.2", "1"]],
    ["V1.2.3", ["1.2.3", "1.2", "1"]],
    ["v10.20.30", ["10.20.30", "10.20", "10"]],
    ["v1.2", ["1.2", "1"]],
    ["v1", ["1"]],
    // A 0.x release promises nothing to the next one.
    ["v0.1.3", ["0.1.3", "0.1"]],
    ["v0.0.3", ["0.0.3", "0.0"]],
    ["v0.1", ["0.1"]],
    ["v00.1.3", ["00.1.3", "00.1"]],
    ["v0", ["0"]],
    // Releases by date keep their zeros.
    ["2026.01.05", ["2026.01.05", "2026.01", "2026"]],
    ["v1.2.3-rc.1", ["1.2.3-rc.1"]],
    ["v0.1.0-alpha", ["0.1.0-alpha"]],
    ["v1.2.3+build.5", ["1.2.3-build.5"]],
    ["v1.2.3-rc.1+build.5", ["1.2.3-rc.1-build.5"]],
    ["v1.2.3.4", ["1.2.3.4"]],
    ["nightly", ["nightly"]],
    ["vnext", ["vnext"]],
    ["release/1.2", ["release-1.2"]],
    ["app@1.2.3", ["app-1.2.3"]],
    [".hidden", ["hidden"]],
    ["Wörter", ["W-rter"]],
    ["-", []],
    ["...", []],
    ["", []],
    ["äöü", []],
    ["x".repeat(128), ["x".repeat(128)]],
    ["x".repeat(129), []],
    ["1".repeat(129), []],
    [`1.2.${"3".repeat(126)}`, ["1.2", "1"]],
  ])("must of %j be %j", (tag, wanted) => {
    expect(names(tag)).toEqual(wanted);
  });

  it("must be versions, even where the git tag is called latest", () => {
    expect(releaseTags(tagged("latest"), "main")).toEqual([{ name: "latest", kind: "version" }]);
    expect(releaseTags(tagged("v1.2"), "main")).toEqual([
      { name: "1.2", kind: "version" },
      { name: "1", kind: "version" },
    ]);
  });

  it("must be latest for a push to the main branch alone", () => {
    const push: BuildContext = { ...local, event: "push", branch: "main" };
    expect(releaseTags(push, "main")).toEqual([{ name: "latest", kind: "latest" }]);
    expect(releaseTags(push, "trunk")).toEqual([]);
    expect(releaseTags({ ...push, branch: "Main" }, "main")).toEqual([]);
  });

  it.each(["pull-request", "other", "local"] as const)(
    "must be none for %s, whatever its branch",
    (event) => {
      expect(releaseTags({ ...local, event, branch: "main", tag: "v1.2.3" }, "main")).toEqual([]);
    },
  );

  it("must be none for a tag that the CI does not name, and for a branch that is a tag's", () => {
    expect(releaseTags({ ...local, event: "tag" }, "main")).toEqual([]);
    expect(releaseTags({ ...local, event: "push", tag: "v1.2.3" }, "main")).toEqual([]);
  });
});

describe("the version of a release", () => {
  it.each([
    ["v1.2.3", "1.2.3"],
    ["1.2", "1.2"],
    ["v1.2.3-rc.1+5", "1.2.3-rc.1+5"],
    ["nightly", null],
    ["v1.2.3.4", null],
  ])("must of %s be %s", (tag, version) => {
    expect(releaseVersion(tagged(tag))).toBe(version);
  });

  it("must be none where no tag is built", () => {
    expect(releaseVersion({ ...tagged("v1.2.3"), event: "pull-request" })).toBeNull();
  });
});

describe("a tag that moves from release to release", () => {
  it.each([
    ["1", "1.2.3", true],
    ["1.2", "1.2.3", true],
    ["1.2.3", "1.2.3", false],
    ["1", "12.3", false],
    ["latest", "1.2.3", false],
  ])("%s of %s: %s", (name, version, floating) => {
    expect(isFloating(name, version)).toBe(floating);
  });

  it.each([
    ["1", "1.3.0", "1.2.9", true],
    ["1", "v1.3.0", "1.2.9", true],
    ["1", "1.10.0", "1.9.0", true],
    ["1", "1.2.9", "1.3.0", false],
    ["1", "1.2.9", "1.2.9", false],
    ["1", "1.2.09", "1.2.9", false],
    ["1.2", "1.2.10", "1.2.9", true],
    ["1", "1.3", "1.2.9", true],
    ["1", "1.3", "1.3.0", false],
    ["1", "1.9007199254740993.0", "1.9007199254740992.0", true],
    // Not a label of this tag: inherited from a base image, or nonsense.
    ["1", "24.04", "1.2.9", false],
    ["1", "12.3", "1.2.9", false],
    ["1", "1", "1.2.9", false],
    ["1", "", "1.2.9", false],
    ["1", "1.3.0-rc.1", "1.2.9", false],
    ["1", `1.${"9".repeat(1000)}`, "1.2.9", false],
    ["1", "1.3.0", "nightly", false],
  ])("must for %s hold %s against %s as later: %s", (floating, theirs, ours, later) => {
    expect(isLaterRelease(floating, theirs, ours)).toBe(later);
  });
});
