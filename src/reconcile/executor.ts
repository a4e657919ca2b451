// Runs a plan step by step, writing each intent to disk before the call it announces. Carries no decision logic:
// it stops at the first failure of a required step and says which one it was.
import {
  asBoardhandError,
  type BoardhandError,
  type JournalEvent,
  type Plan,
  type Step,
  type StepKind,
} from "../core/model/index.ts";
import { describeStep } from "../core/plan/index.ts";
import type { Journal, ProgressSink } from "../ports/index.ts";
import { runStep, type StepContext } from "./steps/index.ts";

export type Outcome =
  | { readonly kind: "done" }
  /** Asked to stop; no container is left stopped that was running. */
  | { readonly kind: "interrupted" }
  | {
      readonly kind: "failed";
      readonly step: Step;
      readonly error: BoardhandError;
      /** Whether a running container had been touched. */
      readonly touched: boolean;
    };

/** Steps of a swap: announced together, so that no write to the disk comes between a stop and its start. */
const SWAP: ReadonlySet<StepKind> = new Set([
  "renameContainer",
  "setRestartPolicy",
  "stopContainer",
  "startContainer",
]);

/** Steps that make something, in every plan before the first swap: what was started earlier had only been standing still. */
const MAKING: ReadonlySet<StepKind> = new Set([
  "createNetwork",
  "createVolume",
  "pullImage",
  "verifyImage",
  "createContainer",
  "connectNetwork",
]);

export interface ExecutorDeps {
  readonly journal: Journal;
  readonly progress: ProgressSink;
  /** A way back is not interrupted: what failed may be down until its end. Waits that nothing depends on are cut short. */
  readonly toTheEnd: boolean;
}

/**
 * Goes on after a step that is not required, leaving out what is not required either and had to wait for it: what a
 * hook could not prepare for its end is not ended. Throws only E_ENGINE_UNAVAILABLE (converge when it is back) and what the
 * journal throws.
 */
export async function execute(plan: Plan, ctx: StepContext, deps: ExecutorDeps): Promise<Outcome> {
  let announced = 0;
  let touched = false;
  const broken = new Set<number>();
  for (const [index, step] of plan.steps.entries()) {
    if (index >= announced) {
      if (ctx.signal.aborted && !deps.toTheEnd) return { kind: "interrupted" };
      announced = await announce(plan, index, deps.journal);
    }
    if (!step.required && step.after.some((n) => broken.has(n))) {
      broken.add(step.n);
      continue;
    }
    touched = !MAKING.has(step.kind) && (touched || SWAP.has(step.kind));
    const failure = await attempt(plan, step, ctx, deps);
    if (failure === null) continue;
    if (failure.code === "E_ENGINE_UNAVAILABLE") throw failure;
    if (!step.required) broken.add(step.n);
    if (deps.toTheEnd && !step.required) continue;
    if (ctx.signal.aborted && failure.code === "E_ABORTED") return { kind: "interrupted" };
    if (step.required) return { kind: "failed", step, error: failure, touched };
  }
  return { kind: "done" };
}

/**
 * Writes the intents of this step and of the swap it begins; returns the index after the last announced one. What is
 * removed in the middle of a swap (a half-done replacement that is undone) belongs to it: a service is down meanwhile.
 */
async function announce(plan: Plan, index: number, journal: Journal): Promise<number> {
  let end = index + 1;
  if (SWAP.has(plan.steps[index]?.kind ?? "pullImage")) {
    while (continuesSwap(plan.steps[end]?.kind)) end += 1;
  }
  const steps = plan.steps
    .slice(index, end)
    .map((step) => ({ n: step.n, kind: step.kind, service: step.service, what: describeStep(step) }));
  await journal.append(plan.project, { type: "intent", steps }, "durable");
  return end;
}

function continuesSwap(kind: StepKind | undefined): boolean {
  return kind !== undefined && (SWAP.has(kind) || kind === "removeContainer");
}

async function attempt(
  plan: Plan,
  step: Step,
  ctx: StepContext,
  deps: ExecutorDeps,
): Promise<BoardhandError | null> {
  const started = ctx.clock.monotonic();
  deps.progress({ kind: "step", project: plan.project, step, of: plan.steps.length });
  try {
    await runStep(step, ctx);
  } catch (thrown) {
    const error = asBoardhandError(thrown, ctx.signal.aborted ? "E_ABORTED" : "E_ENGINE_REFUSED");
    const { code, message } = error;
    await note(plan, { type: "failed", n: step.n, kind: step.kind, code, message }, ctx, deps);
    deps.progress({ kind: "stepFailed", project: plan.project, step, message });
    return error;
  }
  const ms = Math.round(ctx.clock.monotonic() - started);
  await note(plan, { type: "done", n: step.n, kind: step.kind, ms }, ctx, deps);
  deps.progress({ kind: "stepDone", project: plan.project, step, ms });
  return null;
}

/** Only explains: a full disk must not stop a swap between its stop and its start. */
async function note(plan: Plan, event: JournalEvent, ctx: StepContext, deps: ExecutorDeps): Promise<void> {
  try {
    await deps.journal.append(plan.project, event, "lazy");
  } catch (error) {
    ctx.log.warn({ project: plan.project, err: error }, "the journal could not be written");
  }
}
