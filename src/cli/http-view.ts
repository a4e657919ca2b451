// What the HTTP side is shown and may ask for, made from the parts of the running agent.
import { randomUUID } from "node:crypto";
import type { Parts } from "../agent.ts";
import { AGENT_PROJECT, type ProjectMemory, type Secret, type Trigger } from "../core/model/index.ts";
import {
  type AgentStatus,
  agentStatus,
  type ProjectStatus,
  projectStatus,
  registryStatus,
} from "../core/status/index.ts";
import type { Action, ActionAnswer, HttpDeps } from "../http/index.ts";
import type { HostFacts, ProgressEvent } from "../ports/index.ts";
import { emptyView, type ProjectView } from "../reconcile/deps.ts";
import { resume, suspend } from "../reconcile/hand.ts";
import type { SelfUpdate } from "../self-update/look.ts";
import { VERSION } from "../version.ts";
import type { RunningWebhooks } from "./webhooks.ts";

export interface HttpViewOptions {
  readonly parts: Parts;
  readonly listeners: Set<(event: ProgressEvent) => void>;
  readonly token: Secret | null;
  readonly webhooks: RunningWebhooks | null;
  /** The schedule's next tick, ms since the epoch. */
  readonly nextAt: () => number | null;
  /** Why it does nothing; null where it acts. */
  readonly standby: () => string | null;
  /** Null where the agent runs in no container of the engine. */
  readonly selfUpdate: SelfUpdate | null;
}

/** How long facts about the board's memory are shown before they are read again. */
const HOST_FRESH_MS = 15_000;

