// One service of a compose file in canonical form: every short syntax expanded, every value typed.
// Key names are the compose specification's, so that printing and hashing need no translation.

import type { FileRefSpec, HookSpec } from "./service-files.ts";

export interface PortSpec {
  readonly name?: string;
  readonly mode: string;
  readonly host_ip?: string;
  readonly target: number;
  /** A port or a range `8000-8010`; absent means that the engine picks. */
  readonly published?: string;
  readonly protocol: string;
  readonly app_protocol?: string;
}

export interface VolumeMountSpec {
  readonly type: "bind" | "volume" | "tmpfs";
  /** A path for binds, a key of the top-level `volumes` for volumes, absent for anonymous ones. */
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly consistency?: string;
  readonly bind?: {
    readonly selinux?: string;
    readonly propagation?: string;
    readonly create_host_path?: boolean;
  };
  readonly volume?: {
    readonly nocopy?: boolean;
    readonly subpath?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly tmpfs?: { readonly size?: number; readonly mode?: number };
}

export interface ServiceNetworkSpec {
  readonly aliases?: readonly string[];
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly priority?: number;
  readonly driver_opts?: Readonly<Record<string, string>>;
}

export interface HealthcheckSpec {
  readonly test?: readonly string[];
  /** Nanoseconds, as the engine takes them. */
  readonly interval?: number;
  readonly timeout?: number;
  readonly start_period?: number;
  readonly start_interval?: number;
  readonly retries?: number;
  readonly disable?: boolean;
}

export type DependencyCondition = "service_started" | "service_healthy" | "service_completed_successfully";

export interface DependencySpec {
  readonly condition: DependencyCondition;
  /** Restart the dependent after this dependency was replaced. */
  readonly restart: boolean;
  readonly required: boolean;
}

export interface DeviceSpec {
  readonly source: string;
  readonly target: string;
  readonly permissions: string;
}

export interface DeviceRequestSpec {
  readonly capabilities: readonly string[];
  readonly driver?: string;
  readonly count?: number;
  readonly device_ids?: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
}

export interface ResourceSpec {
  /** Number of processors as compose prints it (`0.5`). */
  readonly cpus?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly pids?: number;
  readonly devices?: readonly DeviceRequestSpec[];
}

export interface UpdateConfigSpec {
  readonly parallelism?: number;
  /** Nanoseconds. */
  readonly delay?: number;
  readonly failure_action?: string;
  /** Nanoseconds. */
  readonly monitor?: number;
  readonly max_failure_ratio?: number;
  readonly order?: string;
}

export interface DeploySpec {
  readonly mode?: string;
  readonly replicas?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly update_config?: UpdateConfigSpec;
  readonly rollback_config?: UpdateConfigSpec;
  readonly resources?: { readonly limits?: ResourceSpec; readonly reservations?: ResourceSpec };
  readonly restart_policy?: {
    readonly condition?: string;
    readonly delay?: number;
    readonly max_attempts?: number;
    readonly window?: number;
  };
  readonly placement?: { readonly constraints?: readonly string[] };
  readonly endpoint_mode?: string;
}

export type UlimitSpec = number | { readonly soft: number; readonly hard: number };

/** Absent keys were not written; `null` and `[]` keep the difference compose makes between "unset" and "empty". */
export interface ServiceSpec {
  readonly image: string;
  readonly command?: readonly string[] | null;
  readonly entrypoint?: readonly string[] | null;
  /** `null` passes a variable through that is not set. env_file is merged in. */
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly container_name?: string;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly user?: string;
  readonly working_dir?: string;
  readonly restart?: string;
  readonly platform?: string;
  readonly pull_policy?: string;
  readonly profiles?: readonly string[];
  readonly scale?: number;
  readonly depends_on?: Readonly<Record<string, DependencySpec>>;
  readonly healthcheck?: HealthcheckSpec;
  readonly ports?: readonly PortSpec[];
  readonly expose?: readonly string[];
  readonly volumes?: readonly VolumeMountSpec[];
  readonly volumes_from?: readonly string[];
  readonly networks?: Readonly<Record<string, ServiceNetworkSpec | null>>;
  readonly network_mode?: string;
  readonly deploy?: DeploySpec;
  readonly devices?: readonly DeviceSpec[];
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly privileged?: boolean;
  readonly read_only?: boolean;
  readonly init?: boolean;
  readonly tty?: boolean;
  readonly stdin_open?: boolean;
  readonly security_opt?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly tmpfs?: readonly string[];
  readonly ulimits?: Readonly<Record<string, UlimitSpec>>;
  readonly dns?: readonly string[];
  readonly dns_opt?: readonly string[];
  readonly dns_search?: readonly string[];
  /** `host=ip`, sorted. */
  readonly extra_hosts?: readonly string[];
  readonly group_add?: readonly string[];
  readonly links?: readonly string[];
  readonly logging?: { readonly driver?: string; readonly options?: Readonly<Record<string, string>> };
  /** Bytes. */
  readonly shm_size?: number;
  readonly mem_limit?: number;
  readonly mem_reservation?: number;
  readonly memswap_limit?: number;
  readonly cpus?: number;
  readonly cpu_shares?: number;
  readonly cpuset?: string;
  readonly pids_limit?: number;
  readonly oom_score_adj?: number;
  readonly pid?: string;
  readonly ipc?: string;
  readonly runtime?: string;
  readonly mac_address?: string;
  readonly stop_signal?: string;
  /** Nanoseconds. */
  readonly stop_grace_period?: number;
  readonly secrets?: readonly FileRefSpec[];
  readonly configs?: readonly FileRefSpec[];
  readonly post_start?: readonly HookSpec[];
  readonly pre_stop?: readonly HookSpec[];
}
