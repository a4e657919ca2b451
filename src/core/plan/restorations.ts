// What goes back from what to what: by their names and labels alone, whatever an earlier way back was cut off in.
import type { DesiredService, ObservedContainer, ObservedProject } from "../model/index.ts";
import { compare, isHalfBack, isUp, lastRunFirst, NEXT_SUFFIX, retiredFrom } from "./instances.ts";

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
  /** Services of which two containers may run side by side: the old one is back before what failed stops. */
  readonly startFirst: ReadonlySet<string>;
  /** By service: the dependents that ask to be restarted after it. */
  readonly restarts: ReadonlyMap<string, readonly string[]>;
  /** Services of the good revision by name: whose hooks to run. */
  readonly services: ReadonlyMap<string, Pick<DesiredService, "name" | "spec">>;
  readonly healthTimeoutMs: number;
  readonly reason: string;
}

/** What one instance goes back from and to. */
export interface Restoration {
  readonly service: string;
  readonly finalName: string;
  readonly retired: ObservedContainer | null;
  readonly failed: readonly ObservedContainer[];
}

/** In the order in which services start. */
export function restorationsOf(input: RollbackInput): readonly Restoration[] {
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
