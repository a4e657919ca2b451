// Decides for each instance what should become of it: keep, hold, create, replace, finish what was begun, or undo it.
// Decides nothing about the order of work; refuses to touch what a person stopped or a policy holds.
import { type HoldReason, type ObservedContainer, shortDigest } from "../model/index.ts";
import { quarantineFor } from "../policy/index.ts";
import { endedWhileAway, inRollout, neverWell, notByHand, sameFile } from "./by-hand.ts";
import { type ServiceChoice, unchangedImage } from "./choice.ts";
import type { PlanInput } from "./input.ts";
import { type Instance, isCompleted, isHalfBack, isUp, NO_LABEL } from "./instances.ts";
import { type Mismatch, type Mismatches, mismatches } from "./match.ts";
import { missingSpace, type Room } from "./space.ts";
import { causeOf, quarantineMessage } from "./why.ts";

export type Verdict =
  /** As it should be. `gate`: in the middle of a rollout, and still to be proven. */
  | { readonly kind: "keep"; readonly container: ObservedContainer; readonly gate: boolean }
  | {
      readonly kind: "hold";
      readonly container: ObservedContainer | null;
      readonly reason: HoldReason;
      readonly message: string;
    }
  | { readonly kind: "create"; readonly choice: ServiceChoice; readonly cause: string }
  | {
      readonly kind: "replace";
      readonly old: ObservedContainer;
      readonly choice: ServiceChoice;
      readonly cause: string;
    }
  /** The wanted container exists but is not in place or not running. */
  | {
      readonly kind: "finish";
      readonly goal: ObservedContainer;
      readonly old: ObservedContainer | null;
      readonly cause: string;
    }
  /** A half-done replacement that cannot be finished: the retired container goes back. */
  | { readonly kind: "undo"; readonly retired: ObservedContainer; readonly cause: string };

type Blocked = Extract<Verdict, { kind: "hold" }>;

/** Containers that stay, by service, for services that join their namespaces; null means about to be replaced. */
export type Providers = Map<string, string | null>;

export function decide(
  instance: Instance,
  input: PlanInput,
  choice: ServiceChoice,
  providers: Providers,
  room: Room,
): Verdict {
  const compared = (c: ObservedContainer) =>
    mismatches(c, instance.service, choice.decision, providers, input);
  const fits = (c: ObservedContainer | null): c is ObservedContainer =>
    c !== null && compared(c).kinds.length === 0;
  if (fits(instance.current)) return place(instance, instance.current, input);
  const hold = blocked(instance, input, choice, room);
  const other = [instance.next, ...instance.retired].find(fits);
  if (other !== undefined && hold === null) {
    const old = instance.current ?? instance.retired.find((c) => c !== other && isUp(c)) ?? null;
    return { kind: "finish", goal: other, old, cause: "replacement is ready" };
  }
  if (instance.current === null) return absent(instance, input, choice, hold);
  return outdated(instance, instance.current, compared(instance.current), input, choice, hold);
}

/** The wanted container holds the name: is it also in the wanted state? */
function place(instance: Instance, container: ObservedContainer, input: PlanInput): Verdict {
  const { policy } = input;
  const moving = inRollout(instance, input);
  const held = (message: string): Verdict => ({ kind: "hold", container, reason: "StoppedByHand", message });
  const start = (cause: string): Verdict => ({
    kind: "finish",
    goal: container,
    old: runningRetired(instance),
    cause,
  });
  switch (container.state) {
    case "running":
    case "restarting":
    case "removing":
      return { kind: "keep", container, gate: moving };
    case "created":
      return start("created but never started");
    case "paused":
      return held("paused by hand");
    case "exited":
    case "dead": {
      // First: what an engine stops with a SIGTERM may well end with code 0, and is no job that came to its end.
      if (endedWhileAway(container, policy)) return start("ended while the engine was away");
      if (isCompleted(container)) return { kind: "keep", container, gate: false };
      if (isHalfBack(container, NO_LABEL)) return start("its way back was cut off");
      if (instance.abandoned !== null) return start("docker compose was about to replace it");
      if (moving) return { kind: "keep", container, gate: true };
      if (policy.force) return start("asked for by a person");
      if (policy.drift === "restore") return start("drift: restore");
      if (neverWell(instance, input)) return start("its first start failed");
      if (container.startedAt !== null && sameFile(instance, input)) {
        return held(`stopped (exit code ${container.exitCode}); apply or resume starts it again`);
      }
      return start("new revision of the compose file");
    }
  }
}

