// The subset of Travis CI that the definitions use: stages with `if`, jobs.include, env, the phases of one job.
// docs.travis-ci.com/user/build-stages, /user/job-lifecycle, /user/conditions-v1, /user/environment-variables
import {
  asText,
  asTexts,
  asTree,
  asTrees,
  type CiEvent,
  type CiJob,
  type CiSettings,
  onlyKeys,
  readYaml,
  type Tree,
} from "./job.ts";

const TOP = ["language", "node_js", "os", "dist", "services", "env", "install", "stages", "jobs"];
const JOB = ["stage", "env", "before_script", "script", "after_success"];

export function travisJobs(text: string, event: CiEvent, settings: CiSettings): readonly CiJob[] {
  const document = readYaml(text);
  onlyKeys(document, TOP, ".travis.yml");
  if (document.install !== "skip") throw new Error(".travis.yml: only `install: skip` is known");
  const env = asTree(document.env, "env");
  onlyKeys(env, ["global"], "env");
  const global = assignments(asTexts(env.global, "env.global"));
  const stages = stagesOf(document, event);
  const jobs = stages.flatMap((stage, index) =>
    asTrees(asTree(document.jobs, "jobs").include, "jobs.include")
      .filter((job) => job.stage === stage)
      .map((job, position) => ({ job, index, name: `${stage} ${position + 1}` })),
  );
  return jobs.map(({ job, index, name }) => {
    onlyKeys(job, JOB, name);
    const own = assignments(asTexts(job.env, `${name}: env`));
    const environment = { ...provided(event), ...secretsFor(event, settings), ...global, ...own };
    return {
      name,
      // A stage begins when all jobs of the one before it have succeeded.
      needs: jobs.filter((other) => other.index === index - 1).map((other) => other.name),
      steps: [{ name, shell: "bash", script: lifecycle(job, name), environment }],
    };
  });
}

function stagesOf(document: Tree, event: CiEvent): readonly string[] {
  if (!Array.isArray(document.stages)) throw new Error("stages is no list");
  return document.stages.flatMap((entry: unknown) => {
    if (typeof entry === "string") return [entry];
    const stage = asTree(entry, "stages");
    onlyKeys(stage, ["name", "if"], "stages");
    return holds(asText(stage.if, "if"), event) ? [asText(stage.name, "name")] : [];
  });
}

/** A tag is of type push too. */
function holds(condition: string, event: CiEvent): boolean {
  if (condition !== "type = push") throw new Error(`if: ${condition} is not known to the test's extractor`);
  return event.kind !== "pull-request";
}

/** `A=b C="d e"`, as a shell would take it: quotes around a value, no expansion. */
function assignments(lines: readonly string[]): Readonly<Record<string, string>> {
  const found = lines.flatMap((line) => {
    const parts = [...line.matchAll(/([A-Z_]+)=(?:"([^"$`\\]*)"|([^\s"'$`\\]+))(?:\s+|$)/g)];
    if (parts.map(([whole]) => whole).join("") !== line) throw new Error(`env: ${line} is not known`);
    return parts.map(([, name = "", quoted, plain]) => [name, quoted ?? plain ?? ""] as const);
  });
  return Object.fromEntries(found);
}

/** before_script stops the job; all of script runs and counts; after_success counts for nothing. */
function lifecycle(job: Tree, where: string): string {
  const before = asTexts(job.before_script, `${where}: before_script`);
  const script = asTexts(job.script, `${where}: script`);
  const after = asTexts(job.after_success, `${where}: after_success`);
  return [
    ...before.map((command) => `${command} || exit 2`),
    "travis_result=0",
    ...script.map((command) => `${command} || travis_result=1`),
    'if [ "$travis_result" = 0 ]; then :',
    ...after,
    "fi",
    'exit "$travis_result"',
  ].join("\n");
}

function secretsFor(event: CiEvent, settings: CiSettings): Readonly<Record<string, string>> {
  return event.kind === "pull-request" ? {} : settings.secrets;
}

function provided(event: CiEvent): Readonly<Record<string, string>> {
  const isPullRequest = event.kind === "pull-request";
  return {
    CI: "true",
    TRAVIS: "true",
    CONTINUOUS_INTEGRATION: "true",
    TRAVIS_BRANCH: event.tag ?? event.branch,
    TRAVIS_TAG: event.tag ?? "",
    TRAVIS_COMMIT: event.commit,
    TRAVIS_EVENT_TYPE: isPullRequest ? "pull_request" : "push",
    TRAVIS_PULL_REQUEST: isPullRequest ? "7" : "false",
    TRAVIS_PULL_REQUEST_BRANCH: isPullRequest ? "patch-1" : "",
    TRAVIS_SECURE_ENV_VARS: isPullRequest ? "false" : "true",
  };
}
