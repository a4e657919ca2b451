// What self-update needs from outside. The steps of a look that it shares with the projects are handed in.
import type {
  AgentConfig,
  BoardhandError,
  BoardPlatform,
  DesiredProject,
  EngineFacts,
  ImageDecision,
  ObservedProject,
  Plan,
  Trigger,
} from "../core/model/index.ts";
import type { Agents, Clock, Engine, Journal, Log, ProgressSink } from "../ports/index.ts";
import type { Self } from "./identity.ts";

/** A check of `doctor`. */
export interface Finding {
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  readonly message: string;
  /** The check was given up, which says nothing of the image. */
  readonly late?: true;
}

/** What the agent is to become: a revision of one service. */
export interface SelfTarget {
  readonly revision: string;
  readonly desired: DesiredProject;
  readonly images: ReadonlyMap<string, ImageDecision>;
}

export type Prepared =
  /** `successor` is what the plan's createContainer step made; null where it has none. */
  | { readonly kind: "done"; readonly successor: string | null }
  | { readonly kind: "interrupted" }
  | { readonly kind: "failed"; readonly error: BoardhandError };

export interface SelfDeps {
  readonly self: Self;
  readonly agents: Agents;
  /** With the agent's own containers in it. */
  readonly engine: Engine;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly progress: ProgressSink;
  /** Aborted when the agent is asked to stop. */
  readonly signal: AbortSignal;
  readonly mode: AgentConfig["selfUpdate"];
  readonly rollout: Pick<AgentConfig["rollout"], "healthTimeoutMs" | "monitorMs">;
  /** The command line's words about the configuration file, for containers that are to use the same. */
  readonly options: readonly string[];
  /** Paths without which nobody can speak to the engine as this agent does. */
  readonly needs: readonly string[];
  readonly remoteEngine: boolean;
  /** Waits until the engine answers. */
  readonly ground: () => Promise<{ readonly facts: EngineFacts; readonly board: BoardPlatform }>;
  /** A project on disk: null where there is none, its own words where it cannot be read. */
  readonly project: (name: string) => Promise<DesiredProject | string | null>;
  readonly decide: (
    desired: DesiredProject,
    trigger: Trigger,
  ) => Promise<{
    readonly images: ReadonlyMap<string, ImageDecision>;
    readonly retryAfterMs: number | null;
  }>;
  /** The plan towards it, by the memory of the agent's own updates and within the space that there is. */
  readonly plan: (target: SelfTarget, observed: ObservedProject, force: boolean) => Promise<Plan>;
  /** Runs steps that make something, journalling each; `labels` come on top of a container's own. */
  readonly prepare: (
    plan: Plan,
    target: SelfTarget,
    labels: Readonly<Record<string, string>>,
  ) => Promise<Prepared>;
  /** This agent's own doctor. */
  readonly examine: () => Promise<readonly Finding[]>;
  /** Whether something is under way that should be over first. */
  readonly othersAtWork: () => boolean;
  /** Removes images that only earlier revisions need. */
  readonly tidy: (target: SelfTarget) => Promise<void>;
}
