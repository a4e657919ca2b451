// The calls that end a container are over when it is seen to have ended: an answer that does not come is not waited for,
// since a service may be down meanwhile. That is asked beside the call, and only where the call takes a while.
import { type Json, object, text } from "../../core/model/engine-json.ts";
import type { Clock, Log } from "../../ports/index.ts";
import { stateOf } from "./container.ts";
import { refused } from "./errors.ts";
import { inspect } from "./observe.ts";
import type { Transport } from "./transport.ts";

/** What the engine grants a container that names no grace period, and what we grant the engine on top. */
const DEFAULT_GRACE_MS = 10_000;
const STOP_MARGIN_MS = 60_000;
/** Removal deletes layers, which is slow on SD cards. */
const REMOVAL_MS = 5 * 60_000;
const REMOVAL_POLL_MS = 200;
/** Between looks beside the call: a container that takes its time is not asked for all the while. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 10_000;
/** In which the answer comes when there is one. */
const ANSWER_MS = 1000;

export interface EndingDeps {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
}

/** `graceMs` null: the container's own. 304, already stopped, is no error. */
export function stopContainer(deps: EndingDeps, id: string, graceMs: number | null): Promise<void> {
  const what = `stop container ${id}`;
  const stop = async (signal: AbortSignal): Promise<void> => {
    await deps.transport.call({
      what,
      method: "POST",
      path: `${pathTo(id)}/stop`,
      timeoutMs: (graceMs ?? DEFAULT_GRACE_MS) + STOP_MARGIN_MS,
      ...(graceMs === null ? {} : { query: { t: String(Math.ceil(graceMs / 1000)) } }),
      signal,
    });
  };
  return answeredOrSeen(deps, id, { what, call: stop, isOver: hasStopped });
}

/** Removal by somebody else is waited for: until it is over, the name is taken. */
export function removeContainer(deps: EndingDeps, id: string): Promise<void> {
  const what = `remove container ${id}`;
  const remove = (signal: AbortSignal): Promise<void> => removeOnce(deps, id, what, signal);
  return answeredOrSeen(deps, id, { what, call: remove, isOver: (found) => found === null });
}

async function removeOnce(
  { transport, clock }: EndingDeps,
  id: string,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const query = { force: "1", v: "0" };
  const call = { what, method: "DELETE", path: pathTo(id), query, timeoutMs: REMOVAL_MS, signal } as const;
  const deadline = clock.monotonic() + REMOVAL_MS;
  for (;;) {
    const answer = await transport.call(call, [404, 409]);
    if (answer.status !== 409) return;
    const message = text(object(answer.json).message);
    if (!/already in progress/i.test(message) || clock.monotonic() >= deadline)
      throw refused(what, answer.status, message);
    await clock.sleep(REMOVAL_POLL_MS, signal);
  }
}

interface Ending {
  /** For the log: `stop container web`. */
  readonly what: string;
  readonly call: (signal: AbortSignal) => Promise<void>;
  /** Whether it is done, by `GET /containers/ID/json`; null: there is none. */
  readonly isOver: (found: Json | null) => boolean;
}

async function answeredOrSeen(deps: EndingDeps, id: string, ending: Ending): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([ending.call(over.signal), seen(deps, id, ending, over.signal)]);
  } finally {
    // The other one of the two; nobody listens to it any more.
    over.abort();
  }
}

/** Resolves when it is seen to be over and the engine has had its time to say so; rejects with the signal. */
async function seen(
  { transport, clock, log }: EndingDeps,
  id: string,
  { what, isOver }: Ending,
  signal: AbortSignal,
): Promise<void> {
  // A look that fails tells nothing: the call itself says whether the engine is there.
  const look = (): Promise<boolean> => inspect(transport, id, signal).then(isOver, () => false);
  let pause = FIRST_PAUSE_MS;
  do {
    await clock.sleep(pause, signal);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  } while (!(await look()));
  await clock.sleep(ANSWER_MS, signal);
  log.warn({ container: id }, `the engine has done it and does not say so (${what}); going on`);
}

function hasStopped(found: Json | null): boolean {
  return found === null || !["running", "paused", "restarting"].includes(stateOf(object(found.State)));
}

function pathTo(id: string): string {
  return `/containers/${encodeURIComponent(id)}`;
}
