// One service: which container stands for it, which digests it runs, and what the registry offers beside that.
// Refuses to guess: a digest that cannot be told from the engine is null, and nothing is called available then.
import {
  BOARDHAND,
  COMPOSE,
  type DesiredService,
  type Digest,
  type Hold,
  type ImageDecision,
  type ObservedContainer,
  type PinnedImage,
} from "../model/index.ts";
import type { AvailableImage, ContainerStatus, ServiceStatus } from "./types.ts";
import { compareText } from "./words.ts";

export interface ServiceInput {
  readonly name: string;
  readonly project: string;
  readonly desired: DesiredService | null;
  /** All containers of the project. */
  readonly containers: readonly ObservedContainer[];
  readonly decision: ImageDecision | null;
  readonly hold: Hold | null;
}

/** The status of one service; `hold` comes from the plan and wins over the decision's own reason. */
export function serviceStatus(input: ServiceInput): ServiceStatus {
  const { name, desired, decision } = input;
  const own = input.containers.filter((one) => one.service === name && one.labels[COMPOSE.oneoff] !== "True");
  const container = representative(own, input);
  const running = container === null ? null : runningImage(container, decision);
  return {
    name,
    image: {
      reference: desired?.reference ?? container?.imageReference ?? "",
      digest: running?.digest ?? null,
      platformDigest: running?.platformDigest ?? null,
    },
    container: container === null ? null : containerStatus(container),
    replicas: {
      desired: desired?.replicas ?? own.filter((one) => !isRetired(one)).length,
      running: own.filter((one) => one.state === "running" && !isRetired(one)).length,
    },
    available: availableImage(container, running?.platformDigest ?? null, decision),
    held: heldBy(input.hold, decision),
  };
}

/** A container that waits under `<name>.retired-<short id>` for a rollback. */
export function isRetired(container: ObservedContainer): boolean {
  return /\.retired-[0-9a-f]+$/.test(container.name);
}

/** The one a person means by the service's name: in use before in waiting, then by number. */
function representative(own: readonly ObservedContainer[], input: ServiceInput): ObservedContainer | null {
  const rank = (one: ObservedContainer): number => {
    const composeName = input.desired?.containerName ?? `${input.project}-${one.service}-${one.number}`;
    if (one.name === composeName) return 0;
    if (isRetired(one)) return one.state === "running" ? 1 : 3;
    return one.state === "running" ? 1 : 2;
  };
  const sorted = [...own].sort(
    (a, b) => rank(a) - rank(b) || a.number - b.number || compareText(a.name, b.name),
  );
  return sorted[0] ?? null;
}

function containerStatus(one: ObservedContainer): ContainerStatus {
  return {
    id: one.id,
    name: one.name,
    state: one.state,
    health: one.health,
    healthOutput: one.healthOutput,
    exitCode: one.exitCode,
    restartCount: one.restartCount,
    error: one.error,
  };
}

/** Both digests of a container: from our labels, else by recognising what was resolved, else from the engine. */
function runningImage(
  container: ObservedContainer,
  decision: ImageDecision | null,
): { readonly digest: Digest | null; readonly platformDigest: Digest | null } {
  const pinned = decision?.kind === "pinned" ? decision.image : null;
  if (container.platformDigest !== null) {
    const label = container.labels[BOARDHAND.indexDigest];
    return {
      digest: label !== undefined && isDigest(label) ? label : null,
      platformDigest: container.platformDigest,
    };
  }
  if (pinned !== null && isSameImage(container, pinned)) {
    return { digest: pinned.indexDigest, platformDigest: pinned.platformDigest };
  }
  const known = [...container.repoDigests].sort(compareText).map((one) => one.slice(one.indexOf("@") + 1));
  return { digest: known.find(isDigest) ?? null, platformDigest: null };
}

function isSameImage(container: ObservedContainer, pinned: PinnedImage): boolean {
  const ids: readonly string[] = [pinned.configDigest, pinned.platformDigest, pinned.indexDigest];
  if (ids.includes(container.imageId)) return true;
  return container.repoDigests.some((one) => one.endsWith(`@${pinned.platformDigest}`));
}

function availableImage(
  container: ObservedContainer | null,
  running: Digest | null,
  decision: ImageDecision | null,
): AvailableImage | null {
  if (decision?.kind !== "pinned") return null;
  const { tag, indexDigest, platformDigest } = decision.image;
  const same = container !== null && (running === platformDigest || isSameImage(container, decision.image));
  return same ? null : { tag, digest: indexDigest, platformDigest };
}

function heldBy(hold: Hold | null, decision: ImageDecision | null): ServiceStatus["held"] {
  if (hold !== null) return { reason: hold.reason, message: hold.message };
  if (decision?.kind === "held") return { reason: decision.reason, message: decision.message };
  return null;
}

function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}
