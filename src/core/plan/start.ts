// What belongs to a start beside the call itself: secrets and configs are copied before it, hooks run after it
// (compose.md 2.2, 2). Hooks before a stop are here too.
import type { ContainerRef, DesiredService, HookKind } from "../model/index.ts";
import type { PlanBuilder } from "./builder.ts";

export interface StartTarget {
  readonly ref: ContainerRef;
  readonly name: string;
}

interface Options {
  readonly after: readonly number[];
  readonly cause: string;
}

/** Copies what is no file of the board into the container; returns the steps that a start must wait for. */
export function copyFiles(
  builder: PlanBuilder,
  service: DesiredService,
  target: StartTarget,
  options: Options,
): readonly number[] {
  let after = options.after.filter(Boolean);
  for (const file of service.files) {
    if (file.mounted !== null) continue;
    const { ref, name } = target;
    after = [
      builder.add("copyFile", { ref, name, file }, { service: service.name, after, cause: options.cause }),
    ];
  }
  return after;
}

/**
 * Runs the hooks of one kind, one after the other; returns the steps that what follows must wait for. A rollout that is
 * taken up after a restart of the agent runs them again: nothing tells whether they had run.
 */
export function runHooks(
  builder: PlanBuilder,
  service: Pick<DesiredService, "name" | "spec">,
  hook: HookKind,
  target: StartTarget,
  options: Options & { readonly timeoutMs: number; readonly required?: boolean },
): readonly number[] {
  const { cause, timeoutMs, required = true } = options;
  let after = options.after.filter(Boolean);
  for (const index of (service.spec[hook] ?? []).keys()) {
    const args = { ref: target.ref, name: target.name, hook, index, timeoutMs };
    after = [builder.add("runHook", args, { service: service.name, after, cause, required })];
  }
  return after;
}
