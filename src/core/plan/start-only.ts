// Services that are there and only have to be started: they come before anything is made, so that what cannot be made
// keeps none of them waiting. Refuses those that wait for something themselves, and those that failed before.
import type { Dependency } from "../model/index.ts";
import type { PlanBuilder } from "./builder.ts";
import { deferred } from "./defer.ts";
import { isMet } from "./gates.ts";
import type { PlanInput } from "./input.ts";
import { holdsPortOf } from "./ports.ts";
import { prepareFiles } from "./prepare.ts";
import { swap } from "./swap.ts";
import { makes, moves, type Work } from "./work.ts";

/** Emits their starts and gates where the plan has something to make. `works` is in dependency order. */
export function startStanding(builder: PlanBuilder, input: PlanInput, works: readonly Work[]): void {
  if (!works.some(makes)) return;
  const later = deferred(works, input);
  for (const work of works) {
    if (!onlyStarts(work, works) || later.has(work.instance.service.name)) continue;
    prepareFiles(builder, work, work.verdict.cause);
    swap(builder, input, work, works);
  }
}

function onlyStarts(
  work: Work,
  works: readonly Work[],
): work is Work & { readonly verdict: { readonly kind: "finish" } } {
  const { verdict, instance } = work;
  if (verdict.kind !== "finish" || verdict.old !== null || verdict.goal.error !== "") return false;
  if (works.some((other) => other !== work && holdsPortOf(other, work))) return false;
  const { dependsOn, sharesWith } = instance.service;
  const of = (service: string) => works.filter((other) => other.instance.service.name === service);
  return (
    sharesWith.every((service) => of(service).every(stands)) &&
    dependsOn.every((dependency) => of(dependency.service).every((other) => isReady(other, dependency)))
  );
}

/** It is as it will be, or was started just now. */
function stands(work: Work): boolean {
  const toBeProven = work.verdict.kind === "keep" && work.verdict.gate;
  return work.readyStep !== 0 || (!moves(work) && !toBeProven);
}

function isReady(other: Work, dependency: Dependency): boolean {
  if (other.readyStep !== 0) return true;
  const container = other.goal?.container ?? null;
  return stands(other) && (container === null || isMet(container, dependency.condition));
}
