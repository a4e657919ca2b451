// Who has to start anew after a way back: a container that joined another one's namespaces lost them when that one
// stopped, and `depends_on: {x: {restart: true}}` asks for it.
import type { ObservedContainer } from "../model/index.ts";
import type { PlanBuilder } from "./builder.ts";
import { compare, isUp, retiredFrom } from "./instances.ts";

export interface FollowInput {
  readonly containers: readonly ObservedContainer[];
  /** Services in the order they start. */
  readonly order: readonly string[];
  /** Services by the dependents that ask for a restart. */
  readonly restarts: ReadonlyMap<string, readonly string[]>;
  readonly healthTimeoutMs: number;
}

/** Restarts what runs on and hangs on a container that was started. `handled`: ids that the plan deals with itself. */
export function restartFollowers(
  builder: PlanBuilder,
  input: FollowInput,
  started: readonly ObservedContainer[],
  handled: ReadonlySet<string>,
): void {
  const anew = [...started];
  for (const container of inOrder(input)) {
    if (!isUp(container) || retiredFrom(container) !== null || handled.has(container.id)) continue;
    const followed = anew.find((one) => follows(container, one, input));
    const cause = followed?.service ?? restartedAfter(container, input.containers);
    if (cause === null) continue;
    restart(builder, container, `${cause} was started again`, input.healthTimeoutMs);
    anew.push(container);
  }
}

function inOrder(input: FollowInput): readonly ObservedContainer[] {
  const rank = (c: ObservedContainer) => {
    const at = input.order.indexOf(c.service);
    return at === -1 ? input.order.length : at;
  };
  return [...input.containers].sort((a, b) => rank(a) - rank(b) || compare(a.name, b.name));
}

function follows(container: ObservedContainer, started: ObservedContainer, input: FollowInput): boolean {
  if (container.sharedWith.includes(started.id)) return true;
  return input.restarts.get(started.service)?.includes(container.service) ?? false;
}

/** The owner of its namespaces, when that one was started after it: an earlier way back was cut off in between. */
function restartedAfter(
  container: ObservedContainer,
  containers: readonly ObservedContainer[],
): string | null {
  const later = containers.find(
    (c) => container.sharedWith.includes(c.id) && isUp(c) && (c.startedAt ?? 0) > (container.startedAt ?? 0),
  );
  return later?.service ?? null;
}

function restart(
  builder: PlanBuilder,
  container: ObservedContainer,
  cause: string,
  healthTimeoutMs: number,
): void {
  const { id, name, service, stopGraceMs } = container;
  const target = { ref: id, name };
  const options = { service, cause };
  const stopped = builder.add("stopContainer", { ...target, graceMs: stopGraceMs }, options);
  const started = builder.add("startContainer", target, { ...options, after: [stopped] });
  const gate = { ...target, timeoutMs: healthTimeoutMs, settleMs: 0, mayComplete: false };
  builder.add("awaitHealthy", gate, { ...options, after: [started], required: false });
}
