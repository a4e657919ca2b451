// What reconciling needs from outside, and what one look leaves behind for the status page.
import type {
  AgentConfig,
  BoardhandError,
  DesiredProject,
  ImageDecision,
  ObservedProject,
  Plan,
} from "../core/model/index.ts";
import type { OwnService } from "../core/plan/index.ts";
import type { Clock, Credentials, Engine, Host, Journal, Log, ProgressSink } from "../ports/index.ts";
import type { Attempts } from "./attempts.ts";
import type { GroundSource } from "./ground.ts";

import type { LoadedProject, ProjectSource } from "./load/index.ts";
import type { Resolver } from "./resolve/index.ts";
import type { Space } from "./space.ts";
import type { Texts } from "./texts.ts";
import type { Windows } from "./windows.ts";

export interface ReconcileDeps {
  /** Without the agent's own containers (`engineWithoutOwn`): what is observed here may be changed. */
  readonly engine: Engine;
  /** Everything that is there, for the page. */
  readonly observeWhole: Engine["observe"];
  /** The service that the agent runs as; null where it is none. Throws as the engine does, which is asked once. */
  readonly own: () => Promise<OwnService | null>;
  readonly resolver: Resolver;
  readonly credentials: Credentials;
  readonly journal: Journal;
  readonly host: Host;
  readonly clock: Clock;
  readonly log: Log;
  readonly progress: ProgressSink;
  readonly config: Pick<AgentConfig, "rollout" | "drift" | "orphans" | "images" | "docker">;
  readonly ground: Pick<GroundSource, "get" | "lost" | "away">;
  readonly attempts: Attempts;
  readonly windows: Windows;
  readonly space: Space;
  /** Projects whose images were looked at since their last rollout. */
  readonly tidy: Set<string>;
  readonly texts: Texts;
  readonly load: (source: ProjectSource) => Promise<LoadedProject>;
  /** Aborted when the agent is asked to stop. */
  readonly signal: AbortSignal;
}

/** The last look at one project; nothing decides by it. */
export interface ProjectView {
  readonly name: string;
  readonly desired: DesiredProject | null;
  readonly invalid: BoardhandError | null;
  readonly warnings: readonly string[];
  readonly images: ReadonlyMap<string, ImageDecision>;
  readonly observed: ObservedProject | null;
  readonly plan: Plan | null;
  /** Trouble that is nobody's hold: the engine away, the disk full. */
  readonly trouble: string | null;
  readonly lastLookAt: number | null;
}

export function emptyView(name: string): ProjectView {
  return {
    name,
    desired: null,
    invalid: null,
    warnings: [],
    images: new Map(),
    observed: null,
    plan: null,
    trouble: null,
    lastLookAt: null,
  };
}
