import { describe, expect, it } from "vitest";
import { contextFromCi, guarded } from "../../../src/pipeline/context/index.ts";
import type { BuildContext } from "../../../src/pipeline/model.ts";

type Env = Readonly<Record<string, string>>;
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

const travis: Env = {
  CI: "true",
  TRAVIS: "true",
  TRAVIS_BRANCH: "main",
  TRAVIS_TAG: "",
  TRAVIS_PULL_REQUEST: "false",
  TRAVIS_EVENT_TYPE: "push",
  TRAVIS_COMMIT: COMMIT,
};
const drone: Env = {
  CI: "true",
  DRONE: "true",
  DRONE_BUILD_EVENT: "push",
  DRONE_BRANCH: "main",
  DRONE_COMMIT: COMMIT,
};
const woodpecker: Env = {
  CI: "woodpecker",
  CI_PIPELINE_EVENT: "push",
  CI_COMMIT_BRANCH: "main",
  CI_COMMIT_SHA: COMMIT,
};
const gitlab: Env = {
  CI: "true",
  GITLAB_CI: "true",
  CI_PIPELINE_SOURCE: "push",
  CI_COMMIT_BRANCH: "main",
  CI_COMMIT_SHA: COMMIT,
};
const github: Env = {
  CI: "true",
  GITHUB_ACTIONS: "true",
  GITHUB_EVENT_NAME: "push",
  GITHUB_REF: "refs/heads/main",
  GITHUB_REF_TYPE: "branch",
  GITHUB_HEAD_REF: "",
  GITHUB_BASE_REF: "",
  GITHUB_SHA: COMMIT,
};
const hub: Env = {
  SOURCE_BRANCH: "main",
  SOURCE_COMMIT: COMMIT,
  DOCKER_REPO: "index.docker.io/user/app",
  DOCKER_TAG: "armhf",
  IMAGE_NAME: "index.docker.io/user/app:armhf",
  DOCKERFILE_PATH: "Dockerfile.armhf",
};
const githubTag: Env = { ...github, GITHUB_REF: "refs/tags/v1.2.3", GITHUB_REF_TYPE: "tag" };

/** `Travis CI: push main`, with `-` for what is null. */
function said(env: Env): string {
  const context = contextFromCi(env);
  if (context === null) return "none";
  return `${context.provider}: ${context.event} ${context.branch ?? "-"} ${context.tag ?? "-"}`;
}

describe("a push to a branch must be known as one, with its commit", () => {
  it.each([
    ["Travis CI", travis],
    ["Drone", drone],
    ["Woodpecker CI", woodpecker],
    ["GitLab CI", gitlab],
    ["GitHub Actions", github],
    ["Gitea Actions", { ...github, GITEA_ACTIONS: "true" }],
    ["Forgejo Actions", { ...github, GITEA_ACTIONS: "true", FORGEJO_ACTIONS: "true" }],
    ["Docker Hub", hub],
  ])("%s", (provider, env) => {
    expect(contextFromCi(env)).toEqual({
      provider,
      event: "push",
      branch: "main",
      tag: null,
      commit: COMMIT,
    });
  });
});

describe("a tag must be known as one, and be of no branch", () => {
  it.each([
    ["Travis CI", { ...travis, TRAVIS_BRANCH: "v1.2.3", TRAVIS_TAG: "v1.2.3" }],
    ["Drone", { ...drone, DRONE_BUILD_EVENT: "tag", DRONE_BRANCH: "main", DRONE_TAG: "v1.2.3" }],
    ["Woodpecker CI", { ...woodpecker, CI_PIPELINE_EVENT: "tag", CI_COMMIT_TAG: "v1.2.3" }],
    ["GitLab CI", { ...gitlab, CI_COMMIT_BRANCH: "", CI_COMMIT_TAG: "v1.2.3" }],
    ["GitHub Actions", githubTag],
    ["GitHub Actions", { ...githubTag, GITHUB_REF_TYPE: "" }],
    ["Docker Hub", { ...hub, SOURCE_BRANCH: "v1.2.3" }],
  ])("%s", (provider, env) => {
    expect(contextFromCi(env)).toEqual({
      provider,
      event: "tag",
      branch: null,
      tag: "v1.2.3",
      commit: COMMIT,
    });
  });
});

