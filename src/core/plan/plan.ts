// plan(): from what should be, what is and what may be done, to ordered steps. Total and deterministic: every input
// has a plan, and the order of the input does not matter.
import { refusalOf } from "../container/index.ts";
import type { DesiredProject, Hold, HoldReason, ObservedContainer, Plan } from "../model/index.ts";
import { emptyPlan, PlanBuilder } from "./builder.ts";
import { choiceFor, offersOf, refusedChoice } from "./choice.ts";
import { missingExternals } from "./externals.ts";
import { isJob } from "./gates.ts";
import type { PlanInput } from "./input.ts";
import { compare, type Instance, instancesOf, isCompleted, isUp } from "./instances.ts";
import { dependencyOrder } from "./order.ts";
import { clearLeftovers, prepareContainers, prepareImages, prepareResources } from "./prepare.ts";
import { restartDependents } from "./restart.ts";
import { undoAll } from "./rollback.ts";
import { pulledFor, Room } from "./space.ts";
import { startStanding } from "./start-only.ts";
import { asksToStartFirst, swapAll } from "./swap.ts";
import { observations, removeRetired, removeSurplus, restoreNames, restorePolicies } from "./tidy.ts";
import { decide, type Providers, type Verdict } from "./verdict.ts";
import { makes, moves, type Work, workFor } from "./work.ts";

/** The steps that bring the observed project to the desired one, and what is held and why. */
export function plan(input: PlanInput): Plan {
  const { desired, policy } = input;
  const works = decideAll(input);
  if (policy.rollout.kind !== "progressing") {
    if (policy.damaged !== null) return idlePlan(input, works, "StateUnreadable", policy.damaged);
    if (policy.suspended) return idlePlan(input, works, "Suspended", SUSPENDED);
  }
  const builder = new PlanBuilder();
  // First, so that what fails further on finds nothing to go back to but what this plan retires.
  removeRetired(builder, input, works);
  clearLeftovers(builder, works);
  startStanding(builder, input, works);
  prepareResources(builder, input, works);
  const images = prepareImages(builder, input, works);
  prepareContainers(builder, input, works, images);
  swapAll(builder, input, works);
  restoreNames(builder, works);
  restorePolicies(builder, works);
  restartDependents(builder, input, works);
  undoAll(builder, input, works);
  const orphans = removeSurplus(builder, input);
  const moving = works.filter(moves);
  return {
    project: desired.name,
    steps: builder.steps(),
    held: holdsOf(works),
    moved: names(moving),
    jobs: names(moving.filter(isJob)),
    notes: [...orphans, ...observations(input, works), ...ignoredWishes(input)].sort(compare),
  };
}

function decideAll(input: PlanInput): readonly Work[] {
  const offers = offersOf(input);
  const providers: Providers = new Map();
  const room = new Room(input.policy.store, input.layersHere ?? []);
  const works: Work[] = [];
  for (const service of dependencyOrder(input.desired.services)) {
    const refused = refusalOf(service, input.desired, input.policy.apiVersion);
    const missing = refused === null ? missingExternals(service, input) : `the service ${refused}`;
    const choice = refused === null ? choiceFor(service, offers, input) : refusedChoice(refused, offers);
    for (const instance of instancesOf(input.desired, service, input.observed.containers)) {
      const decided = decide(instance, input, choice, providers, room);
      const possible = missing === null ? decided : withoutExternals(decided, missing, instance.current);
      const verdict = withoutFailed(possible, instance, input);
      const work = workFor(instance, waiting(verdict, works, service.dependsOn, instance.current), choice);
      works.push(work);
      takeRoom(work, input, room);
      if (instance.number === 1) providers.set(service.name, stays(work));
    }
  }
  return works;
}

/** What comes later in the plan must fit beside what this one pulls. */
function takeRoom(work: Work, input: PlanInput, room: Room): void {
  const { verdict } = work;
  const image = makes(work) && "choice" in verdict ? pulledFor(verdict.choice, input) : null;
  if (image !== null) room.take(image);
}

