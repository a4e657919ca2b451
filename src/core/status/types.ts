// The shape of what Boardhand says about itself and its projects: the JSON of GET /api/v1/status.
import type { Condition, Digest, HoldReason, Platform, WebhookCounts } from "../model/index.ts";

/** Times are ISO 8601 in UTC throughout. */
export type Timestamp = string;

export interface ContainerStatus {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly health: string;
  /** Output of the last health probe, shortened; empty when there is none. Hostile text. */
  readonly healthOutput: string;
  readonly exitCode: number;
  readonly restartCount: number;
  /** The engine's own words when a start failed; empty otherwise. */
  readonly error: string;
}

/** What the registry offers for this board when that is not what runs. */
export interface AvailableImage {
  readonly tag: string | null;
  readonly digest: Digest;
  readonly platformDigest: Digest;
}

export interface ServiceStatus {
  readonly name: string;
  /** What runs: null digests where nothing runs, or where it cannot be told from the engine. */
  readonly image: {
    readonly reference: string;
    readonly digest: Digest | null;
    readonly platformDigest: Digest | null;
  };
  /** The container that stands for the service: its lowest replica in use. */
  readonly container: ContainerStatus | null;
  readonly replicas: { readonly desired: number; readonly running: number };
  readonly available: AvailableImage | null;
  readonly held: { readonly reason: HoldReason; readonly message: string } | null;
}

export interface RolloutStatus {
  readonly state: "idle" | "progressing" | "monitoring" | "rollingBack" | "stalled";
  /** One sentence; empty when idle. */
  readonly message: string;
  readonly to: string | null;
  readonly moved: readonly string[];
  /** End of the monitor window. */
  readonly until: Timestamp | null;
}

export interface QuarantineStatus {
  readonly service: string;
  readonly platformDigest: Digest | null;
  readonly definitionHash: string | null;
  readonly since: Timestamp | null;
  /** One sentence: what is not tried again, why, and what ends it. */
  readonly message: string;
}

export interface ProjectStatus {
  readonly name: string;
  /** Always Ready, Reconciling, Stalled, in this order. */
  readonly conditions: readonly Condition[];
  readonly suspended: boolean;
  /** Sorted by name. */
  readonly services: readonly ServiceStatus[];
  /** The revision that runs or is being moved to; null before the first one proved itself. */
  readonly revision: string | null;
  /** Where `rollback` would go; null when there is nothing to go back to. */
  readonly previousRevision: string | null;
  readonly rollout: RolloutStatus;
  /** Sorted by service, then digest. */
  readonly quarantine: readonly QuarantineStatus[];
  /** What an operator should know and nothing is done about, sorted. */
  readonly notes: readonly string[];
  readonly lastLookAt: Timestamp | null;
  readonly nextLookAt: Timestamp | null;
  /** Somebody is looking or working at it right now. */
  readonly busy: boolean;
}

export interface WebhookStatus {
  /** Since the agent started. */
  readonly counts: WebhookCounts;
  /** The last delivery that told of a push, or where there was none, the last one; null before the first one. */
  readonly last: {
    readonly at: Timestamp;
    readonly provider: string;
    /** As the sender spells it; null when it told of no new push. */
    readonly image: string | null;
    /** `looking` until the registry shows something new (`arrived`) or it was waited long enough (`nothingNew`). */
    readonly state: "unknown" | "full" | "looking" | "arrived" | "nothingNew" | "ignored" | "repeated";
  } | null;
}

/** How much a registry still gives, by its own last word. */
export interface RegistryStatus {
  /** As references write it. */
  readonly host: string;
  readonly limit: number;
  readonly remaining: number;
  /** The time that `limit` is for; it moves along. */
  readonly windowSeconds: number;
  readonly seenAt: Timestamp | null;
}

export interface AgentStatus {
  readonly agent: {
    readonly version: string;
    readonly startedAt: Timestamp | null;
    /** Null until the engine has answered once. */
    readonly platform: Platform | null;
    /** How the platform was found out, one sentence. */
    readonly platformBecause: string;
    readonly engine: {
      readonly version: string;
      readonly apiVersion: string;
      readonly product: string;
      readonly store: string;
    } | null;
    /** For which other agent it stands by, one sentence; null where it acts. */
    readonly standby: string | null;
    /** The agent's own container, told of as a project of one service; null outside of one. */
    readonly selfUpdate: ProjectStatus | null;
    /** Why the engine does not answer now; null when it does. */
    readonly engineProblem: string | null;
    readonly host: {
      readonly name: string;
      readonly model: string;
      readonly operatingSystem: string;
      readonly cpus: number;
      readonly memoryBytes: number;
      readonly memoryAvailableBytes: number | null;
      readonly uptimeSeconds: number | null;
    };
  };
  /** Null where no token for them is configured. */
  readonly webhooks: WebhookStatus | null;
  /** Those that say how much they give, sorted by host; empty where none has a limit. */
  readonly registries: readonly RegistryStatus[];
  /** Sorted by name. */
  readonly projects: readonly ProjectStatus[];
}
