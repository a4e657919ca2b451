// Collects steps in the order they will run, numbers them and keeps what each must wait for.
import type { ContainerRef, Plan, Step, StepArgs, StepKind } from "../model/index.ts";

interface StepOptions {
  readonly service?: string | null;
  readonly after?: readonly number[];
  readonly cause: string;
  readonly required?: boolean;
}

/** Grows a plan; `done()` freezes it. Local to one call of the planner. */
export class PlanBuilder {
  readonly #steps: Step[] = [];

  /** Appends a step and returns its number. */
  add<K extends StepKind>(kind: K, args: StepArgs[K], options: StepOptions): number {
    const n = this.#steps.length + 1;
    const common = {
      kind,
      n,
      service: options.service ?? null,
      after: [...new Set(options.after ?? [])].sort((a, b) => a - b),
      cause: options.cause,
      required: options.required ?? true,
    };
    // The one cast of the step type: `kind` and `args` belong together by the signature.
    this.#steps.push({ ...common, ...args } as unknown as Step);
    return n;
  }

  steps(): readonly Step[] {
    return this.#steps;
  }
}

/** How later steps name the container that step `n` creates. */
export function createdBy(n: number): ContainerRef {
  return `#${n}`;
}

export function emptyPlan(project: string): Plan {
  return { project, steps: [], held: [], moved: [], jobs: [], notes: [] };
}
