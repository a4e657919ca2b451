// What should be: a compose project, loaded and resolved against its own files, before any registry or engine is asked.
import type { Platform } from "./platform.ts";
import type { DependencyCondition, ServiceSpec } from "./service.ts";
import type { ServiceFile } from "./service-files.ts";

export type RolloutOrder = "stop-first" | "start-first";
export type FailureAction = "rollback" | "pause" | "continue";

export interface Dependency {
  readonly service: string;
  readonly condition: DependencyCondition;
  readonly restart: boolean;
  readonly required: boolean;
}

/** What a service asks for about its own rollout; null where the configuration's default counts. */
export interface RolloutWish {
  readonly order: RolloutOrder | null;
  readonly monitorMs: number | null;
  readonly failureAction: FailureAction | null;
}

export interface DesiredService {
  readonly name: string;
  /** The image as written, interpolated; what docker compose would call the image it builds where none is named. */
  readonly reference: string;
  /** `platform:` of the service; null means the board's own. */
  readonly platform: Platform | null;
  /** `check`: follow the tag; `missing`: only when absent here; `never`: what is here or nothing. */
  readonly pull: "check" | "missing" | "never";
  readonly update: "auto" | "notify" | "off";
  readonly replicas: number;
  readonly containerName: string | null;
  /** Boardhand's own hash of the definition, `v1:` + 64 hex. The image digest is not in it. */
  readonly definitionHash: string;
  /** docker compose's hash in each dialect it is known in; the first is written on new containers. */
  readonly composeHashes: readonly string[];
  /** Sorted by service name. */
  readonly dependsOn: readonly Dependency[];
  /** Services whose network, pid, ipc or volumes this one joins: it must be replaced together with them. */
  readonly sharesWith: readonly string[];
  /** `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3`. */
  readonly restart: string;
  readonly rollout: RolloutWish;
  /** Why two containers of this service cannot run side by side, in words; empty when they can. */
  readonly exclusive: readonly string[];
  /** Host ports it publishes, `ip:port/protocol`, ip empty for all addresses. */
  readonly hostPorts: readonly string[];
  /** Keys of the project's networks and volumes it uses, sorted. */
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Its secrets and configs as its containers get them. */
  readonly files: readonly ServiceFile[];
  /** The seccomp profile, compact JSON, for each option of `security_opt` that names a file. */
  readonly seccomp: Readonly<Record<string, string>>;
  /** Why none of it can be made here, whatever the engine; each reads on after "the service …". Mostly empty. */
  readonly refusals: readonly string[];
  readonly spec: ServiceSpec;
}

export interface DesiredNetwork {
  readonly key: string;
  /** The engine's name for it. */
  readonly name: string;
  readonly external: boolean;
  readonly driver: string | null;
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly internal: boolean;
  readonly attachable: boolean;
  /** Absent where nothing is said: engines have it on. */
  readonly enableIpv4?: boolean;
  readonly enableIpv6: boolean | null;
  readonly ipam: {
    readonly driver: string | null;
    readonly config: readonly {
      readonly subnet?: string;
      readonly gateway?: string;
      readonly ip_range?: string;
      readonly aux_addresses?: Readonly<Record<string, string>>;
    }[];
  } | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly composeHash: string;
}

export interface DesiredVolume {
  readonly key: string;
  readonly name: string;
  readonly external: boolean;
  readonly driver: string | null;
  readonly driverOpts: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly composeHash: string;
}

export interface DesiredProject {
  readonly name: string;
  /** Absolute project directory. */
  readonly directory: string;
  /** Absolute compose files, in merge order. */
  readonly files: readonly string[];
  /** Environment files given explicitly; empty where `.env` was found by itself. */
  readonly environmentFiles: readonly string[];
  /** Hash over all definitions: changes with the compose file, never with an image. */
  readonly composeRevision: string;
  /** Sorted by name; services that no active profile selects are left out. */
  readonly services: readonly DesiredService[];
  /** Services that exist in the file but are switched off by profiles: not orphans. */
  readonly disabledServices: readonly string[];
  readonly networks: readonly DesiredNetwork[];
  readonly volumes: readonly DesiredVolume[];
}
