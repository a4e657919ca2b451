// The way back: what failed stops and goes, what was retired takes its name again and starts. Nothing is pulled and
// nothing is created, so it needs no registry and no disk.
import { isDigest } from "../image/index.ts";
import type { DesiredService, ObservedContainer, ObservedProject, Plan } from "../model/index.ts";
import { emptyPlan, PlanBuilder } from "./builder.ts";
import { restartFollowers, runHooksBack } from "./follow.ts";
import type { PlanInput } from "./input.ts";
import {
  compare,
  isHalfBack,
  isUp,
  lastRunFirst,
  NEXT_SUFFIX,
  ownRestartPolicy,
  retiredFrom,
} from "./instances.ts";
import { clash } from "./ports.ts";
import type { Work } from "./work.ts";

export interface RollbackInput {
  readonly observed: ObservedProject;
  /** Services in the order they start, dependencies first; others follow by name. */
  readonly order: readonly string[];
  /** Services that moved in the failed rollout. */
  readonly moved: readonly string[];
  /** Services that did not exist in the good revision: their new containers go, nothing comes back. */
  readonly fresh: readonly string[];
  /** One-shots that moved: they are put back but not run again. */
  readonly jobs: readonly string[];
  /** What the good revision ran, by service: tells which of several retired containers to take. */
  readonly good: ReadonlyMap<
    string,
    { readonly definitionHash: string; readonly platformDigest: string | null }
  >;
  /** Restart policy by service, for retired containers whose label does not say it. */
  readonly restart: ReadonlyMap<string, string>;
  /** By service: the dependents that ask to be restarted after it. */
  readonly restarts: ReadonlyMap<string, readonly string[]>;
  /** Services of the good revision by name: whose hooks to run. */
  readonly services: ReadonlyMap<string, Pick<DesiredService, "name" | "spec">>;
  readonly healthTimeoutMs: number;
  readonly reason: string;
}

/** What one instance goes back from and to. */
interface Restoration {
  readonly service: string;
  readonly finalName: string;
  readonly retired: ObservedContainer | null;
  readonly failed: readonly ObservedContainer[];
}

/** Puts every retired container of the project back: all services that moved together go back together. */
export function planRollback(input: RollbackInput): Plan {
  const builder = new PlanBuilder();
  const restorations = restorationsOf(input);
  const stopped = new Set<string>();
  for (const one of restorations) {
    const blockers = portHolders(one, restorations);
    for (const container of [...one.failed, ...blockers])
      stopFailed(builder, container, input.reason, stopped);
    for (const container of one.failed) {
      builder.add(
        "removeContainer",
        { ref: container.id, name: container.name },
        {
          service: one.service,
          cause: input.reason,
        },
      );
    }
    if (one.retired !== null) restore(builder, one, one.retired, input);
  }
  followRestorations(builder, restorations, input);
  const moved = [...new Set(restorations.map((r) => r.service))].sort(compare);
  return { ...emptyPlan(input.observed.project), steps: builder.steps(), moved };
}

/** What ran on beside what is put back may have lost what it hung on. */
function followRestorations(
  builder: PlanBuilder,
  restorations: readonly Restoration[],
  input: RollbackInput,
): void {
  const retired = restorations.flatMap((one) => (one.retired === null ? [] : [one.retired]));
  const started = retired.filter((c) => !isUp(c) && !input.jobs.includes(c.service));
  const handled = new Set([...retired, ...restorations.flatMap((one) => one.failed)].map((c) => c.id));
  restartFollowers(builder, { ...input, containers: input.observed.containers }, started, handled);
}

function restorationsOf(input: RollbackInput): readonly Restoration[] {
  const groups = new Map<string, ObservedContainer[]>();
  for (const container of input.observed.containers) {
    const key = `${container.service}\n${container.number}`;
    groups.set(key, [...(groups.get(key) ?? []), container]);
  }
  const found: Restoration[] = [];
  for (const containers of groups.values()) {
    const one = restoration(containers, input);
    if (one !== null) found.push(one);
  }
  const rank = (service: string) => {
    const at = input.order.indexOf(service);
    return at === -1 ? input.order.length : at;
  };
  return found.sort((a, b) => rank(a.service) - rank(b.service) || compare(a.finalName, b.finalName));
}

