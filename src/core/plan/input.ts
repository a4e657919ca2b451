// What the planner is given. Everything it may depend on is here, so equal inputs give equal plans.
import type {
  ContainerDetails,
  DesiredProject,
  EngineFacts,
  FailureAction,
  ImageDecision,
  ObservedProject,
  QuarantineEntry,
  Rollout,
  RolloutOrder,
} from "../model/index.ts";

/** ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

export interface PlanPolicy {
  readonly rollout: Rollout;
  readonly suspended: boolean;
  /** What could not be read of what is remembered; null: all was. Nothing new is begun. */
  readonly damaged: string | null;
  /** A person asked: what was stopped or removed by hand is started again. */
  readonly force: boolean;
  readonly drift: "leave" | "restore";
  readonly orphans: "report" | "remove";
  readonly order: RolloutOrder;
  readonly failureAction: FailureAction;
  readonly monitorMs: number;
  readonly healthTimeoutMs: number;
  readonly quarantine: readonly QuarantineEntry[];
  /** Service → compose revision at the time it was last seen running. */
  readonly seen: Readonly<Record<string, string>>;
  /** When the engine was away: what ended then was not ended by a person. */
  readonly away: readonly Span[];
  /** `1.41`: what services may ask of the engine. */
  readonly apiVersion: string;
  /** Engines before API 1.44 take one network in the create call. */
  readonly multiNetworkCreate: boolean;
  /** Services whose replacement could not be made in this look, and why: the others go on without them. */
  readonly notCreated: ReadonlyMap<string, string>;
  /** Free bytes where images are kept; null when it cannot be told. */
  readonly freeBytes: number | null;
  readonly minFreeBytes: number;
  /** How the engine keeps images, which decides what a pull takes. */
  readonly store: EngineFacts["store"];
  /** Platform digests whose pull ran out of space, and the bytes that were free when it began. */
  readonly ranOut: ReadonlyMap<string, number>;
}

export interface PlanInput {
  readonly desired: DesiredProject;
  /** By service name; a missing entry counts as held. */
  readonly images: ReadonlyMap<string, ImageDecision>;
  readonly observed: ObservedProject;
  /** By id: what containers were made with whose docker compose hash is in no known dialect (`comparedByField`). */
  readonly details: ReadonlyMap<string, ContainerDetails>;
  /** Diff ids of the images that are here, for what need not be pulled; absent: every layer counts as missing. */
  readonly layersHere?: readonly (readonly string[])[];
  readonly policy: PlanPolicy;
}
