// What the stages work with; each gets only this, so that tests can hand them any part.
import type { PipelineConfig } from "../core/model/index.ts";
import type { Binfmt, Clock, Files, ManifestWriter, Programs, Registry, Scratch } from "../ports/index.ts";
import type { BuildContext, PipelineEvent } from "./model.ts";

export interface PipelineDeps {
  readonly config: PipelineConfig;
  readonly context: BuildContext;
  readonly programs: Programs;
  readonly binfmt: Binfmt;
  readonly registry: Pick<Registry, "head" | "manifest" | "config"> & ManifestWriter;
  readonly files: Pick<Files, "exists">;
  readonly scratch: Scratch;
  readonly clock: Clock;
  /** This process's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly report: (event: PipelineEvent) => void;
  readonly signal: AbortSignal;
}
