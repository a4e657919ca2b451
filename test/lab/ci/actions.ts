// The subset of GitHub, Forgejo and Gitea Actions that the definitions use: triggers, needs, matrix.include, if, env, run.
// docs.github.com/en/actions/reference/workflows-and-actions/{workflow-syntax,variables,contexts}
import {
  asText,
  asTexts,
  asTree,
  asTrees,
  type CiEvent,
  type CiJob,
  type CiSettings,
  type CiStep,
  matches,
  onlyKeys,
  readYaml,
  type Tree,
} from "./job.ts";

const WORKFLOW = ["name", "on", "permissions", "concurrency", "env", "jobs"];
/** `runs-on` and `container` say where a job runs: the test prepares that. */
const JOB = ["needs", "if", "runs-on", "container", "timeout-minutes", "strategy", "env", "steps"];
const STEP = ["uses", "with", "if", "env", "run"];
/** A checkout and a Node, which the test has prepared. */
const PREPARED = ["actions/checkout@v4", "actions/setup-node@v4"];

interface Contexts {
  readonly event: CiEvent;
  readonly settings: CiSettings;
  readonly matrix: Tree;
}

type Variables = Readonly<Record<string, string>>;

export function actionsJobs(
  text: string,
  event: CiEvent,
  settings: CiSettings,
  flavour: "github" | "forgejo",
): readonly CiJob[] {
  const workflow = readYaml(text);
  onlyKeys(workflow, WORKFLOW, "the workflow");
  if (!isTriggered(asTree(workflow.on, "on"), event)) return [];
  const entries = Object.entries(asTree(workflow.jobs, "jobs")).flatMap(([id, value]) => {
    const job = asTree(value, id);
    onlyKeys(job, JOB, id);
    return matrixOf(job).map((matrix, index) => ({ id, name: `${id} ${index + 1}`, job, matrix }));
  });
  const running = entries.filter(({ job, matrix }) => holds(job.if, { event, settings, matrix }));
  return running.map(({ name, job, matrix }) => {
    const contexts = { event, settings, matrix };
    const environment = {
      ...provided(event, flavour),
      ...variables(workflow.env, contexts),
      ...variables(job.env, contexts),
    };
    const needed = asTexts(job.needs, `${name}: needs`);
    return {
      name,
      needs: running.filter(({ id }) => needed.includes(id)).map((other) => other.name),
      steps: asTrees(job.steps, `${name}: steps`).flatMap((step) => stepOf(step, environment, contexts)),
    };
  });
}

function isTriggered(on: Tree, event: CiEvent): boolean {
  onlyKeys(on, ["push", "pull_request"], "on");
  if (event.kind === "pull-request") return "pull_request" in on;
  const push = asTree(on.push, "on.push");
  onlyKeys(push, ["branches", "tags"], "on.push");
  return event.tag === null
    ? asTexts(push.branches, "branches").some((pattern) => matches(pattern, event.branch))
    : asTexts(push.tags, "tags").some((pattern) => matches(pattern, event.tag ?? ""));
}

function matrixOf(job: Tree): readonly Tree[] {
  if (job.strategy === undefined) return [{}];
  const strategy = asTree(job.strategy, "strategy");
  onlyKeys(strategy, ["fail-fast", "matrix"], "strategy");
  const matrix = asTree(strategy.matrix, "matrix");
  onlyKeys(matrix, ["include"], "matrix");
  return asTrees(matrix.include, "include");
}

/** Besides what it says, a job or step without a status function runs only after success. */
function holds(condition: unknown, { event }: Contexts): boolean {
  if (condition === undefined) return true;
  if (condition !== "github.event_name == 'push'") throw new Error(`if: ${String(condition)} is not known`);
  return event.kind !== "pull-request";
}

function stepOf(step: Tree, environment: Variables, contexts: Contexts): readonly CiStep[] {
  onlyKeys(step, STEP, "a step");
  if (step.uses !== undefined) {
    if (!PREPARED.includes(asText(step.uses, "uses")))
      throw new Error(`uses: ${String(step.uses)} is not known`);
    return [];
  }
  if (!holds(step.if, contexts)) return [];
  const script = asText(step.run, "run");
  // What an expression puts into a script is code; values belong into env.
  if (script.includes("${{")) throw new Error(`run: ${script} has an expression in it`);
  return [
    {
      name: script,
      shell: "bash -e",
      script,
      environment: { ...environment, ...variables(step.env, contexts) },
    },
  ];
}

function variables(value: unknown, contexts: Contexts): Variables {
  const entries = Object.entries(asTree(value ?? {}, "env"));
  return Object.fromEntries(entries.map(([key, text]) => [key, expand(asText(text, key), contexts)]));
}

/** A name that is not set is empty text; an unknown context is an error of the test. */
function expand(text: string, { event, settings, matrix }: Contexts): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const [, context = "", name = ""] = /^(vars|secrets|matrix)\.([A-Za-z_]+)$/.exec(expression) ?? [];
    if (context === "vars") return settings.variables[name] ?? "";
    if (context === "secrets") return event.kind === "pull-request" ? "" : (settings.secrets[name] ?? "");
    if (context === "matrix") return String(matrix[name] ?? "");
    throw new Error(`\${{ ${expression} }} is not known to the test's extractor`);
  });
}

function provided(event: CiEvent, flavour: "github" | "forgejo"): Variables {
  const isPullRequest = event.kind === "pull-request";
  const ref = event.tag === null ? `refs/heads/${event.branch}` : `refs/tags/${event.tag}`;
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_EVENT_NAME: isPullRequest ? "pull_request" : "push",
    GITHUB_REF: isPullRequest ? "refs/pull/7/merge" : ref,
    GITHUB_REF_NAME: isPullRequest ? "7/merge" : (event.tag ?? event.branch),
    GITHUB_REF_TYPE: event.tag === null ? "branch" : "tag",
    GITHUB_HEAD_REF: isPullRequest ? "patch-1" : "",
    GITHUB_BASE_REF: isPullRequest ? event.branch : "",
    GITHUB_SHA: event.commit,
    ...(flavour === "forgejo" ? { GITEA_ACTIONS: "true", FORGEJO_ACTIONS: "true" } : {}),
  };
}
