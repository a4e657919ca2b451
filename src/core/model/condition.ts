// How a project is, in the vocabulary of reconcilers: Ready, Reconciling, Stalled, each with reason and message.

export interface Condition {
  readonly type: "Ready" | "Reconciling" | "Stalled";
  readonly status: "True" | "False" | "Unknown";
  /** One CamelCase word. */
  readonly reason: string;
  readonly message: string;
}

/** Why a project is being looked at. A trigger never names an image. */
export interface Trigger {
  readonly project: string;
  readonly cause: "startup" | "schedule" | "manual" | "engine" | "retry" | "webhook";
  /** Ask the registries; without it the last answers count. */
  readonly refresh: boolean;
  /** A person asked: releases what was stopped or removed by hand. */
  readonly force: boolean;
}