/** Nothing holds the name. */
function absent(instance: Instance, input: PlanInput, choice: ServiceChoice, hold: Blocked | null): Verdict {
  const { policy, desired } = input;
  const { service } = instance;
  const retired = instance.retired[0];
  if (retired !== undefined) {
    if (hold !== null) return { kind: "undo", retired, cause: "replacement was never made" };
    return { kind: "replace", old: retired, choice, cause: "replacement was never made" };
  }
  if (hold !== null) return hold;
  const removedHere = instance.next === null && policy.seen[service.name] === desired.composeRevision;
  if (removedHere && !policy.force && policy.drift === "leave") {
    const message = "its container was removed by hand; apply or resume makes it again";
    return { kind: "hold", container: null, reason: "RemovedByHand", message };
  }
  return { kind: "create", choice, cause: "no container yet" };
}

/** A container holds the name but is not what is wanted. */
function outdated(
  instance: Instance,
  current: ObservedContainer,
  found: Mismatches,
  input: PlanInput,
  choice: ServiceChoice,
  hold: Blocked | null,
): Verdict {
  const { kinds } = found;
  const forced = kinds.includes("shares");
  const retired = instance.retired[0];
  if (hold !== null && retired !== undefined && !isSound(current)) {
    return { kind: "undo", retired, cause: "half-done and held" };
  }
  if (hold !== null && !forced)
    return startAsItIs(instance, current, kinds, input) ?? { ...hold, container: current };
  const stopped = current.state === "exited" || current.state === "dead" || current.state === "paused";
  const ran = current.startedAt !== null && !neverWell(instance, input);
  const ended = stopped && !isCompleted(current) && ran && retired === undefined;
  const byHand = ended && !notByHand(current, instance, input);
  if (byHand && !forced && !kinds.includes("definition") && !inRollout(instance, input)) {
    if (!input.policy.force && input.policy.drift === "leave" && sameFile(instance, input)) {
      const message = `stopped (exit code ${current.exitCode}); a new image waits until apply or resume`;
      return { kind: "hold", container: current, reason: "StoppedByHand", message };
    }
  }
  const imageOnly = kinds.every((what) => what === "image");
  const follows = followsTag(instance, input);
  if (imageOnly && !follows) {
    return startAsItIs(instance, current, kinds, input) ?? notFollowed(instance, current, choice);
  }
  const used = hold !== null || !follows ? unchangedImage(choice, current) : choice;
  return { kind: "replace", old: current, choice: used, cause: causeOf(found, current, choice) };
}

/** What is held on its image is wanted all the same: it was stopped, and is to run again. Or null. */
function startAsItIs(
  instance: Instance,
  current: ObservedContainer,
  kinds: readonly Mismatch[],
  input: PlanInput,
): Verdict | null {
  const stopped = (current.state === "exited" || current.state === "dead") && !isCompleted(current);
  if (!stopped || kinds.includes("definition") || inRollout(instance, input)) return null;
  const asked = input.policy.force || input.policy.drift === "restore" || !sameFile(instance, input);
  const wanted = asked || notByHand(current, instance, input);
  const cause = "wanted again, on the image it has";
  return wanted ? { kind: "finish", goal: current, old: null, cause } : null;
}

/** `update: off` never follows the tag, `notify` only when a person asks. */
function followsTag(instance: Instance, input: PlanInput): boolean {
  const { update } = instance.service;
  return update === "auto" || (update === "notify" && input.policy.force);
}

function notFollowed(instance: Instance, current: ObservedContainer, choice: ServiceChoice): Verdict {
  const offered = shortDigest(choice.digest ?? "");
  const message =
    instance.service.update === "off"
      ? `update: off; ${offered} is offered`
      : `update: notify; ${offered} is available, apply installs it`;
  return { kind: "hold", container: current, reason: "UpdateOff", message };
}

/** The service's own hold on moving to what is offered, or null when it may move. */
function blocked(instance: Instance, input: PlanInput, choice: ServiceChoice, room: Room): Blocked | null {
  const { service, current } = instance;
  const hold = (reason: HoldReason, message: string) =>
    ({ kind: "hold", container: current, reason, message }) as const;
  if (choice.decision.kind === "held") return hold(choice.decision.reason, choice.decision.message);
  const entry = quarantineFor(service, choice.decision, input.policy.quarantine, choice.offers);
  if (entry !== null) return hold("Quarantined", quarantineMessage(entry, service.name));
  const missing = missingSpace(choice, input, room);
  return missing === null ? null : hold("NotEnoughSpace", missing);
}

function runningRetired(instance: Instance): ObservedContainer | null {
  return instance.retired.find(isUp) ?? null;
}

/** Running, and not known to be ill. */
export function isSound(container: ObservedContainer): boolean {
  if (isCompleted(container)) return true;
  return container.state === "running" && container.health !== "unhealthy";
}
