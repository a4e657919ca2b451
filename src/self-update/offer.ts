// What the agent could become: the service that its project's compose file says, or where no project of ours has it, the
// same container on what its tag offers. Decided by the planner of all services, so that holds, quarantine and space are
// what they are for everybody; of its plan only what makes things is taken, as the swap is the updater's.
import {
  AGENT_PROJECT,
  type DesiredProject,
  type DesiredService,
  type Hold,
  type ObservedContainer,
  type ObservedProject,
  type Plan,
  type Step,
  type Trigger,
} from "../core/model/index.ts";
import { revisionId } from "../core/rollout/index.ts";
import type { SelfDeps, SelfTarget } from "./deps.ts";
import type { Self } from "./identity.ts";

/** What the agent is called where it is no compose service. */
const SERVICE = "boardhand";
const DEFINITION = "v1:as-it-is";

export interface Offer {
  readonly target: SelfTarget;
  readonly observed: ObservedProject;
  readonly service: string;
  /** The agent's own container, as the engine has it. */
  readonly current: ObservedContainer;
  /** The name that it, and then its successor, has. */
  readonly name: string;
  /** Only steps that make something; empty: there is nothing to become. */
  readonly plan: Plan;
  readonly held: Hold | null;
  /** Whether the plan makes the successor from a compose file; else it is made after the present container. */
  readonly fromFile: boolean;
  readonly retryAfterMs: number | null;
}

const MAKING: ReadonlySet<Step["kind"]> = new Set([
  "createNetwork",
  "createVolume",
  "pullImage",
  "verifyImage",
  "tagImage",
  "createContainer",
  "connectNetwork",
  "copyFile",
]);
const IMAGES: ReadonlySet<Step["kind"]> = new Set(["pullImage", "verifyImage", "tagImage"]);

/** Asks the registry. Throws as the engine does; null when the own container is not there any more. */
export async function offerFor(trigger: Trigger, deps: SelfDeps): Promise<Offer | null> {
  const { self, engine, mode } = deps;
  const found = await engine.inspectContainer(self.id);
  if (found === null) return null;
  const repoDigests = (await engine.inspectImage(found.imageId))?.repoDigests ?? [];
  const current = { ...found, repoDigests };
  const wanted = await wantedOf(current, deps);
  const own = { ...current, name: withoutMark(current) };
  const desired = oneService(wanted.project, wanted.service, mode);
  const decided = await deps.decide(desired, trigger);
  const seen = await engine.observe(wanted.project.name);
  const observed: ObservedProject = {
    ...seen,
    project: wanted.project.name,
    containers: [wanted.fromFile ? own : { ...own, ...AS_IT_IS, name: own.name }],
  };
  const target = { revision: revisionId(desired, decided.images), desired, images: decided.images };
  const whole = await deps.plan(target, observed, trigger.force);
  const kinds = wanted.fromFile ? MAKING : IMAGES;
  const steps = whole.moved.length === 0 ? [] : whole.steps.filter(({ kind }) => kinds.has(kind));
  return {
    target,
    observed,
    service: wanted.service.name,
    current,
    name: own.name,
    plan: { ...whole, project: AGENT_PROJECT, steps },
    held: refusalFor(self, whole) ?? whole.held[0] ?? null,
    fromFile: wanted.fromFile,
    retryAfterMs: decided.retryAfterMs,
  };
}

/** What a container that follows nothing but its image is seen as, so that only the image can differ. */
const AS_IT_IS = { service: SERVICE, number: 1, definitionHash: DEFINITION, composeHash: null } as const;

interface Wanted {
  readonly project: DesiredProject;
  readonly service: DesiredService;
  readonly fromFile: boolean;
}

async function wantedOf(current: ObservedContainer, { self, project }: SelfDeps): Promise<Wanted> {
  const found = self.service === null ? null : await project(self.service.project);
  if (typeof found === "string")
    return asItIs({ ...current, reason: `is defined by a compose file that cannot be read: ${found}` });
  const service = found?.services.find(({ name }) => name === self.service?.service);
  // Whoever joins another container's namespaces is made after what it is: the other one is not planned here.
  if (found == null || service === undefined || service.sharesWith.length > 0 || service.replicas !== 1)
    return asItIs({ ...current, reason: null });
  return { project: found, service, fromFile: true };
}

function asItIs(current: ObservedContainer & { readonly reason: string | null }): Wanted {
  const service: DesiredService = {
    name: SERVICE,
    reference: current.imageReference,
    platform: null,
    pull: "check",
    update: "auto",
    replicas: 1,
    containerName: withoutMark(current),
    definitionHash: DEFINITION,
    composeHashes: [],
    dependsOn: [],
    sharesWith: [],
    restart: current.restartPolicy,
    rollout: { order: null, monitorMs: null, failureAction: null },
    exclusive: [],
    hostPorts: [],
    networks: [],
    volumes: [],
    files: [],
    seccomp: {},
    refusals: current.reason === null ? [] : [current.reason],
    spec: {},
  };
  return { project: { ...NO_PROJECT, services: [service] }, service, fromFile: false };
}

const NO_PROJECT: DesiredProject = {
  name: AGENT_PROJECT,
  directory: "/",
  files: [],
  environmentFiles: [],
  composeRevision: "",
  services: [],
  disabledServices: [],
  networks: [],
  volumes: [],
};

/** The project with this service alone, which is handed over to stop-first whatever anybody wishes. */
function oneService(
  project: DesiredProject,
  service: DesiredService,
  mode: SelfDeps["mode"],
): DesiredProject {
  const update = mode === "auto" ? service.update : service.update === "off" ? "off" : "notify";
  const rollout = { ...service.rollout, order: "stop-first" } as const;
  const own = { ...service, update, rollout, dependsOn: [] } as const;
  // The other services of the file make no revision of this one.
  return { ...project, composeRevision: "", services: [own] };
}

/** The name before a hand-over that came to nothing. */
function withoutMark({ name }: ObservedContainer): string {
  return name.replace(/\.(?:next|retired-[0-9a-f]{12})$/, "");
}

function refusalFor(self: Self, plan: Plan): Hold | null {
  if (!self.autoRemove || plan.moved.length === 0) return null;
  const message =
    "its container was made with --rm: the engine would remove it with its way back; make it anew without";
  return { service: plan.moved[0] ?? SERVICE, reason: "NotCreated", message };
}
