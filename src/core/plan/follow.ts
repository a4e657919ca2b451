// Who has to start anew after a way back: a container that joined another one's namespaces lost them when that one
// stopped, and `depends_on: {x: {restart: true}}` asks for it.
import type { DesiredService, ObservedContainer } from "../model/index.ts";
import type { PlanBuilder } from "./builder.ts";
import { compare, isUp, retiredFrom } from "./instances.ts";
import { runHooks } from "./start.ts";

export interface FollowInput {
  readonly containers: readonly ObservedContainer[];
  /** Services in the order they start. */
  readonly order: readonly string[];
  /** Services by the dependents that ask for a restart. */
  readonly restarts: ReadonlyMap<string, readonly string[]>;
  /** As they go back to, by name: whose hooks to run. */
  readonly services: ReadonlyMap<string, Pick<DesiredService, "name" | "spec">>;
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
    restart(builder, container, `${cause} was started again`, input);
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
  input: FollowInput,
): void {
  const { id, name, service, stopGraceMs } = container;
  const target = { ref: id, name };
  const options = { service, cause };
  const stopped = builder.add("stopContainer", { ...target, graceMs: stopGraceMs }, options);
  const started = builder.add("startContainer", target, { ...options, after: [stopped] });
  const after = runHooksBack(builder, service, target, { cause, after: [started] }, input);
  const gate = { ...target, timeoutMs: input.healthTimeoutMs, settleMs: 0, mayComplete: false };
  builder.add("awaitHealthy", gate, { ...options, after, required: false });
}

/** Hooks after a start on the way back, which goes on whatever they say. */
export function runHooksBack(
  builder: PlanBuilder,
  service: string,
  target: { readonly ref: string; readonly name: string },
  options: { readonly cause: string; readonly after: readonly number[] },
  input: Pick<FollowInput, "services" | "healthTimeoutMs">,
): readonly number[] {
  const definition = input.services.get(service);
  if (definition === undefined) return options.after;
  const timeoutMs = input.healthTimeoutMs;
  return runHooks(builder, definition, "post_start", target, { ...options, timeoutMs, required: false });
}