function restoration(containers: readonly ObservedContainer[], input: RollbackInput): Restoration | null {
  const waiting = containers.filter((c) => retiredFrom(c) !== null).sort(lastRunFirst);
  const retired = waiting.find((c) => isGood(c, input)) ?? waiting[0] ?? null;
  const others = containers.filter((c) => retiredFrom(c) === null).sort((a, b) => compare(a.name, b.name));
  // What failed was made here; anything else with this number is not ours to remove.
  const ours = others.filter((c) => c.definitionHash !== null);
  const first = containers[0];
  if (first === undefined) return null;
  const finalName = (retired === null ? null : retiredFrom(retired)) ?? first.name;
  const replacements = ours.filter((c) => c.name.endsWith(NEXT_SUFFIX));
  if (retired !== null) return { service: first.service, finalName, retired, failed: ours };
  // Start-first failed, or nothing was swapped yet: the old one still holds its name, only the replacement goes.
  const old = others.find((c) => !replacements.includes(c)) ?? null;
  if (replacements.length > 0 && old !== null) {
    return { service: first.service, finalName, retired: null, failed: replacements };
  }
  const halfBack = others.find((c) => isCutOff(c, input)) ?? null;
  if (halfBack !== null)
    return { service: first.service, finalName: halfBack.name, retired: halfBack, failed: [] };
  const isNew = input.fresh.includes(first.service) && ours.length > 0;
  return isNew ? { service: first.service, finalName, retired: null, failed: ours } : null;
}

/** The old container has its name again, and an earlier way back ended there. */
function isCutOff(container: ObservedContainer, input: RollbackInput): boolean {
  const { service } = container;
  if (isHalfBack(container, input.restart.get(service) ?? "no")) return true;
  const old = container.definitionHash === null || isGood(container, input);
  return old && input.moved.includes(service) && !input.jobs.includes(service) && !isUp(container);
}

function isGood(container: ObservedContainer, input: RollbackInput): boolean {
  const good = input.good.get(container.service);
  if (good === undefined || container.definitionHash !== good.definitionHash) return false;
  return container.platformDigest === good.platformDigest;
}

/** Failed containers of any instance that hold a host port the retired one needs. */
function portHolders(one: Restoration, all: readonly Restoration[]): readonly ObservedContainer[] {
  const needed = one.retired?.hostPorts ?? [];
  return all
    .flatMap((other) => other.failed)
    .filter((container) => container.hostPorts.some((port) => needed.some((wanted) => clash(port, wanted))));
}

function stopFailed(
  builder: PlanBuilder,
  container: ObservedContainer,
  cause: string,
  stopped: Set<string>,
): void {
  if (!isUp(container) || stopped.has(container.id)) return;
  stopped.add(container.id);
  const args = { ref: container.id, name: container.name, graceMs: container.stopGraceMs };
  builder.add("stopContainer", args, { service: container.service, cause });
}

function restore(
  builder: PlanBuilder,
  one: Restoration,
  retired: ObservedContainer,
  input: RollbackInput,
): void {
  const { service, finalName } = one;
  const options = { service, cause: `back to what worked: ${input.reason}` };
  const policy = ownRestartPolicy(retired, input.restart.get(service) ?? "no");
  const target = { ref: retired.id, name: finalName };
  if (retired.name !== finalName) {
    builder.add("renameContainer", { ref: retired.id, from: retired.name, to: finalName }, options);
  }
  const starts = !isUp(retired) && !input.jobs.includes(service);
  const started = starts ? [builder.add("startContainer", target, options)] : [];
  // Last: until it has its own policy again, anybody who looks knows that the way back is not at its end.
  if (retired.restartPolicy !== policy) builder.add("setRestartPolicy", { ...target, policy }, options);
  if (!retired.imageReference.includes("@") && !isDigest(retired.imageReference)) {
    const args = { image: retired.imageId, reference: retired.imageReference };
    builder.add("tagImage", args, { ...options, cause: "the tag means what runs here", required: false });
  }
  if (input.jobs.includes(service)) return;
  if (starts) runHooksBack(builder, service, target, { cause: options.cause, after: started }, input);
  const gate = { ...target, timeoutMs: input.healthTimeoutMs, settleMs: 0, mayComplete: false };
  builder.add("awaitHealthy", gate, {
    ...options,
    cause: "the old one should be well again",
    required: false,
  });
}

/** Instances whose half-done replacement cannot be finished go back, one by one. */
export function undoAll(builder: PlanBuilder, input: PlanInput, works: readonly Work[]): void {
  for (const { verdict, instance } of works) {
    if (verdict.kind !== "undo") continue;
    // A replacement beside it is not the goal of an undo, so it went with the leftovers already.
    const failed = instance.current === null ? [] : [instance.current];
    for (const container of failed) {
      stopFailed(builder, container, verdict.cause, new Set());
      const target = { ref: container.id, name: container.name };
      builder.add("removeContainer", target, { service: container.service, cause: verdict.cause });
    }
    const one = {
      service: instance.service.name,
      finalName: instance.finalName,
      retired: verdict.retired,
      failed,
    };
    restore(builder, one, verdict.retired, {
      observed: input.observed,
      order: [],
      moved: [],
      fresh: [],
      jobs: [],
      good: new Map(),
      restart: new Map([[instance.service.name, instance.service.restart]]),
      restarts: new Map(),
      services: new Map(),
      healthTimeoutMs: input.policy.healthTimeoutMs,
      reason: verdict.cause,
    });
  }
}
