// One function a CI: what its documented variables say about branch, tag and commit. None of them decides about pull requests.
import type { BuildContext, BuildEvent } from "../model.ts";
import { commitHash, type Environment, isSet, refName } from "./refs.ts";

/** Null: this is not that CI. */
export type Provider = (environment: Environment) => BuildContext | null;

interface Said {
  readonly provider: string;
  /** What the CI calls a push of commits or of a tag; anything else it calls is neither. */
  readonly pushed: boolean;
  readonly branch: string | undefined;
  readonly tag: string | undefined;
  readonly commit: string | undefined;
}

/** A tag that is set but is no plain name makes the build nobody's push: it must not count as one of the branch. */
function contextOf({ provider, pushed, branch, tag, commit }: Said): BuildContext {
  const named = refName(tag);
  const event = eventOf(pushed, isSet(tag), named);
  const isOfBranch = !isSet(tag);
  return {
    provider,
    event,
    branch: isOfBranch ? refName(branch) : null,
    tag: named,
    commit: commitHash(commit),
  };
}

function eventOf(pushed: boolean, tagged: boolean, tag: string | null): BuildEvent {
  if (!pushed) return "other";
  if (!tagged) return "push";
  return tag === null ? "other" : "tag";
}

/**
 * https://docs.travis-ci.com/user/environment-variables/#default-environment-variables
 * On a tag TRAVIS_BRANCH is the tag too; `api` and `cron` in TRAVIS_EVENT_TYPE are no pushes.
 */
const travis: Provider = (env) =>
  env.TRAVIS !== "true"
    ? null
    : contextOf({
        provider: "Travis CI",
        pushed: (env.TRAVIS_EVENT_TYPE ?? "push") === "push",
        branch: env.TRAVIS_BRANCH,
        tag: env.TRAVIS_TAG,
        commit: env.TRAVIS_COMMIT,
      });

/** https://docs.drone.io/pipeline/environment/reference/ : events push, tag, pull_request, promote, rollback, cron, custom. */
const drone: Provider = (env) =>
  env.DRONE !== "true"
    ? null
    : contextOf({
        provider: "Drone",
        pushed: env.DRONE_BUILD_EVENT === (isSet(env.DRONE_TAG) ? "tag" : "push"),
        branch: env.DRONE_BRANCH,
        tag: env.DRONE_TAG,
        commit: env.DRONE_COMMIT ?? env.DRONE_COMMIT_SHA,
      });

/** https://woodpecker-ci.org/docs/usage/environment#built-in-environment-variables */
const woodpecker: Provider = (env) =>
  env.CI !== "woodpecker"
    ? null
    : contextOf({
        provider: "Woodpecker CI",
        pushed: env.CI_PIPELINE_EVENT === (isSet(env.CI_COMMIT_TAG) ? "tag" : "push"),
        branch: env.CI_COMMIT_BRANCH,
        tag: env.CI_COMMIT_TAG,
        commit: env.CI_COMMIT_SHA,
      });

/**
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables ; Gitea and Forgejo set the same names
 * (https://docs.gitea.com/usage/actions/comparison, https://forgejo.org/docs/latest/user/actions/reference/).
 * GITHUB_REF decides: GITHUB_REF_TYPE is missing in older Gitea.
 */
const actions: Provider = (env) => {
  if (env.GITHUB_ACTIONS !== "true") return null;
  const ref = env.GITHUB_REF ?? "";
  const type = env.GITHUB_REF_TYPE ?? "";
  const branch = after("refs/heads/", ref);
  const tag = after("refs/tags/", ref);
  const agrees = type === "" || type === (tag === undefined ? "branch" : "tag");
  return contextOf({
    provider: actionsName(env),
    pushed: env.GITHUB_EVENT_NAME === "push" && agrees && (branch !== undefined || tag !== undefined),
    branch,
    tag,
    commit: env.GITHUB_SHA,
  });
};

function actionsName(env: Environment): string {
  if (env.FORGEJO_ACTIONS === "true") return "Forgejo Actions";
  return env.GITEA_ACTIONS === "true" ? "Gitea Actions" : "GitHub Actions";
}

function after(prefix: string, ref: string): string | undefined {
  return ref.startsWith(prefix) ? ref.slice(prefix.length) : undefined;
}

/** https://docs.gitlab.com/ci/variables/predefined_variables/ : CI_COMMIT_BRANCH is not there for tags and merge requests. */
const gitlab: Provider = (env) =>
  env.GITLAB_CI !== "true"
    ? null
    : contextOf({
        provider: "GitLab CI",
        pushed: env.CI_PIPELINE_SOURCE === "push",
        branch: env.CI_COMMIT_BRANCH,
        tag: env.CI_COMMIT_TAG,
        commit: env.CI_COMMIT_SHA,
      });

/** `v1.2.3`, `1.2.3-rc.1`: what nobody calls a branch. */
const VERSION = /^v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

/**
 * https://docs.docker.com/docker-hub/repos/manage/builds/advanced/ : SOURCE_BRANCH is a branch or a tag, without saying
 * which, so a whole version is a tag and anything else a branch. IMAGE_NAME is DOCKER_REPO:DOCKER_TAG, but not while
 * Docker Hub only tests a pull request, so where it is not, nothing was pushed.
 */
const dockerHub: Provider = (env) => {
  const { SOURCE_BRANCH: source = "", DOCKER_REPO: repository = "", DOCKER_TAG: tag = "" } = env;
  if (!isDockerHub(env)) return null;
  const isTag = VERSION.test(source);
  return contextOf({
    provider: "Docker Hub",
    pushed: repository !== "" && tag !== "" && env.IMAGE_NAME === `${repository}:${tag}`,
    branch: isTag ? undefined : source,
    tag: isTag ? source : undefined,
    commit: env.SOURCE_COMMIT,
  });
};

/** Whether this is an automated build of Docker Hub, whose DOCKER_TAG is its own and not a job's. */
export function isDockerHub(env: Environment): boolean {
  return isSet(env.SOURCE_BRANCH) && isSet(env.DOCKER_REPO) && env.IMAGE_NAME !== undefined;
}

/** Asked in this order; Docker Hub last, since it has no variable of its own. */
export const providers: readonly Provider[] = [travis, drone, woodpecker, gitlab, actions, dockerHub];
