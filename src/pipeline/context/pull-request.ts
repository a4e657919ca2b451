// Whether anything at all in the environment says pull request: then it is one, whichever CI it is and whatever else it says.
import { type Environment, isSet } from "./refs.ts";

/** Variables that are set, and not to `false`, for pull requests only. */
const MARKS = [
  "TRAVIS_PULL_REQUEST",
  "TRAVIS_PULL_REQUEST_BRANCH",
  "DRONE_PULL_REQUEST",
  "CI_COMMIT_PULL_REQUEST",
  "CI_MERGE_REQUEST_IID",
  "CI_MERGE_REQUEST_ID",
  "CI_EXTERNAL_PULL_REQUEST_IID",
  "GITHUB_HEAD_REF",
  "GITHUB_BASE_REF",
  // CIs that nothing else is known of here: Jenkins, CircleCI, Buildkite, Bitbucket, Azure, AppVeyor, Semaphore.
  "CHANGE_ID",
  "ghprbPullId",
  "CIRCLE_PULL_REQUEST",
  "CIRCLE_PULL_REQUESTS",
  "CIRCLE_PR_NUMBER",
  "BUILDKITE_PULL_REQUEST",
  "BITBUCKET_PR_ID",
  "SYSTEM_PULLREQUEST_PULLREQUESTID",
  "APPVEYOR_PULL_REQUEST_NUMBER",
  "SEMAPHORE_GIT_PR_NUMBER",
] as const;

/** Variables that name the event: `pull_request`, `pull_request_target`, `pull_request_closed`, `merge_request_event`, … */
const EVENTS = [
  "TRAVIS_EVENT_TYPE",
  "DRONE_BUILD_EVENT",
  "CI_PIPELINE_EVENT",
  "CI_PIPELINE_SOURCE",
  "GITHUB_EVENT_NAME",
] as const;

const REFS = ["GITHUB_REF", "DRONE_COMMIT_REF", "CI_COMMIT_REF"] as const;

export function isPullRequest(environment: Environment): boolean {
  return (
    MARKS.some((name) => isSet(environment[name]) && environment[name] !== "false") ||
    EVENTS.some((name) => /(?:pull|merge)_request/i.test(environment[name] ?? "")) ||
    REFS.some((name) => /^refs\/(?:pull|merge-requests)\//.test(environment[name] ?? "")) ||
    // Travis always sets it, to `false` where it is none: left out it cannot be told, and what cannot be told is closed.
    (environment.TRAVIS === "true" && environment.TRAVIS_PULL_REQUEST !== "false")
  );
}
