// What the HTTP side asks of the agent. Handed in by the composition root; http itself decides nothing about containers.
import type { ErrorCode, JournalEntry, Secret } from "../core/model/index.ts";
import type { AgentStatus, ProjectStatus } from "../core/status/index.ts";
import type { Log, ProgressEvent, WebhookDoor } from "../ports/index.ts";

/** The plan that was made last, as the text an operator and a test read. */
export interface LastPlan {
  /** ms since the epoch. */
  readonly at: number;
  readonly trigger: string;
  readonly rendered: string;
}

export interface ProjectDetail {
  readonly status: ProjectStatus;
  readonly plan: LastPlan | null;
}

export interface Action {
  readonly kind: "check" | "apply" | "rollback" | "suspend" | "resume";
  /** Null means every project; only `check` is asked so. */
  readonly project: string | null;
  /** Only for `rollback`: these services instead of all. */
  readonly services?: readonly string[];
}

/** An id under which the journal and the log speak of it, or why it was not taken. */
export type ActionAnswer =
  | { readonly id: string }
  | { readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint: string | null } };

export interface HttpDeps {
  status(): AgentStatus;
  /** Null for a project that nobody knows. */
  project(name: string): ProjectDetail | null;
  /** Newest first. */
  history(name: string, limit: number): Promise<readonly JournalEntry[]>;
  /** `reasons` say what is wrong, one sentence each; empty when `ok`. */
  health(): { readonly ok: boolean; readonly reasons: readonly string[] };
  /** Calls the listener with everything that happens until the returned function is called. */
  subscribe(listener: (event: ProgressEvent) => void): () => void;
  act(action: Action): ActionAnswer | Promise<ActionAnswer>;
  /** Null when none is configured: changing calls are then refused except from loopback. */
  readonly token: Secret | null;
  /** Null when no token for them is configured: nothing is there then. */
  readonly webhooks: WebhookDoor | null;
  /** Addresses and `ADDRESS/BITS` ranges of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  readonly log: Log;
}

/** Bounds that tests shorten. Times in ms. */
export interface HttpLimits {
  readonly bodyBytes: number;
  readonly answerMs: number;
  readonly clients: number;
  readonly heartbeatMs: number;
  readonly throttleMs: number;
  /** What may wait in memory for one event client that reads slowly. */
  readonly clientBacklogBytes: number;
  /** How long the body of a webhook may take. */
  readonly bodyMs: number;
  /** What the bodies of webhooks that are being read may hold together. */
  readonly bodiesBytes: number;
  /** Wrong webhooks of one address in `failuresMs`, beyond which it is told to wait. */
  readonly failures: number;
  readonly failuresMs: number;
}

export const DEFAULT_LIMITS: HttpLimits = {
  bodyBytes: 1_048_576,
  answerMs: 15_000,
  clients: 50,
  heartbeatMs: 15_000,
  throttleMs: 250,
  clientBacklogBytes: 65_536,
  bodyMs: 5_000,
  bodiesBytes: 16_777_216,
  failures: 20,
  failuresMs: 60_000,
};
