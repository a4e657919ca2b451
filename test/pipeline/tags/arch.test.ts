import { describe, expect, it } from "vitest";
import type { PipelineConfig } from "../../../src/core/model/index.ts";
import type { BuildContext, ReleaseTag } from "../../../src/pipeline/model.ts";
import { archTags, tagProblems } from "../../../src/pipeline/tags/index.ts";
import { aarch64, amd64, armhf, configOf } from "../rows.ts";

const version = (name: string): ReleaseTag => ({ name, kind: "version" });
const latest: ReleaseTag = { name: "latest", kind: "latest" };
const onMain: BuildContext = { provider: "git", event: "push", branch: "main", tag: null, commit: null };
const tagged = (tag: string): BuildContext => ({ ...onMain, event: "tag", branch: null, tag });

describe("the tags of an architecture", () => {
  it("must be one for each tag of the release", () => {
    expect(archTags(armhf.tags, "armhf", [version("1.2.3"), version("1.2"), version("1")])).toEqual([
      "1.2.3-armhf",
      "1.2-armhf",
      "1-armhf",
    ]);
    expect(archTags(armhf.tags, "armhf", [latest])).toEqual(["armhf"]);
  });

  it("must follow their templates, with latest as the version of the main branch", () => {
    const tags = { version: "{arch}-{version}", latest: "{version}-linux-{arch}" };
    expect(archTags(tags, "arm", [version("1"), latest])).toEqual(["arm-1", "latest-linux-arm"]);
  });

  it("must take words as they are, and name no tag twice", () => {
    expect(archTags({ version: "{arch}", latest: "x" }, "$&{version}", [version("1"), version("2")])).toEqual(
      ["$&{version}"],
    );
  });
});

function messages(config: Partial<PipelineConfig>, context: BuildContext = onMain): readonly string[] {
  return tagProblems(configOf(config), context).map(({ message }) => message);
}

describe("tags that cannot work", () => {
  it("must be none in an ordinary matrix, for any build", () => {
    for (const context of [
      onMain,
      tagged("v1.2.3"),
      tagged("nightly"),
      { ...onMain, event: "local" as const },
    ]) {
      expect(messages({}, context)).toEqual([]);
    }
  });

  it("must be refused where the registry would refuse them", () => {
    const bad = { ...armhf, tags: { version: "{version}-{arch}", latest: "{arhc}" } };
    expect(messages({ matrix: [amd64, bad] })).toEqual(['armhf: "{arhc}" is not a tag']);
    expect(messages({ matrix: [{ ...armhf, word: "arm/v7" }] })).toEqual([
      'armhf: "1.2.3-arm/v7" is not a tag',
      'armhf: "arm/v7" is not a tag',
    ]);
    expect(messages({ matrix: [armhf] }, tagged("x".repeat(125)))[0]).toMatch(
      /^armhf: "x{80}" is not a tag$/,
    );
  });

  it("must be refused before the first release, where a release would overwrite the one before", () => {
    const same = { ...armhf, tags: { version: "{arch}", latest: "{arch}" } };
    expect(messages({ matrix: [amd64, same] })).toEqual([
      'armhf: its tags.version "{arch}" is the same for every release',
    ]);
  });

  it("must be refused where two rows would push the same", () => {
    expect(messages({ matrix: [armhf, { ...aarch64, word: "armhf" }] })).toEqual([
      "armhf and aarch64 would both be pushed as 1.2.3-armhf",
      "armhf and aarch64 would both be pushed as armhf",
    ]);
    const others = { ...amd64, word: "armhf", push: false };
    expect(messages({ matrix: [armhf, others] })).toHaveLength(2);
  });

  it("must be taken where two rows share what somebody else pushes", () => {
    const theirs = { version: "{version}", latest: "latest" };
    const matrix = [
      { ...amd64, push: false, tags: theirs },
      { ...aarch64, push: false, tags: theirs },
      armhf,
    ];
    expect(messages({ matrix })).toEqual([]);
  });

  it("must be refused where the list would take an image's place, unless somebody else pushes that", () => {
    const bare = { ...amd64, tags: { version: "{version}", latest: "latest" } };
    expect(messages({ matrix: [bare, armhf] })).toEqual([
      "amd64 would be pushed as 1.2.3, which is the tag of the manifest list",
      "amd64 would be pushed as latest, which is the tag of the manifest list",
    ]);
    expect(messages({ matrix: [{ ...bare, push: false }, armhf] })).toEqual([]);
    expect(messages({ matrix: [bare, armhf], list: "none" })).toEqual([]);
  });

  it("must be refused where a git tag is what the main branch makes", () => {
    expect(messages({}, tagged("latest"))).toContainEqual(
      'the git tag "latest" would take the place of the tag that the main branch makes',
    );
    expect(messages({}, tagged("armhf"))).toEqual([
      "armhf would be pushed as armhf, which is the tag of the manifest list",
    ]);
  });

  it("must be refused where a git tag can be no image's", () => {
    expect(messages({}, tagged("äöü"))).toEqual(['the git tag "äöü" cannot be made the tag of an image']);
    expect(messages({}, tagged("x".repeat(129)))).toHaveLength(1);
  });
});