describe("whatever says pull request anywhere must win, and the branch it wants to go to must not be told", () => {
  it.each<[string, Env]>([
    ["Travis, a number", { ...travis, TRAVIS_PULL_REQUEST: "17", TRAVIS_EVENT_TYPE: "pull_request" }],
    ["Travis, the number alone", { ...travis, TRAVIS_PULL_REQUEST: "17" }],
    ["Travis, the event alone", { ...travis, TRAVIS_EVENT_TYPE: "pull_request" }],
    ["Travis, nothing said", { TRAVIS: "true", TRAVIS_BRANCH: "main", TRAVIS_COMMIT: COMMIT }],
    ["Travis, another spelling", { ...travis, TRAVIS_PULL_REQUEST: "FALSE" }],
    ["Travis, with a tag", { ...travis, TRAVIS_PULL_REQUEST: "17", TRAVIS_TAG: "v1.2.3" }],
    ["Drone", { ...drone, DRONE_BUILD_EVENT: "pull_request", DRONE_PULL_REQUEST: "3" }],
    ["Drone, the number alone", { ...drone, DRONE_PULL_REQUEST: "3" }],
    ["Drone, the ref alone", { ...drone, DRONE_COMMIT_REF: "refs/pull/3/head" }],
    ["Woodpecker", { ...woodpecker, CI_PIPELINE_EVENT: "pull_request" }],
    ["Woodpecker, closed", { ...woodpecker, CI_PIPELINE_EVENT: "pull_request_closed" }],
    ["Woodpecker, the number alone", { ...woodpecker, CI_COMMIT_PULL_REQUEST: "3" }],
    ["GitLab", { ...gitlab, CI_PIPELINE_SOURCE: "merge_request_event" }],
    ["GitLab, the number alone", { ...gitlab, CI_MERGE_REQUEST_IID: "3" }],
    ["GitLab, external", { ...gitlab, CI_PIPELINE_SOURCE: "external_pull_request_event" }],
    ["GitHub", { ...github, GITHUB_EVENT_NAME: "pull_request", GITHUB_REF: "refs/pull/3/merge" }],
    // Runs with secrets, on the target branch's ref.
    ["GitHub, target", { ...github, GITHUB_EVENT_NAME: "pull_request_target" }],
    ["GitHub, review", { ...github, GITHUB_EVENT_NAME: "pull_request_review" }],
    ["GitHub, the ref alone", { ...github, GITHUB_REF: "refs/pull/3/merge" }],
    ["GitHub, the head alone", { ...github, GITHUB_HEAD_REF: "patch-1" }],
    ["one CI inside another", { ...hub, GITHUB_EVENT_NAME: "pull_request" }],
  ])("%s", (_, env) => {
    expect(contextFromCi(env)).toMatchObject({ event: "pull-request", branch: null, tag: null });
  });
});

describe("what is neither push nor pull request must be something else", () => {
  it.each<[string, Env]>([
    ["Travis CI: other main -", { ...travis, TRAVIS_EVENT_TYPE: "cron" }],
    ["Travis CI: other main -", { ...travis, TRAVIS_EVENT_TYPE: "api" }],
    ["Drone: other main -", { ...drone, DRONE_BUILD_EVENT: "promote" }],
    ["Drone: other - v1.2.3", { ...drone, DRONE_BUILD_EVENT: "promote", DRONE_TAG: "v1.2.3" }],
    ["Drone: other main -", { ...drone, DRONE_BUILD_EVENT: "cron" }],
    ["Drone: other main -", { ...drone, DRONE_BUILD_EVENT: "tag" }],
    ["Drone: other main -", { DRONE: "true", DRONE_BRANCH: "main", DRONE_COMMIT: COMMIT }],
    ["Woodpecker CI: other main -", { ...woodpecker, CI_PIPELINE_EVENT: "manual" }],
    ["GitLab CI: other main -", { ...gitlab, CI_PIPELINE_SOURCE: "schedule" }],
    ["GitHub Actions: other main -", { ...github, GITHUB_EVENT_NAME: "workflow_dispatch" }],
    ["GitHub Actions: other main -", { ...github, GITHUB_EVENT_NAME: "workflow_run" }],
    ["GitHub Actions: other main -", { ...github, GITHUB_REF_TYPE: "tag" }],
    ["GitHub Actions: other - -", { ...github, GITHUB_REF: "" }],
    ["GitHub Actions: other - v1.2.3", { ...githubTag, GITHUB_EVENT_NAME: "release" }],
    // A pull request that Docker Hub only tests has an image name of its own.
    ["Docker Hub: other main -", { ...hub, IMAGE_NAME: "this" }],
    ["Docker Hub: other main -", { ...hub, DOCKER_TAG: "" }],
  ])("%s", (expected, env) => {
    expect(said(env)).toBe(expected);
  });
});

