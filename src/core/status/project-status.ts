// A project as it is told to people and programs: desired, observed and remembered folded into one sorted model.
// Decides nothing and keeps nothing: equal inputs give equal (byte for byte) answers.
import type {
  DesiredProject,
  DesiredService,
  Hold,
  ImageDecision,
  ObservedProject,
  ProjectMemory,
  Rollout,
} from "../model/index.ts";
import { COMPOSE } from "../model/index.ts";
import { projectConditions } from "./conditions.ts";
import { isRetired, serviceStatus } from "./service-status.ts";
import type { AgentStatus, ProjectStatus } from "./types.ts";
import { compareText, quarantineStatus, rolloutStatus, timestamp } from "./words.ts";

export interface InvalidCompose {
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
}

export interface ProjectStatusInput {
  readonly name: string;
  /** Null when the compose files are invalid or were never read. */
  readonly desired: DesiredProject | null;
  readonly invalid: InvalidCompose | null;
  /** By service name. */
  readonly images: ReadonlyMap<string, ImageDecision>;
  readonly observed: ObservedProject | null;
  readonly memory: ProjectMemory;
  readonly plan: { readonly held: readonly Hold[]; readonly notes: readonly string[] } | null;
  /** ms since the epoch. */
  readonly lastLookAt: number | null;
  readonly nextLookAt: number | null;
  readonly busy: boolean;
}

/**
 * The status of one project (design.md section 5). Without a desired project the services are those that have
 * containers; with an invalid compose file each of them is held as `ComposeInvalid`.
 */
export function projectStatus(input: ProjectStatusInput): ProjectStatus {
  const { desired, memory } = input;
  const place = input.invalid === null ? null : describeInvalid(input.invalid);
  const containers = input.observed?.containers ?? [];
  const services = serviceNames(input).map((name) =>
    serviceStatus({
      name,
      project: input.name,
      desired: desired?.services.find((one) => one.name === name) ?? null,
      containers,
      decision: input.images.get(name) ?? null,
      hold: holdOf(name, place, input.plan?.held ?? []),
    }),
  );
  return {
    name: input.name,
    conditions: projectConditions({
      invalid: place,
      damaged: memory.damaged,
      observed: input.observed !== null,
      services,
      jobs: new Set((desired?.services ?? []).filter((one) => mayEnd(one, desired)).map((one) => one.name)),
      rollout: memory.rollout,
      busy: input.busy,
    }),
    suspended: memory.suspended,
    services,
    revision: currentRevision(memory.rollout),
    previousRevision: memory.previousGood,
    rollout: rolloutStatus(memory.rollout),
    quarantine: memory.quarantine
      .map(quarantineStatus)
      .sort((a, b) => compareText(quarantineKey(a), quarantineKey(b))),
    notes: [...new Set(input.plan?.notes ?? [])].sort(compareText),
    lastLookAt: timestamp(input.lastLookAt),
    nextLookAt: timestamp(input.nextLookAt),
    busy: input.busy,
  };
}

export interface AgentStatusInput {
  readonly agent: AgentStatus["agent"];
  readonly webhooks: AgentStatus["webhooks"];
  readonly registries: AgentStatus["registries"];
  readonly projects: readonly ProjectStatus[];
}

/** The whole answer of `GET /api/v1/status`, projects sorted by name. */
export function agentStatus(input: AgentStatusInput): AgentStatus {
  return {
    agent: input.agent,
    webhooks: input.webhooks,
    registries: input.registries,
    projects: [...input.projects].sort((a, b) => compareText(a.name, b.name)),
  };
}

function serviceNames(input: ProjectStatusInput): readonly string[] {
  const names =
    input.desired?.services.map((one) => one.name) ??
    (input.observed?.containers ?? [])
      .filter((one) => !isRetired(one) && one.labels[COMPOSE.oneoff] !== "True")
      .map((one) => one.service);
  return [...new Set(names)].sort(compareText);
}

function holdOf(service: string, invalid: string | null, held: readonly Hold[]): Hold | null {
  if (invalid !== null) return { service, reason: "ComposeInvalid", message: invalid };
  return held.find((one) => one.service === service) ?? null;
}

/** `compose.yaml:7: unknown key`: the place first, as compilers write it. */
function describeInvalid(invalid: InvalidCompose): string {
  const { file, line, message } = invalid;
  if (file === undefined || message.includes(file)) return message;
  return line === undefined ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}

/** A service that somebody waits for to complete, or that nothing restarts after success. */
function mayEnd(service: DesiredService, project: DesiredProject | null): boolean {
  if (service.restart === "no" || service.restart.startsWith("on-failure")) return true;
  return (project?.services ?? []).some((other) =>
    other.dependsOn.some(
      (one) => one.service === service.name && one.condition === "service_completed_successfully",
    ),
  );
}

function currentRevision(rollout: Rollout): string | null {
  return rollout.kind === "progressing" || rollout.kind === "monitoring" ? rollout.to : rollout.good;
}

function quarantineKey(entry: ProjectStatus["quarantine"][number]): string {
  return `${entry.service}\0${entry.platformDigest ?? ""}\0${entry.definitionHash ?? ""}`;
}
