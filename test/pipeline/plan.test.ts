import { describe, expect, it } from "vitest";
import { BoardhandError } from "../../src/core/model/index.ts";
import { type PlanInput, planBuild, renderBuildPlan } from "../../src/pipeline/plan.ts";
import { amd64, armhf, configOf, pushed, rowOf } from "./rows.ts";

/** As many rows as a plan needs to show that there are several. */
const TWO = { matrix: [amd64, armhf] };

function plan(change: Partial<PlanInput> = {}): string {
  const config = change.config ?? configOf({ ...TWO, test: ["npm test"], prepare: ["npm run bundle"] });
  const context = change.context ?? pushed();
  const input = { config, context, stages: [], rows: config.matrix, dockerPush: "yes", ...change };
  return renderBuildPlan(planBuild(input), config, context);
}

function refusal(change: Partial<PlanInput>): BoardhandError {
  try {
    plan(change);
  } catch (error) {
    if (error instanceof BoardhandError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("the plan of a build", () => {
  it("must push the main branch as the word of each processor, and list them as latest", () => {
    expect(plan()).toBe(`user/app: git, push to main, 0123456789ab
emulators  for linux/amd64, linux/arm/v7
test       npm test
image      npm run bundle
           amd64: Dockerfile for linux/amd64 as user/app:amd64
           armhf: Dockerfile for linux/arm/v7 as user/app:armhf
smoke      user/app:amd64: looked at, not run
           user/app:armhf: looked at, not run
push       user/app:amd64 as amd64
           user/app:armhf as armhf
manifest   user/app:latest of amd64, armhf
`);
  });

  it("must push a release under its version and what is shorter, and list it so", () => {
    const context = pushed({ event: "tag", branch: null, tag: "v1.2.3" });
    expect(plan({ context, stages: ["push", "manifest"] })).toBe(`user/app: git, tag v1.2.3, 0123456789ab
push       user/app:amd64 as 1.2.3-amd64, 1.2-amd64, 1-amd64
           user/app:armhf as 1.2.3-armhf, 1.2-armhf, 1-armhf
manifest   user/app:1.2.3 of amd64, armhf
           user/app:1.2 of amd64, armhf
           user/app:1 of amd64, armhf
`);
  });

  it.each<[string, Partial<PlanInput>, string]>([
    [
      "a pull request",
      { context: pushed({ event: "pull-request", branch: null }) },
      "this is a pull request",
    ],
    ["another branch", { context: pushed({ branch: "next" }) }, "next is not main"],
    ["a build that nobody asked to push", { dockerPush: undefined }, "DOCKER_PUSH is not set to yes"],
  ])("must push and list nothing of %s", (_, change, reason) => {
    expect(
      plan({ ...change, stages: ["push", "manifest"] })
        .split("\n")
        .slice(1),
    ).toEqual([`push       nothing: ${reason}`, `manifest   nothing: ${reason}`, ""]);
  });

  it("must run stages in their order, in whichever they were asked for", () => {
    const lines = plan({ stages: ["smoke", "image", "emulators"] }).split("\n");
    expect(
      lines.map((line) => line.split(" ")[0]).filter((word) => word !== "" && word !== "user/app:"),
    ).toEqual(["emulators", "image", "smoke"]);
  });

  it("must leave what somebody else pushes to them, and list it all the same", () => {
    const elsewhere = { ...amd64, push: false, tags: { version: "{version}", latest: "latest" } };
    const config = configOf({ ...TWO, matrix: [elsewhere, armhf] });
    expect(plan({ config, stages: ["push", "manifest"] })).toContain(
      "push       amd64: left to somebody else\n           user/app:armhf as armhf\nmanifest   user/app:latest of amd64, armhf\n",
    );
  });

  it("must make no list of some of the matrix, and refuse one that is asked for", () => {
    expect(plan({ rows: [armhf] })).toContain("manifest   nothing: only some of the matrix was chosen\n");
    expect(refusal({ rows: [armhf], stages: ["push", "manifest"] }).code).toBe("E_USAGE");
  });

  it("must make no list where the file wants none", () => {
    expect(plan({ config: configOf({ ...TWO, list: "none" }) })).toContain(
      "manifest   nothing: list: none\n",
    );
  });

  it("must be refused when two images would take each other's place", () => {
    const config = configOf({ ...TWO, matrix: [amd64, rowOf("armhf", "linux/arm/v7", { word: "amd64" })] });
    const error = refusal({ config });
    expect(error.code).toBe("E_CONFIG");
    expect(error.message).toContain("amd64 and armhf would both be pushed as amd64");
  });

  it("must be refused for a git tag that cannot be an image's", () => {
    const context = pushed({ event: "tag", branch: null, tag: "latest" });
    const error = refusal({ context });
    expect(error.code).toBe("E_CONFIG");
  });
});