describe("where no CI is known, nothing must be said", () => {
  it.each<[string, Env]>([
    ["nothing set", {}],
    ["an unknown CI", { CI: "true", BRANCH_NAME: "main" }],
    ["a variable that says no", { TRAVIS: "false", DRONE: "", GITHUB_ACTIONS: "1" }],
    ["half of Docker Hub", { SOURCE_BRANCH: "main" }],
  ])("%s", (_, env) => {
    expect(contextFromCi(env)).toBeNull();
  });
});

describe("names that are not plain names must not get any further", () => {
  const hostile = [
    "main\nlatest",
    "$(id)",
    "a;b",
    "`id`",
    "a b",
    "-x",
    "a..b",
    "a//b",
    "@{u}",
    "main\u001b[31m",
    "x".repeat(256),
    "ünder",
  ];

  it.each(hostile)("as a branch: %j", (name) => {
    expect(said({ ...travis, TRAVIS_BRANCH: name })).toBe("Travis CI: push - -");
    expect(said({ ...github, GITHUB_REF: `refs/heads/${name}` })).toBe("GitHub Actions: push - -");
    expect(said({ ...hub, SOURCE_BRANCH: name })).toBe("Docker Hub: push - -");
  });

  it.each(hostile)("as a tag, which must not become a push of the branch: %j", (name) => {
    expect(said({ ...travis, TRAVIS_TAG: name })).toBe("Travis CI: other - -");
    expect(said({ ...drone, DRONE_BUILD_EVENT: "tag", DRONE_TAG: name })).toBe("Drone: other - -");
    expect(said({ ...githubTag, GITHUB_REF: `refs/tags/${name}` })).toBe("GitHub Actions: other - -");
  });

  it.each(["", "abc", `${COMMIT}\n`, `${COMMIT}0`, "z".repeat(40)])("as a commit: %j", (commit) => {
    expect(contextFromCi({ ...travis, TRAVIS_COMMIT: commit })?.commit).toBeNull();
  });

  it("a SHA-256 commit is one, and upper case is written in lower", () => {
    expect(contextFromCi({ ...travis, TRAVIS_COMMIT: COMMIT.toUpperCase() })?.commit).toBe(COMMIT);
    expect(contextFromCi({ ...travis, TRAVIS_COMMIT: "ab".repeat(32) })?.commit).toBe("ab".repeat(32));
  });

  it.each(["feature/x_1.2-a", "dependabot/npm_and_yarn/x-1.2.3", "issue-#12", "user@host"])(
    "and ordinary ones must get through: %s",
    (name) => {
      expect(contextFromCi({ ...travis, TRAVIS_BRANCH: name })?.branch).toBe(name);
    },
  );
});

describe("on Docker Hub, which says SOURCE_BRANCH for both, only a whole version must be taken for a tag", () => {
  it.each([
    ["v1.2.3", "tag"],
    ["1.2.3", "tag"],
    ["v1.2.3-rc.1", "tag"],
    ["1.2", "push"],
    ["v1", "push"],
    ["release-1.2.3", "push"],
    ["main", "push"],
  ])("%s is a %s", (source, event) => {
    expect(contextFromCi({ ...hub, SOURCE_BRANCH: source })?.event).toBe(event);
  });
});

describe("a build that no known CI describes, as git has it", () => {
  const main: BuildContext = { provider: "git", event: "push", branch: "main", tag: null, commit: COMMIT };

  it.each<[string, Readonly<Record<string, string>>]>([
    ["Jenkins", { CHANGE_ID: "7" }],
    ["CircleCI", { CIRCLE_PULL_REQUEST: "https://example.org/pull/7" }],
    ["Buildkite", { BUILDKITE_PULL_REQUEST: "7" }],
  ])("must be a pull request where %s says so", (_, environment) => {
    expect(guarded(main, environment)).toEqual({ ...main, event: "pull-request", branch: null });
  });

  it("must stay what it is where nothing says so", () => {
    expect(guarded(main, { CI: "true", BUILDKITE_PULL_REQUEST: "false", CHANGE_ID: "" })).toEqual(main);
  });
});
