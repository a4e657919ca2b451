// Why a service is left as it is. The names are part of the interface (docs/reference/holds.md).

export type HoldReason =
  | "Suspended"
  | "UpdateOff"
  | "Quarantined"
  | "ArchitectureMissing"
  | "ArchitectureMismatch"
  | "NotEnoughSpace"
  | "NotCreated"
  | "RegistryUnavailable"
  | "RateLimited"
  | "Unauthorized"
  | "ImageNotFound"
  | "ComposeInvalid"
  | "PinnedDigest"
  | "StoppedByHand"
  | "RemovedByHand"
  | "StateUnreadable";

/** A hold of one service, with the words an operator reads. */
export interface Hold {
  readonly service: string;
  readonly reason: HoldReason;
  readonly message: string;
}
