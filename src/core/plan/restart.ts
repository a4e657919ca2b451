// `depends_on: {x: {restart: true}}`: a dependent is restarted after its dependency was replaced.
import type { HookKind } from "../model/index.ts";
import type { PlanBuilder } from "./builder.ts";
import type { PlanInput } from "./input.ts";
import { copyFiles, runHooks } from "./start.ts";
import type { Work } from "./work.ts";

/** Restarts running dependents that this plan does not move themselves. `works` is in dependency order. */
export function restartDependents(builder: PlanBuilder, input: PlanInput, works: readonly Work[]): void {
  const replaced = new Map<string, number>();
  for (const work of works) {
    if (work.verdict.kind === "replace" || work.verdict.kind === "finish") {
      replaced.set(work.instance.service.name, work.readyStep);
    }
  }
  for (const { verdict, instance } of works) {
    if (verdict.kind !== "keep" || verdict.container.state !== "running") continue;
    const cause = instance.service.dependsOn.find((d) => d.restart && replaced.has(d.service));
    if (cause === undefined) continue;
    const target = { ref: verdict.container.id, name: verdict.container.name };
    const options = {
      service: instance.service.name,
      cause: `${cause.service} was replaced (restart: true)`,
    };
    const timeoutMs = input.policy.healthTimeoutMs;
    const hooks = (hook: HookKind, after: readonly number[]) =>
      runHooks(builder, instance.service, hook, target, { cause: options.cause, after, timeoutMs });
    // Before it stops: between a stop and its start nothing may fail or wait.
    const after = [replaced.get(cause.service) ?? 0];
    const copied = copyFiles(builder, instance.service, target, { cause: options.cause, after });
    const stopped = builder.add(
      "stopContainer",
      { ...target, graceMs: verdict.container.stopGraceMs },
      { ...options, after: hooks("pre_stop", copied) },
    );
    const started = builder.add("startContainer", target, { ...options, after: [stopped] });
    builder.add(
      "awaitHealthy",
      { ...target, timeoutMs, settleMs: 0, mayComplete: false },
      { ...options, after: hooks("post_start", [started]) },
    );
  }
}
