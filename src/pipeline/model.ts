// The words that the parts of the pipeline share: what is built from, under which tags, and how a stage ended.
import type { ErrorCode } from "../core/model/index.ts";

export const STAGES = ["emulators", "test", "image", "smoke", "push", "manifest"] as const;
export type StageName = (typeof STAGES)[number];

export type BuildEvent = "push" | "tag" | "pull-request" | "other" | "local";

/** What a commit ends in when files have changed since. */
export const DIRTY = "-dirty";

/** What is being built, as the CI or git says. */
export interface BuildContext {
  /** `Travis CI`, `GitHub Actions`, `git`; for people. */
  readonly provider: string;
  readonly event: BuildEvent;
  /** Null for a tag, a detached head, no repository. */
  readonly branch: string | null;
  /** As git has it: `v1.2.3`. */
  readonly tag: string | null;
  /** Full hash. */
  readonly commit: string | null;
}

/** A tag that a manifest list gets: a release's `1.2.3`, `1.2`, `1`, or `latest`. */
export interface ReleaseTag {
  readonly name: string;
  readonly kind: "version" | "latest";
}

/** What somebody can do about a failure. */
export interface StageFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
}

/** How one stage ended for one image, or with `arch` null as a whole. */
export interface StageOutcome {
  readonly stage: StageName;
  readonly arch: string | null;
  readonly state: "done" | "failed" | "skipped";
  /** One line: what was done, or why not. */
  readonly message: string;
  readonly ms: number;
  readonly failure: StageFailure | null;
  /** For machines: digests, sizes, tags. Never a secret. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** What is happening, line by line; `arch` null is the whole stage. */
export type PipelineEvent =
  | { readonly kind: "started"; readonly stage: StageName; readonly arch: string | null }
  | {
      readonly kind: "line";
      readonly stage: StageName;
      readonly arch: string | null;
      readonly text: string;
    }
  | { readonly kind: "warning"; readonly arch: string | null; readonly text: string }
  | { readonly kind: "ended"; readonly outcome: StageOutcome };
