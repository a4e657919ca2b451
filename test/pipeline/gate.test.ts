import { describe, expect, it } from "vitest";
import { pushGate } from "../../src/pipeline/gate.ts";
import type { BuildContext } from "../../src/pipeline/model.ts";

const main: BuildContext = {
  provider: "git",
  event: "push",
  branch: "main",
  tag: null,
  commit: "0123456789abcdef",
};
const tag: BuildContext = { ...main, event: "tag", branch: null, tag: "v1.2.3" };

describe("the gate of pushing", () => {
  it.each([
    ["a push to the main branch", main, "DOCKER_PUSH=yes and this is main"],
    ["a tag", tag, "DOCKER_PUSH=yes and this is the tag v1.2.3"],
  ])("must be open for %s with DOCKER_PUSH=yes", (_, context, reason) => {
    expect(pushGate(context, "main", "yes")).toEqual({ open: true, reason });
  });

  it.each<[string, BuildContext, string | undefined, string]>([
    ["nobody asked for it", main, undefined, "DOCKER_PUSH is not set to yes"],
    ["it is asked for with nothing", main, "", "DOCKER_PUSH is not set to yes"],
    ["it is asked for in another word", main, "true", 'DOCKER_PUSH is "true", not yes'],
    ["it is asked for in capitals", main, "YES", 'DOCKER_PUSH is "YES", not yes'],
    ["it is another branch", { ...main, branch: "next" }, "yes", "next is not main"],
    ["no branch is known", { ...main, branch: null }, "yes", "no branch is known"],
    [
      "it is a pull request, even from main",
      { ...main, event: "pull-request" },
      "yes",
      "this is a pull request",
    ],
    ["it is a pull request with a tag", { ...tag, event: "pull-request" }, "yes", "this is a pull request"],
    [
      "it is a tag without a name",
      { ...tag, tag: null },
      "yes",
      "this is neither a push to a branch nor a tag",
    ],
    [
      "it is a nightly job",
      { ...main, event: "other" },
      "yes",
      "this is neither a push to a branch nor a tag",
    ],
    ["nothing is known", { ...main, event: "local" }, "yes", "this is neither a push to a branch nor a tag"],
    [
      "files have changed",
      { ...main, commit: "01-dirty" },
      "yes",
      "there are changes that are not committed",
    ],
  ])("must be closed when %s", (_, context, dockerPush, reason) => {
    expect(pushGate(context, "main", dockerPush)).toEqual({ open: false, reason });
  });
});
