// A made-up agent behind HttpDeps: real types, recorded actions, and a way to emit events.
import type { JournalEntry, Step } from "../../src/core/model/index.ts";
import { EMPTY_MEMORY, Secret } from "../../src/core/model/index.ts";
import {
  type AgentStatus,
  agentStatus,
  type ProjectStatus,
  projectStatus,
} from "../../src/core/status/index.ts";
import type { Action, ActionAnswer, HttpDeps } from "../../src/http/index.ts";
import type { LogFields, ProgressEvent } from "../../src/ports/index.ts";

export const HOSTILE = `</script><script>window.hacked=1</script><img src=x onerror="window.hacked=1">"'&`;
export const TOKEN = "correct-horse";

export function aProject(over: Partial<ProjectStatus> = {}): ProjectStatus {
  const base = projectStatus({
    name: "hello",
    desired: null,
    invalid: null,
    images: new Map(),
    observed: { project: "hello", containers: [], networks: [], volumes: [], images: [] },
    memory: EMPTY_MEMORY,
    plan: null,
    lastLookAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    nextLookAt: Date.UTC(2026, 0, 2, 3, 9, 5),
    busy: false,
  });
  return { ...base, ...over };
}

export function anAgent(projects: readonly ProjectStatus[]): AgentStatus {
  return agentStatus({
    webhooks: null,
    registries: [],
    agent: {
      version: "0.1.0",
      startedAt: "2026-01-02T03:00:00.000Z",
      platform: { os: "linux", architecture: "arm", variant: "v7" },
      platformBecause: "a 32-bit engine on a 64-bit kernel",
      engine: { version: "20.10.24", apiVersion: "1.41", product: "docker", store: "classic" },
      standby: null,
      selfUpdate: null,
      engineProblem: null,
      host: {
        name: "pi",
        model: "Raspberry Pi 3 Model B",
        operatingSystem: "Raspbian GNU/Linux 12",
        cpus: 4,
        memoryBytes: 968_000_000,
        memoryAvailableBytes: 512_000_000,
        uptimeSeconds: 3600,
      },
    },
    projects,
  });
}

export class MadeUpAgent implements HttpDeps {
  projects: readonly ProjectStatus[] = [aProject()];
  entries: readonly JournalEntry[] = [];
  answer: ActionAnswer = { id: "a-1" };
  healthy: { ok: boolean; reasons: readonly string[] } = { ok: true, reasons: [] };
  token: Secret | null = null;
  webhooks: HttpDeps["webhooks"] = null;
  trustedProxies: readonly string[] = [];
  rendered = "#1 web pullImage";
  readonly actions: Action[] = [];
  readonly logged: { readonly fields: LogFields; readonly message: string }[] = [];
  readonly historyAsked: number[] = [];
  readonly #listeners = new Set<(event: ProgressEvent) => void>();
  readonly #record = (fields: LogFields, message: string): void => {
    this.logged.push({ fields, message });
  };
  readonly log = { debug: this.#record, info: this.#record, warn: this.#record, error: this.#record };

  status(): AgentStatus {
    return anAgent(this.projects);
  }

  project(name: string): ReturnType<HttpDeps["project"]> {
    const status = this.projects.find((one) => one.name === name);
    const plan = { at: Date.UTC(2026, 0, 2), trigger: "schedule", rendered: this.rendered };
    return status === undefined ? null : { status, plan };
  }

  history(_name: string, limit: number): Promise<readonly JournalEntry[]> {
    this.historyAsked.push(limit);
    return Promise.resolve(this.entries.slice(0, limit));
  }

  health(): { ok: boolean; reasons: readonly string[] } {
    return this.healthy;
  }

  subscribe(listener: (event: ProgressEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  act(action: Action): ActionAnswer {
    this.actions.push(action);
    return this.answer;
  }

  emit(event: ProgressEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

export function withToken(): MadeUpAgent {
  const agent = new MadeUpAgent();
  agent.token = new Secret(TOKEN);
  return agent;
}

export function aStep(n: number, service: string): Step {
  return {
    n,
    kind: "startContainer",
    service,
    after: [],
    cause: "image digest changed",
    required: true,
    ref: "abc",
    name: service,
  };
}
