// The subset of Drone that the definition uses: docker pipelines with depends_on, trigger and steps.
// docs.drone.io/pipeline/docker/syntax, /pipeline/triggers, /pipeline/environment/reference, /secret
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
  readYamlDocuments,
  type Tree,
} from "./job.ts";

/** `volumes` and `image` say where a step runs: the test prepares that. `concurrency` queues whole builds. */
const PIPELINE = [
  "kind",
  "type",
  "name",
  "environment",
  "depends_on",
  "trigger",
  "concurrency",
  "steps",
  "volumes",
];
const STEP = ["name", "image", "environment", "commands", "volumes"];

export function droneJobs(text: string, event: CiEvent, settings: CiSettings): readonly CiJob[] {
  const pipelines = readYamlDocuments(text).filter((pipeline) => {
    onlyKeys(pipeline, PIPELINE, String(pipeline.name));
    if (pipeline.kind !== "pipeline" || pipeline.type !== "docker") throw new Error("not a docker pipeline");
    return isTriggered(asTree(pipeline.trigger, "trigger"), event);
  });
  const names = pipelines.map(({ name }) => asText(name, "name"));
  return pipelines.map((pipeline) => {
    const name = asText(pipeline.name, "name");
    const needs = asTexts(pipeline.depends_on, "depends_on");
    const missing = needs.filter((need) => !names.includes(need));
    if (missing.length > 0)
      throw new Error(`${name} would wait for ${missing.join(", ")}, which does not run`);
    const environment = { ...provided(event), ...plain(asTree(pipeline.environment, "environment")) };
    const steps = asTrees(pipeline.steps, "steps").map((step) => stepOf(step, environment, event, settings));
    return { name, needs, steps };
  });
}

/** All conditions have to hold, of each one entry. */
function isTriggered(trigger: Tree, event: CiEvent): boolean {
  onlyKeys(trigger, ["event", "ref"], "trigger");
  const events = asTexts(trigger.event, "event");
  const refs = asTexts(trigger.ref, "ref");
  return (
    events.includes(event.kind.replace("-", "_")) &&
    (refs.length === 0 || refs.some((pattern) => matches(pattern, refOf(event))))
  );
}

function stepOf(
  step: Tree,
  environment: Readonly<Record<string, string>>,
  event: CiEvent,
  settings: CiSettings,
): CiStep {
  const name = asText(step.name, "name");
  onlyKeys(step, STEP, name);
  const own = Object.entries(asTree(step.environment ?? {}, "environment")).flatMap(([key, value]) => {
    if (typeof value === "string") return [[key, value] as const];
    const source = asTree(value, key);
    onlyKeys(source, ["from_secret"], key);
    const secret = settings.secrets[asText(source.from_secret, key).toUpperCase()];
    return secret === undefined || event.kind === "pull-request" ? [] : [[key, secret] as const];
  });
  const script = asTexts(step.commands, "commands").join("\n");
  // Drone replaces ${…} itself, before a shell sees it.
  if (script.includes("${")) throw new Error(`${name}: substitution is not known`);
  return { name, shell: "sh -e", script, environment: { ...environment, ...Object.fromEntries(own) } };
}

function plain(tree: Tree): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, asText(value, key)]));
}

function refOf(event: CiEvent): string {
  if (event.kind === "pull-request") return "refs/pull/7/head";
  return event.tag === null ? `refs/heads/${event.branch}` : `refs/tags/${event.tag}`;
}

function provided(event: CiEvent): Readonly<Record<string, string>> {
  return {
    CI: "true",
    DRONE: "true",
    DRONE_BUILD_EVENT: event.kind.replace("-", "_"),
    DRONE_BRANCH: event.branch,
    DRONE_COMMIT: event.commit,
    DRONE_COMMIT_SHA: event.commit,
    DRONE_COMMIT_REF: refOf(event),
    ...(event.tag === null ? {} : { DRONE_TAG: event.tag }),
    ...(event.kind === "pull-request" ? { DRONE_PULL_REQUEST: "7" } : {}),
  };
}
