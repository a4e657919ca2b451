// Bounded waits: is it healthy, has it ended. A gate only looks; what failure means is decided elsewhere.
import {
  BoardhandError,
  type ErrorCode,
  type ObservedContainer,
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
  const settled = (container: ObservedContainer | null): Judgement => {
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
  const ended = (container: ObservedContainer | null): Judgement => {
    const verdict = judge(container, { mayComplete: true, restartsBefore: Number.POSITIVE_INFINITY });
    if (verdict.kind !== "well") return verdict;
    return container?.state === "exited" ? verdict : { kind: "pending" };
  };
  await poll(id, step.name, step.timeoutMs, "E_NOT_COMPLETED", ended, ctx);
}

async function poll(
  id: string,
  name: string,
  timeoutMs: number,
  code: ErrorCode,
  verdictOf: (container: ObservedContainer | null) => Judgement,
  ctx: StepContext,
): Promise<void> {
  const deadline = ctx.clock.monotonic() + timeoutMs;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const verdict = verdictOf(await ctx.engine.inspectContainer(id));
    if (verdict.kind === "well") return;
    if (verdict.kind === "failed") throw new BoardhandError(code, `${name} ${verdict.reason}`);
    if (ctx.clock.monotonic() >= deadline) {
      throw new BoardhandError(code, `${name} was not ready after ${Math.round(timeoutMs / 1000)} s`);
    }
    await ctx.clock.sleep(pause, ctx.signal);
    pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS);
  }
}
