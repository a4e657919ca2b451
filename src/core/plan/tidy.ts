// What is left when everything wanted runs: retired containers that are no longer needed, surplus ones, orphans.
// Refuses to remove a retired container while its successor is not proven.
import { COMPOSE, type DesiredService, type ObservedContainer } from "../model/index.ts";
import type { PlanBuilder } from "./builder.ts";
import type { PlanInput } from "./input.ts";
import { compare, isUp, lacksName, lacksPolicy, NO_LABEL, ownRestartPolicy } from "./instances.ts";
import { runHooks } from "./start.ts";
import { isSound, type Verdict } from "./verdict.ts";
import type { Work } from "./work.ts";

/** Removes the retired containers of instances whose current one is sound, once no rollout needs them. */
export function removeRetired(builder: PlanBuilder, input: PlanInput, works: readonly Work[]): void {
  const { kind } = input.policy.rollout;
  if (kind !== "idle") return;
  for (const { instance, verdict } of works) {
    const proven = isProven(verdict);
    const byHand = verdict.kind === "hold" && verdict.reason === "StoppedByHand";
    if (!proven && !byHand) continue;
    for (const retired of [...instance.retired].sort((a, b) => compare(a.id, b.id))) {
      if (verdict.kind === "replace" && verdict.old === retired) continue;
      builder.add(
        "removeContainer",
        { ref: retired.id, name: retired.name },
        {
          service: instance.service.name,
          cause: "its successor has proved itself",
          required: false,
        },
      );
    }
  }
}

/** Well, and wanted, kept although something newer is held, or about to be replaced by the next. */
function isProven(verdict: Verdict): boolean {
  const container =
    verdict.kind === "keep" || verdict.kind === "hold"
      ? verdict.container
      : verdict.kind === "replace"
        ? verdict.old
        : null;
  return container !== null && isSound(container) && container.health !== "starting";
}

/** Containers beyond `replicas`, and, where asked for, those of services that are no longer in the file. */
export function removeSurplus(builder: PlanBuilder, input: PlanInput): readonly string[] {
  const services = new Map(input.desired.services.map((service) => [service.name, service]));
  const disabled = new Set(input.desired.disabledServices);
  const notes: string[] = [];
  for (const container of [...input.observed.containers].sort((a, b) => compare(a.name, b.name))) {
    const service = services.get(container.service) ?? null;
    const wanted = service?.replicas;
    if (wanted !== undefined && container.number <= wanted) continue;
    if (wanted === undefined && disabled.has(container.service)) continue;
    if (wanted === undefined && input.policy.orphans === "report") {
      notes.push(`${container.name} is an orphan: no service ${container.service} in the file`);
      continue;
    }
    const cause = wanted === undefined ? "orphans: remove" : `only ${wanted} wanted`;
    remove(builder, container, cause, service, input.policy.healthTimeoutMs);
  }
  return notes;
}

/** `service` is null for an orphan, which nobody knows any hooks of. */
function remove(
  builder: PlanBuilder,
  container: ObservedContainer,
  cause: string,
  service: DesiredService | null,
  timeoutMs: number,
): void {
  const options = { service: container.service, cause, required: false };
  const target = { ref: container.id, name: container.name };
  const after: number[] = [];
  if (isUp(container)) {
    const hooks = { after, cause, timeoutMs, required: false };
    const ready =
      service === null || container.state !== "running"
        ? after
        : runHooks(builder, service, "pre_stop", target, hooks);
    const stop = { ...target, graceMs: container.stopGraceMs };
    after.push(builder.add("stopContainer", stop, { ...options, after: ready }));
  }
  builder.add("removeContainer", target, { ...options, after });
}

/** What an operator should know about this project and nothing is done about. */
export function observations(input: PlanInput, works: readonly Work[]): readonly string[] {
  const notes: string[] = [];
  for (const { instance } of works) {
    for (const stray of instance.strays) {
      notes.push(`${stray.name} also claims to be ${instance.finalName}; it is left alone`);
    }
    if (instance.retired.length > 1)
      notes.push(`${instance.finalName} has ${instance.retired.length} retired containers`);
  }
  for (const volume of input.desired.volumes) {
    const label = labelOf(input.observed.volumes, volume.name, COMPOSE.configHash);
    if (!volume.external && label !== undefined && label !== volume.composeHash) {
      notes.push(`volume ${volume.name} was made from another definition; volumes are never recreated`);
    }
  }
  for (const network of input.desired.networks) {
    const label = labelOf(input.observed.networks, network.name, COMPOSE.configHash);
    if (!network.external && label !== undefined && label !== network.composeHash) {
      notes.push(
        `network ${network.name} was made from another definition; it is used as it is, since making it anew stops everything on it: docker compose up does that`,
      );
    }
  }
  return notes;
}

function labelOf(
  items: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[],
  name: string,
  label: string,
): string | undefined {
  return items.find((item) => item.name === name)?.labels[label];
}

/** The names that docker compose was killed before giving: a rename costs what runs nothing. */
export function restoreNames(builder: PlanBuilder, works: readonly Work[]): void {
  for (const { verdict, instance } of works) {
    if (verdict.kind !== "keep" || !lacksName(verdict.container, instance.finalName)) continue;
    const { id, name, service } = verdict.container;
    const args = { ref: id, from: name, to: instance.finalName };
    const cause = "docker compose did not come to name it";
    builder.add("renameContainer", args, { service, cause, required: false });
  }
}

/** Gives containers that run on the way back their own policy, where an earlier way back ended before that. */
export function restorePolicies(builder: PlanBuilder, works: readonly Work[]): void {
  for (const { verdict } of works) {
    if ((verdict.kind !== "keep" && verdict.kind !== "hold") || verdict.container === null) continue;
    const { container } = verdict;
    if (isUp(container)) restoreRestartPolicy(builder, container, container.name, NO_LABEL);
  }
}

/** A container that was retired and runs again gets its own restart policy back: last, so that a cut shows. */
export function restoreRestartPolicy(
  builder: PlanBuilder,
  container: ObservedContainer,
  name: string,
  inFile: string,
): void {
  if (!lacksPolicy(container, inFile)) return;
  const policy = ownRestartPolicy(container, inFile);
  const args = { ref: container.id, name, policy };
  builder.add("setRestartPolicy", args, {
    service: container.service,
    cause: "wanted again",
    required: false,
  });
}