export function httpView(options: HttpViewOptions): HttpDeps {
  const { parts, listeners, token, webhooks } = options;
  const startedAt = new Date(parts.clock.now()).toISOString();
  const host = hostCache(parts);
  const projects = (): readonly ProjectStatus[] => knownNames(parts).map((name) => statusOf(name, options));
  return {
    status: () => {
      const agent = {
        ...aboutAgent(parts, startedAt, host()),
        standby: options.standby(),
        selfUpdate: selfStatus(options),
      };
      return agentStatus({
        agent,
        webhooks: webhooks?.status() ?? null,
        registries: parts.registry.limits().map(registryStatus),
        projects: projects(),
      });
    },
    project: (name) => {
      const own = name === AGENT_PROJECT ? selfStatus(options) : null;
      if (own !== null) return { status: own, plan: parts.journal.memory(name).lastPlan };
      if (!knownNames(parts).includes(name)) return null;
      const { lastPlan } = parts.journal.memory(name);
      return { status: statusOf(name, options), plan: lastPlan };
    },
    history: (name, limit) => parts.journal.history(name, limit),
    health: () => {
      const standby = options.standby();
      if (standby !== null) return { ok: true, reasons: [standby] };
      const reasons = parts.reconciler
        .views()
        .flatMap((view) => (view.trouble === null ? [] : [`${view.name}: ${view.trouble}`]));
      // Also where no project can say it. While the engine is away every look waits, and a successor that cannot remember
      // must not pass for a good one.
      for (const trouble of [parts.ground.trouble(), parts.journal.trouble()])
        if (trouble !== null && !reasons.some((reason) => reason.includes(trouble))) reasons.unshift(trouble);
      return { ok: reasons.length === 0, reasons };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    act: async (action) => {
      const standby = options.standby();
      if (standby === null) return act(action, options);
      const hint = "ask that agent";
      return { error: { code: "E_STANDBY", message: `this agent ${standby}`, hint } };
    },
    token,
    webhooks: webhooks?.door ?? null,
    trustedProxies: parts.config.http.trustedProxies,
    log: parts.log,
  };
}

function knownNames(parts: Parts): readonly string[] {
  return [...parts.sources.known()].sort();
}

function statusOf(name: string, { parts, nextAt }: HttpViewOptions): ProjectStatus {
  const view: ProjectView = parts.reconciler.view(name) ?? emptyView(name);
  const memory: ProjectMemory = parts.journal.memory(name);
  const { invalid } = view;
  return projectStatus({
    name,
    desired: view.desired,
    invalid: invalid === null ? null : { message: invalid.message },
    images: view.images,
    observed: view.observed,
    memory,
    plan: view.plan === null ? null : { held: view.plan.held, notes: [...view.plan.notes, ...view.warnings] },
    lastLookAt: view.lastLookAt,
    nextLookAt: nextAt(),
    busy: parts.queue.isBusy(name),
  });
}

function selfStatus({ parts, selfUpdate, nextAt }: HttpViewOptions): ProjectStatus | null {
  if (selfUpdate === null) return null;
  const { desired, images, observed, held, notes, lastLookAt } = selfUpdate.view();
  return projectStatus({
    name: AGENT_PROJECT,
    desired,
    invalid: null,
    images,
    observed,
    memory: parts.journal.memory(AGENT_PROJECT),
    plan: { held: held === null ? [] : [held], notes },
    lastLookAt,
    nextLookAt: nextAt(),
    busy: parts.queue.isBusy(AGENT_PROJECT),
  });
}

function aboutAgent(
  parts: Parts,
  startedAt: string,
  host: HostFacts | null,
): Omit<AgentStatus["agent"], "standby" | "selfUpdate"> {
  const ground = parts.ground.last();
  const facts = ground?.facts;
  return {
    version: VERSION,
    startedAt,
    platform: ground?.board.platform ?? null,
    platformBecause: ground?.board.because ?? "",
    engine:
      facts === undefined
        ? null
        : {
            version: facts.version,
            apiVersion: facts.apiVersion,
            product: facts.product,
            store: facts.store,
          },
    engineProblem: parts.ground.trouble(),
    host: {
      name: facts?.name ?? "",
      model: host?.model ?? "",
      operatingSystem: facts?.operatingSystem ?? "",
      cpus: facts?.cpus ?? host?.cpus ?? 0,
      memoryBytes: facts?.memoryBytes ?? host?.memoryBytes ?? 0,
      memoryAvailableBytes: host?.memoryAvailableBytes ?? null,
      uptimeSeconds: host?.uptimeSeconds ?? null,
    },
  };
}

/** The board's own facts, read in the background: a page must not wait for them. */
function hostCache(parts: Parts): () => HostFacts | null {
  let facts: HostFacts | null = null;
  let freshUntil = 0;
  return () => {
    if (parts.clock.monotonic() >= freshUntil) {
      freshUntil = parts.clock.monotonic() + HOST_FRESH_MS;
      parts.host.facts().then(
        (found) => {
          facts = found;
        },
        (error: unknown) => parts.log.debug({ err: error }, "the board's facts cannot be read"),
      );
    }
    return facts;
  };
}

async function act(action: Action, { parts, selfUpdate }: HttpViewOptions): Promise<ActionAnswer> {
  const { kind, project } = action;
  const own = selfUpdate === null ? [] : [AGENT_PROJECT];
  if (project === AGENT_PROJECT && kind === "rollback") {
    const message = "an agent goes back by itself when its successor fails, and not otherwise";
    return { error: { code: "E_USAGE", message, hint: "start the container from an earlier image" } };
  }
  const all = async () => [...(await parts.sources.list()).map((source) => source.name), ...own];
  const targets = project === null ? await all() : [project];
  if (project !== null && !own.includes(project) && (await parts.sources.find(project)) === null) {
    const hint = "GET /api/v1/status lists the projects";
    return { error: { code: "E_UNKNOWN_PROJECT", message: `there is no project ${project}`, hint } };
  }
  for (const name of targets) {
    if (kind === "suspend") await suspend(name, parts.deps);
    if (kind === "resume") await resume(name, parts.deps);
    const force = kind === "apply" || kind === "resume";
    const trigger: Trigger = { project: name, cause: "manual", refresh: kind !== "suspend", force };
    parts.queue.enqueue({ trigger, rollback: kind === "rollback" ? (action.services ?? []) : null });
  }
  return { id: randomUUID() };
}
