// From an offer to a hand-over: image, successor, a look round by the new image, and the updater. Nothing that runs is
// touched here, and what is cut off leaves only containers that the next look clears away.

import { text } from "../core/model/engine-json.ts";
import { AGENT, BOARDHAND, BoardhandError, type ImageDecision, type Trigger } from "../core/model/index.ts";
import { renderPlan } from "../core/plan/index.ts";
import type { Blueprint } from "../ports/index.ts";
import type { SelfDeps } from "./deps.ts";
import { updaterOf } from "./helpers.ts";
import { createFrom, tagBack } from "./make.ts";
import type { Offer } from "./offer.ts";
import { preflight } from "./preflight.ts";
import { announce, handedOver, note, refuse, remember } from "./record.ts";
import { successorOf } from "./successor.ts";

export type Begun =
  /** The updater runs: this agent will be stopped. */
  | { readonly kind: "handingOver" }
  | { readonly kind: "interrupted" }
  /** The image is to blame, and is quarantined. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Something else is: it may be tried again. */
  | { readonly kind: "failed"; readonly error: BoardhandError };

/** Throws what the engine's absence and the journal throw. */
export async function begin(offer: Offer, trigger: Trigger, deps: SelfDeps): Promise<Begun> {
  const { target, plan } = offer;
  const rendered = [renderPlan(plan), ...HAND_OVER.map((line) => `${offer.name}  ${line}`)].join("\n");
  await note({ type: "plan", trigger: trigger.cause, revision: target.revision, rendered }, deps);
  await remember(offer, deps);
  const labels = labelsFor(offer);
  const prepared = await deps.prepare(plan, target, labels);
  if (prepared.kind === "failed" && prepared.error.code === "E_IMAGE_PLATFORM") {
    const reason = prepared.error.message;
    await refuse({ ...blameOf(offer), reason }, deps);
    await tagBack(offer.current, deps);
    return { kind: "refused", reason };
  }
  if (prepared.kind !== "done") {
    await tagBack(offer.current, deps);
    return prepared;
  }
  try {
    const successor = prepared.successor ?? (await makeAfter(offer, labels, deps));
    return await withSuccessor(successor, offer, deps);
  } catch (error) {
    if (error instanceof BoardhandError && error.code === "E_ENGINE_REFUSED")
      return { kind: "failed", error };
    throw error;
  }
}

const HAND_OVER = [
  "preflight       doctor of the new image, with everything that the successor has",
  "hand over       an updater stops this agent and starts the successor, or puts this one back",
];

async function withSuccessor(successor: string, offer: Offer, deps: SelfDeps): Promise<Begun> {
  const { engine, agents, signal } = deps;
  const give = async (up: Begun): Promise<Begun> => {
    await engine.removeContainer(successor);
    await tagBack(offer.current, deps);
    return up;
  };
  const blueprint = await agents.blueprint(successor);
  if (blueprint === null) return { kind: "interrupted" };
  await announce("createContainer", `preflight of ${offer.name}`, deps);
  const verdict = await preflight(`${offer.name}.preflight`, blueprint, deps);
  if (verdict.kind === "refused") {
    const { reason } = verdict;
    await refuse({ ...blameOf(offer), reason: `the pre-flight check: ${reason}` }, deps);
    return give(verdict);
  }
  if (signal.aborted) return give({ kind: "interrupted" });
  await handedOver(offer.target, offer.service, deps);
  await startUpdater(successor, blueprint, offer, deps);
  return { kind: "handingOver" };
}

async function startUpdater(
  successor: string,
  blueprint: Blueprint,
  offer: Offer,
  deps: SelfDeps,
): Promise<void> {
  const { engine, self, options, needs, remoteEngine } = deps;
  const { facts } = await deps.ground();
  const made = updaterOf({
    blueprint,
    options,
    needs,
    remoteEngine,
    apiVersion: facts.apiVersion,
    handOver: {
      old: self.id,
      successor,
      name: offer.name,
      restartPolicy: offer.current.restartPolicy,
      digest: digestOf(offer),
    },
  });
  const name = `${offer.name}.updater`;
  await announce("startContainer", name, deps);
  await engine.startContainer(await createFrom(name, made, engine));
}

/** The successor where no compose file says what it is. */
async function makeAfter(
  offer: Offer,
  labels: Readonly<Record<string, string>>,
  deps: SelfDeps,
): Promise<string> {
  const { agents, engine, self } = deps;
  const decision = decisionOf(offer);
  const [blueprint, { facts }] = await Promise.all([agents.blueprint(self.id), deps.ground()]);
  if (blueprint === null || decision?.kind !== "pinned")
    throw new BoardhandError("E_ENGINE_REFUSED", `${offer.name}: the agent's own container is gone`);
  const { image } = decision;
  const imageId = text((await agents.image(image.reference))?.Id);
  const { name: hostName, apiVersion } = facts;
  const { body, further } = successorOf({ blueprint, image, imageId, apiVersion, hostName });
  const labelled = { ...body, Labels: { ...(body.Labels as Record<string, string>), ...labels } };
  const name = `${offer.name}.next`;
  await announce("createContainer", name, deps);
  return createFrom(name, { body: labelled, further }, engine);
}

/** What a successor tells of itself, so that a hand-over can be carried on with nothing but the engine. */
function labelsFor(offer: Offer): Readonly<Record<string, string>> {
  return {
    [AGENT.role]: "agent",
    [AGENT.old]: offer.current.id,
    [AGENT.name]: offer.name,
    [AGENT.restartPolicy]: offer.current.restartPolicy,
    [AGENT.digest]: digestOf(offer),
    [BOARDHAND.revision]: offer.target.revision,
  };
}

function blameOf(offer: Offer) {
  return { service: offer.service, revision: offer.target.revision, digest: digestOf(offer) };
}

function decisionOf({ target, service }: Offer): ImageDecision | undefined {
  return target.images.get(service);
}

/** What it is handed over to, by which a failure is remembered. */
export function digestOf(offer: Offer): string {
  const decision = decisionOf(offer);
  if (decision?.kind === "pinned") return decision.image.platformDigest;
  return decision?.kind === "local" ? decision.image.imageId : offer.current.imageId;
}
