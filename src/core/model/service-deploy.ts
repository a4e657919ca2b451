// The `deploy` section of a service and requests for devices, in canonical form.

/** A GPU or the like; `gpus` may leave the capabilities out, a reservation may not. */
export interface DeviceRequestSpec {
  readonly capabilities?: readonly string[];
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
  readonly generic_resources?: readonly {
    readonly discrete_resource_spec?: { readonly kind?: string; readonly value?: number };
  }[];
}

export interface PlacementSpec {
  readonly constraints?: readonly string[];
  readonly preferences?: readonly { readonly spread?: string }[];
  readonly max_replicas_per_node?: number;
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
  readonly placement?: PlacementSpec;
  readonly endpoint_mode?: string;
}
