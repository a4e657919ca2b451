// When the engine, or the whole board, went down under an agent that knows nothing of it because it went down too. Told
// from what the engine says of itself and of the agent's own container, which ended together with all others.
import type { ObservedContainer } from "../model/index.ts";
import type { Span } from "./input.ts";

/** How long an engine that is told to stop may take to end the last container: a service manager's usual patience. */
const SHUTDOWN_MS = 90_000;

/**
 * Spans in which the engine ended containers. `startedAt` is when it was started; one that crashed, or lost its power, ends
 * what it finds as it starts. `own` is the agent's container; null outside of one.
 */
export function wentDown(
  startedAt: number | null,
  own: Pick<ObservedContainer, "startedAt" | "finishedAt"> | null,
): readonly Span[] {
  if (startedAt === null) return [];
  const starting = { from: startedAt, until: startedAt };
  const ended = own?.finishedAt ?? null;
  const again = own?.startedAt ?? null;
  // An agent that was stopped, or failed, under an engine that ran on tells nothing of other containers.
  if (ended === null || again === null || again < startedAt) return [starting];
  const clockWentBack = again < ended;
  if (ended >= startedAt && !clockWentBack) return [starting];
  const until = clockWentBack ? ended + SHUTDOWN_MS : Math.min(startedAt, ended + SHUTDOWN_MS);
  return [{ from: ended, until }, starting];
}
