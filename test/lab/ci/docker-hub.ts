// Docker Hub's automated builds: for each build rule that fits, the hooks in their order with their environment.
// docs.docker.com/docker-hub/repos/manage/builds/advanced (hooks, environment variables), /builds/automated-testing
import type { CiEvent, CiJob, CiSettings, CiStep } from "./job.ts";

/** What a line of the build rules says. */
export interface HubRule {
  readonly dockerfile: string;
  /** What the tag ends with: `armhf` from the branch, `v1.2.3-armhf` from a tag. */
  readonly word: string;
}

/** In the order in which Docker Hub runs them; it also knows post_checkout, the test hooks, post_build and pre_push. */
const HOOKS = ["pre_build", "build", "push", "post_push"] as const;
/** Of a pull request, where it is built at all, Docker Hub pushes nothing. */
const TESTED = ["pre_build", "build"] as const;

export interface HubBuild {
  readonly rules: readonly HubRule[];
  /** `registry/user/app`. */
  readonly repository: string;
  /** Names of the files in `hooks/`. */
  readonly files: readonly string[];
}

export function dockerHubJobs(build: HubBuild, event: CiEvent, settings: CiSettings): readonly CiJob[] {
  const unknown = build.files.filter(
    (name) => name !== "boardhand.sh" && !HOOKS.some((hook) => hook === name),
  );
  if (unknown.length > 0) throw new Error(`hooks/${unknown.join(", ")} is no hook that the test knows`);
  const hooks = (event.kind === "pull-request" ? TESTED : HOOKS).filter((hook) => build.files.includes(hook));
  return build.rules.map(({ dockerfile, word }) => {
    const tag = event.tag === null ? word : `${event.tag}-${word}`;
    const environment = {
      SOURCE_BRANCH: event.tag ?? event.branch,
      SOURCE_COMMIT: event.commit,
      COMMIT_MSG: "a message",
      DOCKER_REPO: build.repository,
      DOCKERFILE_PATH: dockerfile,
      DOCKER_TAG: tag,
      IMAGE_NAME: `${build.repository}:${tag}`,
      // Build environment variables of the automated build.
      ...settings.variables,
    };
    // Each hook is a program of its own, so its own #! line decides.
    const steps = hooks.map(
      (hook): CiStep => ({ name: hook, shell: "sh -e", script: `hooks/${hook}`, environment }),
    );
    return { name: `rule ${tag}`, needs: [], steps };
  });
}
