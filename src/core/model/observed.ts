// What is: one snapshot of the engine for one project, taken at once so that planning makes no calls.
import type { Digest } from "./image.ts";

export type ContainerState = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";
export type HealthState = "none" | "starting" | "healthy" | "unhealthy";

export interface ObservedMount {
  readonly type: string;
  /** Volume name for volumes, else empty. */
  readonly name: string;
  readonly source: string;
  readonly destination: string;
  readonly writable: boolean;
}

/** One container alone: what its image is known by is a question of its own. */
export interface InspectedContainer {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly service: string;
  /** Compose's container number, 1-based. */
  readonly number: number;
  readonly state: ContainerState;
  readonly health: HealthState;
  /** Output of the last health probe, shortened; empty when there is none. */
  readonly healthOutput: string;
  readonly restartCount: number;
  readonly exitCode: number;
  /** The engine's own words when a start failed; empty otherwise. */
  readonly error: string;
  /** Milliseconds since the epoch; null when it never ran. */
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** `no`, `always`, `unless-stopped`, `on-failure:3`. */
  readonly restartPolicy: string;
  readonly stopGraceMs: number | null;
  /** The engine's image ID: a config digest or, with the containerd store, an index or manifest digest. */
  readonly imageId: string;
  /** `Config.Image`, as it was asked for. */
  readonly imageReference: string;
  /** From our own label; null on containers that others made. */
  readonly platformDigest: Digest | null;
  readonly definitionHash: string | null;
  /** docker compose's `config-hash` label. */
  readonly composeHash: string | null;
  /** Containers whose namespaces or volumes this one joins, by id. */
  readonly sharedWith: readonly string[];
  readonly hostPorts: readonly string[];
  readonly mounts: readonly ObservedMount[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface ObservedContainer extends InspectedContainer {
  /** Every `name@sha256:…` the engine knows this image by. */
  readonly repoDigests: readonly string[];
}

export interface ObservedNetwork {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ObservedVolume {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** One line of the engine's image list. */
export interface ImageSummary {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  /** Unpacked size, bytes. */
  readonly size: number;
}

/** One image, inspected. */
export interface ObservedImage extends ImageSummary {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
  /** Destinations the image itself declares as volumes. */
  readonly volumes: readonly string[];
}

export interface ObservedProject {
  readonly project: string;
  /** All containers that carry the project's label, sorted by service, number, name. */
  readonly containers: readonly ObservedContainer[];
  /** All networks and volumes of the engine that the project could use, by name. */
  readonly networks: readonly ObservedNetwork[];
  readonly volumes: readonly ObservedVolume[];
  /** Every image on this engine, for "is it here already" and for tidying up. */
  readonly images: readonly ImageSummary[];
}
