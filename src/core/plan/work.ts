// One instance with its verdict, and the marks that keep the phases of a plan from doing anything twice.
import type { ContainerRef, ObservedContainer } from "../model/index.ts";
import type { ServiceChoice } from "./choice.ts";
import type { Instance } from "./instances.ts";
import type { Verdict } from "./verdict.ts";

export interface Work {
  readonly instance: Instance;
  readonly verdict: Verdict;
  readonly choice: ServiceChoice;
  /** Name and id of the container that is to take the place; set when it exists or is created. */
  goal: {
    readonly ref: ContainerRef;
    readonly name: string;
    readonly container: ObservedContainer | null;
  } | null;
  /** The step that created the goal, or made it ready; 0 when it was there. */
  goalStep: number;
  /** Last step that retired the old container; 0 when there is none. */
  retiredStep: number;
  retireDone: boolean;
  /** Last step of the swap, for what must come after this instance. */
  readyStep: number;
}

export function workFor(instance: Instance, verdict: Verdict, choice: ServiceChoice): Work {
  return {
    instance,
    verdict,
    choice,
    goal: existingGoal(verdict),
    goalStep: 0,
    retiredStep: 0,
    retireDone: false,
    readyStep: 0,
  };
}

function existingGoal(verdict: Verdict): Work["goal"] {
  const container =
    verdict.kind === "finish"
      ? verdict.goal
      : verdict.kind === "keep" || verdict.kind === "hold"
        ? verdict.container
        : null;
  return container === null ? null : { ref: container.id, name: container.name, container };
}

/** The container that has to leave its name and stop, or null. */
export function leaving(work: Work): ObservedContainer | null {
  if (work.verdict.kind === "replace" || work.verdict.kind === "finish") return work.verdict.old;
  return null;
}

/** Whether this plan changes what runs for the instance. */
export function moves(work: Work): boolean {
  return work.verdict.kind === "create" || work.verdict.kind === "replace" || work.verdict.kind === "finish";
}

/** Whether a container has to be made for it. */
export function makes({ verdict }: Work): boolean {
  return verdict.kind === "create" || verdict.kind === "replace";
}
