// The states of one project's rollout and the events that move it (the table is core/rollout).
import type { FailureAction } from "./project.ts";

export type Rollout =
  /** Nothing under way; `good` is the revision that proved itself last. */
  | { readonly kind: "idle"; readonly good: string | null }
  | {
      readonly kind: "progressing";
      readonly good: string | null;
      readonly to: string;
      readonly moved: readonly string[];
      /** Moved services that may exit with code 0: one-shot jobs. */
      readonly jobs: readonly string[];
    }
  | {
      readonly kind: "monitoring";
      readonly good: string | null;
      readonly to: string;
      readonly moved: readonly string[];
      readonly jobs: readonly string[];
      /** When the monitor window is to end, ms since the epoch: for people; what counts is how long it was open. */
      readonly until: number;
    }
  | {
      readonly kind: "rollingBack";
      readonly good: string | null;
      readonly failed: string;
      readonly moved: readonly string[];
      readonly jobs: readonly string[];
      readonly reason: string;
    }
  /** A failure was dealt with (`rolledBack`) or waits for a person (not `rolledBack`). */
  | {
      readonly kind: "stalled";
      readonly good: string | null;
      readonly failed: string;
      readonly reason: string;
      readonly rolledBack: boolean;
    };

export type RolloutEvent =
  | {
      readonly kind: "planned";
      readonly revision: string;
      readonly moved: readonly string[];
      readonly jobs: readonly string[];
    }
  | { readonly kind: "planDone"; readonly until: number }
  /** The monitor window passed without an incident. */
  | { readonly kind: "proven" }
  | {
      readonly kind: "failed";
      readonly reason: string;
      readonly action: FailureAction;
      /** Whether there is anything to go back to or to clear away. */
      readonly canGoBack: boolean;
    }
  | { readonly kind: "rolledBack" }
  /** A person said that the stalled state is dealt with. */
  | { readonly kind: "cleared" };
