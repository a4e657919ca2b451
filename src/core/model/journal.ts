// What is written down before it happens, and what is remembered of it.
import type { Digest, ImageDecision, PinnedImage } from "./image.ts";
import type { DesiredProject } from "./project.ts";
import type { Rollout } from "./rollout.ts";
import type { StepKind } from "./step.ts";

/** A platform digest (or a definition) that failed here and is not tried again. */
export interface QuarantineEntry {
  readonly service: string;
  /** What is refused for this service: the image when it had moved, else null. */
  readonly platformDigest: Digest | null;
  /** The definition, when that was what had changed, else null. */
  readonly definitionHash: string | null;
  /** Whose failure it was; a service that moved together with it is released when that one's tag moves. */
  readonly culprit: {
    readonly service: string;
    readonly platformDigest: Digest | null;
    readonly definitionHash: string | null;
  };
  readonly reason: string;
  /** ms since the epoch. */
  readonly since: number;
}

/** An image that Boardhand itself pulled, for this service: what it may remove again. */
export interface BroughtImage
  extends Pick<PinnedImage, "reference" | "name" | "indexDigest" | "platformDigest" | "configDigest"> {
  readonly service: string;
}

/** A complete revision: what is needed to converge to it without a registry. Kept on disk, mode 0600. */
export interface RevisionSnapshot {
  readonly id: string;
  readonly project: DesiredProject;
  /** By service name. */
  readonly images: Readonly<Record<string, ImageDecision>>;
  readonly madeAt: number;
  /** Everything pulled for the project until then that was still here, oldest first; absent in what older releases wrote. */
  readonly brought?: readonly BroughtImage[];
}

export type JournalEvent =
  | { readonly type: "plan"; readonly trigger: string; readonly revision: string; readonly rendered: string }
  /** On disk before the calls it announces. */
  | {
      readonly type: "intent";
      readonly steps: readonly {
        readonly n: number;
        readonly kind: StepKind;
        readonly service: string | null;
        readonly what: string;
      }[];
    }
  | { readonly type: "done"; readonly n: number; readonly kind: StepKind; readonly ms: number }
  | {
      readonly type: "failed";
      readonly n: number;
      readonly kind: StepKind;
      readonly code: string;
      readonly message: string;
    }
  | { readonly type: "rollout"; readonly state: Rollout }
  | { readonly type: "quarantine"; readonly entries: readonly QuarantineEntry[] }
  | { readonly type: "released"; readonly services: readonly string[]; readonly why: string }
  | { readonly type: "suspended"; readonly value: boolean }
  /** What was lost of this journal, or null: a person has looked and takes what is left for the truth. */
  | { readonly type: "damaged"; readonly what: string | null }
  /** Services last seen running, with the compose revision of that moment. */
  | { readonly type: "seen"; readonly services: Readonly<Record<string, string>> };

export interface JournalEntry {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly project: string;
  readonly event: JournalEvent;
}

/** The fold of a project's entries: everything decisions need to remember. */
export interface ProjectMemory {
  readonly rollout: Rollout;
  readonly quarantine: readonly QuarantineEntry[];
  readonly suspended: boolean;
  /**
   * What could not be read, in one sentence; null when all was. A refusal or a suspension may be in it, so nothing new
   * is begun until a person says so (`resume`); what is under way is brought to its end.
   */
  readonly damaged: string | null;
  readonly seen: Readonly<Record<string, string>>;
  /** The revision before `rollout.good`, for `boardhand rollback`. */
  readonly previousGood: string | null;
  readonly lastPlan: { readonly at: number; readonly trigger: string; readonly rendered: string } | null;
}

export const EMPTY_MEMORY: ProjectMemory = {
  rollout: { kind: "idle", good: null },
  quarantine: [],
  suspended: false,
  damaged: null,
  seen: {},
  previousGood: null,
  lastPlan: null,
};