/** The container others may go on sharing with, or null when it is about to be replaced. */
function stays(work: Work): string | null {
  const { verdict } = work;
  if (verdict.kind === "keep") return verdict.container.id;
  if (verdict.kind === "finish") return verdict.goal.id;
  return verdict.kind === "hold" ? (verdict.container?.id ?? null) : null;
}

/** A service that would have to be made or started waits while a required dependency is held and not running. */
function waiting(
  verdict: Verdict,
  works: readonly Work[],
  dependsOn: readonly { readonly service: string; readonly required: boolean }[],
  current: ObservedContainer | null,
): Verdict {
  if (verdict.kind !== "create" && verdict.kind !== "replace" && verdict.kind !== "finish") return verdict;
  if (verdict.kind === "replace" && isUp(verdict.old)) return verdict;
  if (verdict.kind === "finish" && verdict.old !== null) return verdict;
  for (const { service, required } of dependsOn) {
    const blocker = works.find((w) => w.instance.service.name === service && w.verdict.kind === "hold");
    if (!required || blocker?.verdict.kind !== "hold") continue;
    const { container, reason, message } = blocker.verdict;
    if (container !== null && (isUp(container) || isCompleted(container))) continue;
    return { kind: "hold", container: current, reason, message: `waits for ${service}: ${message}` };
  }
  return verdict;
}

function withoutExternals(verdict: Verdict, missing: string, current: ObservedContainer | null): Verdict {
  if (verdict.kind !== "create" && verdict.kind !== "replace") return verdict;
  return { kind: "hold", container: current, reason: "ComposeInvalid", message: missing };
}

/** What could not be made a moment ago is left as it is, so that it does not keep the others waiting. */
function withoutFailed(verdict: Verdict, { service, current }: Instance, input: PlanInput): Verdict {
  const message = input.policy.notCreated.get(service.name);
  if (message === undefined || (verdict.kind !== "create" && verdict.kind !== "replace")) return verdict;
  return { kind: "hold", container: current, reason: "NotCreated", message };
}

const SUSPENDED = "automatic changes are suspended; resume starts them again";

function idlePlan(input: PlanInput, works: readonly Work[], reason: HoldReason, message: string): Plan {
  return {
    ...heldPlan(input.desired, reason, message),
    notes: [...observations(input, works)].sort(compare),
  };
}

/** No step, and each service held for the same reason. */
export function heldPlan(desired: DesiredProject, reason: HoldReason, message: string): Plan {
  const services = desired.services.map(({ name }) => name).sort(compare);
  return { ...emptyPlan(desired.name), held: services.map((service) => ({ service, reason, message })) };
}

function holdsOf(works: readonly Work[]): readonly Hold[] {
  const holds = new Map<string, Hold>();
  for (const { instance, verdict } of works) {
    if (verdict.kind !== "hold" || holds.has(instance.service.name)) continue;
    const { reason, message } = verdict;
    holds.set(instance.service.name, { service: instance.service.name, reason, message });
  }
  for (const { instance, verdict, choice } of works) {
    // Kept as it is, but nobody could be asked whether there is something newer: say so.
    if (verdict.kind !== "keep" || choice.decision.kind !== "held" || holds.has(instance.service.name))
      continue;
    const { reason, message } = choice.decision;
    holds.set(instance.service.name, { service: instance.service.name, reason, message });
  }
  return [...holds.values()].sort((a, b) => compare(a.service, b.service));
}

function ignoredWishes(input: PlanInput): readonly string[] {
  return input.desired.services
    .filter((s) => asksToStartFirst(s, input.policy.order) && s.exclusive.length > 0)
    .map((s) => `${s.name} is replaced stop-first: it ${s.exclusive.join(", ")}`);
}

function names(works: readonly Work[]): readonly string[] {
  return [...new Set(works.map((w) => w.instance.service.name))].sort(compare);
}
