// What every step may use. The plan decided everything else.
import type {
  ContainerRef,
  DesiredProject,
  EngineFacts,
  Secret,
  ServiceFile,
  Step,
} from "../../core/model/index.ts";
import type { Clock, Credentials, Engine, Log, PullProgress } from "../../ports/index.ts";

export interface StepContext {
  readonly engine: Engine;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly log: Log;
  readonly facts: EngineFacts;
  readonly desired: DesiredProject;
  readonly revision: string;
  /** The text of a secret or config that is no file of the board; null when it is not known. */
  readonly textOf: (kind: ServiceFile["kind"], source: string) => Secret | null;
  /** Ids of containers that earlier steps created, by step number. */
  readonly created: Map<number, string>;
  /** Aborts waits and pulls; never a call that has begun to change something. */
  readonly signal: AbortSignal;
  readonly onPull: (step: Step, progress: PullProgress) => void;
}

/** The container id behind a reference; a plan that names a step which created nothing is a bug. */
export function resolveRef(ref: ContainerRef, ctx: StepContext): string {
  if (!ref.startsWith("#")) return ref;
  const id = ctx.created.get(Number(ref.slice(1)));
  if (id === undefined) throw new Error(`step ${ref} created no container`);
  return id;
}
