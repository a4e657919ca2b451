// Sorts a project's containers into instances (service + number) and tells which part each plays.
// Names are never trusted alone: a retired container's name must end in its own id.
import { containerName } from "../container/index.ts";
import {
  BOARDHAND,
  COMPOSE,
  type DesiredProject,
  type DesiredService,
  type ObservedContainer,
} from "../model/index.ts";

export const NEXT_SUFFIX = ".next";
const RETIRED = /^(.+)\.retired-([0-9a-f]{12})$/;

/** The name a replaced container waits under: `<name>.retired-<short id>`. */
export function retiredName(finalName: string, id: string): string {
  return `${finalName}.retired-${id.slice(0, 12)}`;
}

/** The final name of a retired container, or null when this container is not one. */
export function retiredFrom(container: ObservedContainer): string | null {
  const match = RETIRED.exec(container.name);
  return match?.[1] !== undefined && container.id.startsWith(match[2] ?? "-") ? match[1] : null;
}

/** `<12 hex>_<final name>`: what docker compose calls a replacement until the old container is gone. */
const REPLACING = /^([0-9a-f]{12})_(.+)$/;

/** One numbered container of one service, and every container that plays a part in it. */
export interface Instance {
  readonly service: DesiredService;
  readonly number: number;
  readonly finalName: string;
  /** Holds the final name, or is the only one there under another name. */
  readonly current: ObservedContainer | null;
  /** A replacement that has not taken its name yet. */
  readonly next: ObservedContainer | null;
  /** What docker compose made to take the place of `current`, and then was killed: it has never run. */
  readonly abandoned: ObservedContainer | null;
  /** Replaced ones that wait, the last that ran first. */
  readonly retired: readonly ObservedContainer[];
  /** Others with this number: reported, never touched. */
  readonly strays: readonly ObservedContainer[];
}

/** The instances a service should have, numbers 1 to `replicas`. */
export function instancesOf(
  project: DesiredProject,
  service: DesiredService,
  containers: readonly ObservedContainer[],
): readonly Instance[] {
  const own = containers.filter((container) => container.service === service.name);
  return Array.from({ length: service.replicas }, (_, index) => {
    const number = index + 1;
    return instance(service, number, containerName(project, service, number), own);
  });
}

function instance(
  service: DesiredService,
  number: number,
  finalName: string,
  own: readonly ObservedContainer[],
): Instance {
  const mine = own.filter((c) => c.number === number).sort(lastRunFirst);
  const retired = mine.filter((c) => retiredFrom(c) !== null);
  const next = mine.find((c) => isReplacement(c, finalName)) ?? null;
  const rest = mine.filter((c) => !retired.includes(c) && c !== next);
  const current = rest.find((c) => c.name === finalName) ?? rest[0] ?? null;
  const others = rest.filter((c) => c !== current);
  const abandoned = others.find((c) => isAbandoned(c, finalName, current)) ?? null;
  const strays = others.filter((c) => c !== abandoned);
  return { service, number, finalName, current, next, abandoned, retired, strays };
}

/** A replacement is known by its label as ours and by its name as not yet in place. */
export function isReplacement(container: ObservedContainer, finalName: string): boolean {
  return container.definitionHash !== null && container.name === `${finalName}${NEXT_SUFFIX}`;
}

/** By its label, its state and the id that its name begins with: never by the name alone. */
function isAbandoned(
  container: ObservedContainer,
  finalName: string,
  current: ObservedContainer | null,
): boolean {
  const match = REPLACING.exec(container.name);
  if (match?.[2] !== finalName || container.labels[COMPOSE.replace] === undefined) return false;
  const neverRan = container.state === "created" && container.startedAt === null;
  return neverRan && current?.id.startsWith(match[1] ?? "-") === true;
}

/** Whether docker compose replaced something by it and was killed before it gave it its name. */
export function lacksName(container: ObservedContainer, finalName: string): boolean {
  const match = REPLACING.exec(container.name);
  return match?.[2] === finalName && container.labels[COMPOSE.replace] !== undefined;
}

/** The last that ran first, then by id, so that the order never depends on the engine's list. */
export function lastRunFirst(a: ObservedContainer, b: ObservedContainer): number {
  return (b.startedAt ?? 0) - (a.startedAt ?? 0) || compare(a.id, b.id);
}

/** Code-unit order, the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether the engine has processes of it now: it takes up ports, and may act. */
export function isUp(container: Pick<ObservedContainer, "state">): boolean {
  return container.state === "running" || container.state === "restarting" || container.state === "paused";
}

/** A one-shot that did what it was for. */
export function isCompleted(container: ObservedContainer): boolean {
  return container.state === "exited" && container.exitCode === 0 && mayEnd(container.restartPolicy);
}

/** Restart policies under which the engine leaves a container that exited with code 0 alone. */
export function mayEnd(restartPolicy: string): boolean {
  return restartPolicy === "" || restartPolicy === "no" || restartPolicy.startsWith("on-failure");
}

/** Whether a rollout has got to its swap: something was retired, or a replacement has run under its first name. */
export function swapBegun(containers: readonly ObservedContainer[]): boolean {
  return containers.some(
    (c) => retiredFrom(c) !== null || (c.name.endsWith(NEXT_SUFFIX) && c.startedAt !== null),
  );
}

/** Services of the rollout that the containers themselves tell of, sorted: none while nothing was retired. */
export function takingPart(containers: readonly ObservedContainer[]): readonly string[] {
  if (!containers.some((c) => retiredFrom(c) !== null)) return [];
  const part = containers.filter(
    (c) => retiredFrom(c) !== null || (c.definitionHash !== null && c.name.endsWith(NEXT_SUFFIX)),
  );
  return [...new Set(part.map((c) => c.service))].sort(compare);
}

/** Outside of a way back only its own label speaks for a container: what the file says now may be new. */
export const NO_LABEL = "no";

/** The restart policy it has when it is not retired: by its label, or by the file where docker compose made it. */
export function ownRestartPolicy(container: ObservedContainer, inFile: string): string {
  return container.labels[BOARDHAND.restartPolicy] ?? inFile;
}

/**
 * Retired once, and not all the way back: its own policy, which comes last on the way back, is still missing. This is
 * what tells it from a container that a person stopped, with or without a journal.
 */
export function isHalfBack(container: ObservedContainer, inFile: string): boolean {
  return retiredFrom(container) === null && lacksPolicy(container, inFile);
}

/** Whether it may not restart although its own policy says so: what a rollout does to what it retires. */
export function lacksPolicy(container: ObservedContainer, inFile: string): boolean {
  const own = ownRestartPolicy(container, inFile);
  const forbidden = container.restartPolicy === "no" || container.restartPolicy === "";
  return forbidden && own !== "no" && own !== "";
}
