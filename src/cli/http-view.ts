// What the HTTP side is shown and may ask for, made from the parts of the running agent.
import { randomUUID } from "node:crypto";
import type { Parts } from "../agent.ts";
import type { ProjectMemory, Secret, Trigger } from "../core/model/index.ts";
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
import { VERSION } from "../version.ts";
import type { RunningWebhooks } from "./webhooks.ts";

export interface HttpViewOptions {
  readonly parts: Parts;
  readonly listeners: Set<(event: ProgressEvent) => void>;
  readonly token: Secret | null;
  readonly webhooks: RunningWebhooks | null;
  /** The schedule's next tick, ms since the epoch. */
  readonly nextAt: () => number | null;
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
      const agent = aboutAgent(parts, startedAt, host());
      return agentStatus({
        agent,
        webhooks: webhooks?.status() ?? null,
        registries: parts.registry.limits().map(registryStatus),
        projects: projects(),
      });
    },
    project: (name) => {
      if (!knownNames(parts).includes(name)) return null;
      const { lastPlan } = parts.journal.memory(name);
      return { status: statusOf(name, options), plan: lastPlan };
    },
    history: (name, limit) => parts.journal.history(name, limit),
    health: () => {
      const reasons = parts.reconciler
        .views()
        .flatMap((view) => (view.trouble === null ? [] : [`${view.name}: ${view.trouble}`]));
      if (parts.ground.last() === null) reasons.unshift("the engine has not answered yet");
      return { ok: reasons.length === 0, reasons };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    act: (action) => act(action, parts),
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

function aboutAgent(parts: Parts, startedAt: string, host: HostFacts | null): AgentStatus["agent"] {
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
    engineProblem: ground === null ? "the engine has not answered yet" : null,
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

async function act(action: Action, parts: Parts): Promise<ActionAnswer> {
  const { kind, project } = action;
  const targets = project === null ? (await parts.sources.list()).map((source) => source.name) : [project];
  if (project !== null && (await parts.sources.find(project)) === null) {
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
