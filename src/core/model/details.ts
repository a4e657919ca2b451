// What a container was made with, as the engine tells it. Read only for containers that have to be compared field by
// field, and kept no longer than the look that compares them.

export type EngineJson = Readonly<Record<string, unknown>>;

/** What the engine fills in where a create call says nothing, and what it forgets because its kernel has none of it. */
export interface EngineDefaults {
  /** A container on the host's network has the host's name. */
  readonly hostName: string;
  readonly runtime: string;
  readonly logDriver: string;
  readonly cgroupVersion: string;
  /** Fields of HostConfig that this kernel cannot enforce and the engine therefore does not keep. */
  readonly unenforced: readonly string[];
}

/** One container in the engine's own words. */
export interface ContainerDetails {
  /** `Config`. */
  readonly config: EngineJson;
  /** `HostConfig`. */
  readonly hostConfig: EngineJson;
  /** `NetworkSettings.Networks`. */
  readonly networks: EngineJson;
  /** `Config` of the very image it was made from. */
  readonly image: EngineJson;
  readonly engine: EngineDefaults;
}
