// Boardhand's own configuration, checked and complete; the file form and its defaults are adapters/config.
import type { FailureAction, RolloutOrder } from "./project.ts";

/** One project given by hand instead of found as a sub-directory. Paths are absolute. */
export interface ProjectEntry {
  readonly name: string | null;
  readonly directory: string;
  readonly files: readonly string[];
  readonly envFiles: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly profiles: readonly string[];
}

/** Providers whose deliveries can be signed or carry a header. */
export const SECRET_PROVIDERS = ["github", "gitea", "gitlab", "harbor", "distribution", "generic"] as const;
export type SecretProvider = (typeof SECRET_PROVIDERS)[number];

export interface AgentConfig {
  /** A directory of project directories, or a list. */
  readonly projects: string | readonly ProjectEntry[];
  /** Lenient: keys that no compose file has are warnings instead of errors. */
  readonly compose: { readonly lenient: boolean };
  /** Cron expression, 5 fields or 6 with seconds. */
  readonly schedule: string;
  readonly timezone: string | null;
  readonly jitterMs: number;
  /** `auto` or a platform such as `linux/arm/v6`. */
  readonly platform: string;
  readonly docker: {
    /** `unix:///path`, `tcp://host:port`. */
    readonly host: string;
    readonly tls: { readonly ca: string; readonly cert: string; readonly key: string } | null;
  };
  readonly registries: {
    /** `host[:port]` values spoken to over plain HTTP; loopback always is allowed. */
    readonly insecure: readonly string[];
    /** By registry (`docker.io`): origins (`https://mirror.lan:5000`) that hold copies of what it has, asked in this order. */
    readonly mirrors: Readonly<Record<string, readonly string[]>>;
    /** By the name that images are pulled from: what a registry is called by webhooks besides. */
    readonly aliases: Readonly<Record<string, readonly string[]>>;
    /** By `host[:port]`: the PEM file of whoever signed its certificate. */
    readonly ca: Readonly<Record<string, string>>;
    readonly dockerConfig: string | null;
    readonly timeoutMs: number;
    readonly parallelism: number;
  };
  readonly rollout: {
    readonly order: RolloutOrder;
    readonly monitorMs: number;
    readonly failureAction: FailureAction;
    readonly healthTimeoutMs: number;
  };
  readonly images: { readonly keep: number; readonly minFreeSpaceBytes: number; readonly prune: boolean };
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly tokenFile: string | null;
    /** Addresses and `ADDRESS/BITS` ranges whose word about who asks is believed. */
    readonly trustedProxies: readonly string[];
  };
  readonly webhooks: {
    /** Null: there is no webhook. */
    readonly tokenFile: string | null;
    /** What a provider must sign with, or send, beside the token; absent where the token is enough. */
    readonly secretFiles: Readonly<Partial<Record<SecretProvider, string>>>;
    /** Whether Docker Hub's `callback_url` is answered. */
    readonly callback: boolean;
  };
  readonly drift: "leave" | "restore";
  readonly orphans: "report" | "remove";
  /** Whether the agent follows its own image's tag; `notify`: it only says that there is a newer one. */
  readonly selfUpdate: "auto" | "notify" | "off";
  readonly state: string;
  readonly log: { readonly level: "debug" | "info" | "warn" | "error" };
}
