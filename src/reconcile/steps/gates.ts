// Bounded waits: is it healthy, has it ended. A gate only looks; what failure means is decided elsewhere.
import {
  BoardhandError,
  type ErrorCode,
  type InspectedContainer,
  type StepOf,
} from "../../core/model/index.ts";
import { type Judgement, judge } from "../../core/rollout/index.ts";
import { resolveRef, type StepContext } from "./context.ts";

/** The first looks come fast, so that a quick service is not kept waiting; then one a second. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

export async function awaitHealthy(step: StepOf<"awaitHealthy">, ctx: StepContext): Promise<void> {
  const id = resolveRef(step.ref, ctx);
  let wellSince: number | null = null;
  let restartsBefore: number | null = null;
  const settled = (container: InspectedContainer | null): Judgement => {
    // A container of another service that was there before may have restarted long ago.
    const ownGate = container?.service === step.service;
    restartsBefore ??= ownGate ? 0 : (container?.restartCount ?? 0);
    const verdict = judge(container, { mayComplete: step.mayComplete, restartsBefore });
    if (verdict.kind !== "well") {
      wellSince = null;
      return verdict;
    }
    const mustSettle = step.settleMs > 0 && container?.health === "none" && container.state === "running";
    if (!mustSettle) return verdict;
    wellSince ??= ctx.clock.monotonic();
    return ctx.clock.monotonic() - wellSince >= step.settleMs ? verdict : { kind: "pending" };
  };
  await poll(id, step.name, step.timeoutMs + step.settleMs, "E_NOT_HEALTHY", settled, ctx);
}

export async function awaitCompleted(step: StepOf<"awaitCompleted">, ctx: StepContext): Promise<void> {
  const id = resolveRef(step.ref, ctx);
  const ended = (container: InspectedContainer | null): Judgement => {
    const verdict = judge(container, { mayComplete: true, restartsBefore: Number.POSITIVE_INFINITY });
    if (verdict.kind !== "well") return verdict;
    return container?.state === "exited" ? verdict : { kind: "pending" };
  };
  await poll(id, step.name, step.timeoutMs, "E_NOT_COMPLETED", ended, ctx);
}

const PENDING: Judgement = { kind: "pending" };

/** An engine that fails to answer for once says nothing about the container: its error is no verdict on the image. */
async function lookAt(id: string, ctx: StepContext): Promise<InspectedContainer | BoardhandError | null> {
  try {
    return await ctx.engine.inspectContainer(id);
  } catch (error) {
    const passing =
      error instanceof BoardhandError && error.code === "E_ENGINE_REFUSED" && error.retry === "backoff";
    if (!passing) throw error;
    ctx.log.warn({ container: id }, error.message);
    return error;
  }
}

async function poll(
  id: string,
  name: string,
  timeoutMs: number,
  code: ErrorCode,
  verdictOf: (container: InspectedContainer | null) => Judgement,
  ctx: StepContext,
): Promise<void> {
  const deadline = ctx.clock.monotonic() + timeoutMs;
  const late = new BoardhandError(code, `${name} was not ready after ${Math.round(timeoutMs / 1000)} s`);
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const seen = await lookAt(id, ctx);
    const verdict = seen instanceof BoardhandError ? PENDING : verdictOf(seen);
    if (verdict.kind === "well") return;
    if (verdict.kind === "failed") throw new BoardhandError(code, `${name} ${verdict.reason}`);
    if (ctx.clock.monotonic() >= deadline) throw seen instanceof BoardhandError ? seen : late;
    await ctx.clock.sleep(pause, ctx.signal);
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
  }
}
