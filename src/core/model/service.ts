// One service of a compose file in canonical form: every short syntax expanded, every value typed.
// Key names are the compose specification's, so that printing and hashing need no translation.
import type { BuildSpec, UlimitSpec, WatchSpec } from "./service-build.ts";
import type { DeploySpec, DeviceRequestSpec } from "./service-deploy.ts";
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

/** The last two exist in swarms and on Windows only. */
export type MountType = "bind" | "volume" | "tmpfs" | "image" | "cluster" | "npipe";

export interface VolumeMountSpec {
  readonly type: MountType;
  /** A path for binds, a key of the top-level `volumes` for volumes, absent for anonymous ones; else as written. */
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly consistency?: string;
  readonly bind?: {
    readonly selinux?: string;
    readonly propagation?: string;
    readonly create_host_path?: boolean;
    /** `enabled`, `disabled`, `writable` or `readonly`. */
    readonly recursive?: string;
  };
  readonly volume?: {
    readonly nocopy?: boolean;
    readonly subpath?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly tmpfs?: { readonly size?: number; readonly mode?: number };
  readonly image?: { readonly subpath?: string };
}

export interface ServiceNetworkSpec {
  readonly aliases?: readonly string[];
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly priority?: number;
  readonly gw_priority?: number;
  readonly interface_name?: string;
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
  /** Absent in the long syntax where nothing is said. */
  readonly permissions?: string;
}

/** One device and its bytes or operations a second. */
export interface ThrottleSpec {
  readonly path?: string;
  readonly rate?: number;
}

export interface BlkioSpec {
  readonly weight?: number;
  readonly weight_device?: readonly { readonly path?: string; readonly weight?: number }[];
  readonly device_read_bps?: readonly ThrottleSpec[];
  readonly device_read_iops?: readonly ThrottleSpec[];
  readonly device_write_bps?: readonly ThrottleSpec[];
  readonly device_write_iops?: readonly ThrottleSpec[];
}

/** Absent keys were not written; `null` and `[]` keep the difference compose makes between "unset" and "empty". */
export interface ServiceSpec {
  /** Absent where the image is to be built, or where something else provides the service. */
  readonly image?: string;
  readonly command?: readonly string[] | null;
  readonly entrypoint?: readonly string[] | null;
  /** `null` passes a variable through that is not set. env_file is merged in. */
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Absolute paths; their labels are in `labels`, but docker compose hashes the paths too. */
  readonly label_file?: readonly string[];
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
  readonly annotations?: Readonly<Record<string, string>>;
  /** Only for the output of `docker compose up`, but in its hash. */
  readonly attach?: boolean;
  readonly blkio_config?: BlkioSpec;
  readonly cgroup?: string;
  readonly cgroup_parent?: string;
  readonly cpu_count?: number;
  readonly cpu_percent?: number;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpu_rt_period?: number;
  readonly cpu_rt_runtime?: number;
  readonly credential_spec?: { readonly config?: string; readonly file?: string; readonly registry?: string };
  readonly develop?: { readonly watch?: readonly WatchSpec[] };
  readonly device_cgroup_rules?: readonly string[];
  readonly external_links?: readonly string[];
  readonly gpus?: readonly DeviceRequestSpec[];
  readonly isolation?: string;
  /** By name of a top-level model. */
  readonly models?: Readonly<
    Record<string, { readonly endpoint_var?: string; readonly model_var?: string } | null>
  >;
  readonly provider?: {
    readonly type: string;
    readonly options?: Readonly<Record<string, readonly string[]>>;
  };
  /** Per cent, hashed like a size in bytes. */
  readonly mem_swappiness?: number;
  readonly oom_kill_disable?: boolean;
  readonly storage_opt?: Readonly<Record<string, string>>;
  readonly use_api_socket?: boolean;
  readonly userns_mode?: string;
  readonly uts?: string;
  /** In no hash: Boardhand builds nothing. */
  readonly build?: BuildSpec;
}
