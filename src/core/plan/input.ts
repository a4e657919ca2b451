// What the planner is given. Everything it may depend on is here, so equal inputs give equal plans.
import type {
  ContainerDetails,
  DesiredProject,
  FailureAction,
  ImageDecision,
  ObservedProject,
  QuarantineEntry,
  Rollout,
  RolloutOrder,
} from "../model/index.ts";

export interface PlanPolicy {
  readonly rollout: Rollout;
  readonly suspended: boolean;
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
  /** When the engine was last away, ms since the epoch: what ended then was not ended by a person. */
  readonly away: { readonly from: number; readonly until: number } | null;
  /** `1.41`: what services may ask of the engine. */
  readonly apiVersion: string;
  /** Engines before API 1.44 take one network in the create call. */
  readonly multiNetworkCreate: boolean;
  /** Services whose replacement could not be made in this look, and why: the others go on without them. */
  readonly notCreated: ReadonlyMap<string, string>;
  /** Free bytes where images are kept; null when it cannot be told. */
  readonly freeBytes: number | null;
  readonly minFreeBytes: number;
}

export interface PlanInput {
  readonly desired: DesiredProject;
  /** By service name; a missing entry counts as held. */
  readonly images: ReadonlyMap<string, ImageDecision>;
  readonly observed: ObservedProject;
  /** By id: what containers were made with whose docker compose hash is in no known dialect (`comparedByField`). */
  readonly details: ReadonlyMap<string, ContainerDetails>;
  readonly policy: PlanPolicy;
}
