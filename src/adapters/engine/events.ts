// Container events of compose projects, line by line. Exec events are left out: every health probe makes three.
import { object, text, textMap } from "../../core/model/engine-json.ts";
import { BoardhandError, COMPOSE, type EngineEvent } from "../../core/model/index.ts";
import { parseJson, readLines } from "./body.ts";
import { unavailable } from "./errors.ts";
import type { Transport } from "./transport.ts";

const WHAT = "watch events";
const MAX_LINE = 256 * 1024;
const KEEP_ALIVE_MS = 30_000;
const ACTIONS: readonly string[] = [
  "start",
  "die",
  "oom",
  "stop",
  "pause",
  "unpause",
  "rename",
  "destroy",
  "health_status",
];

/** Ends when the signal aborts; throws BoardhandError E_ENGINE_UNAVAILABLE when the engine ends or breaks the stream. */
export async function* watchEvents(
  transport: Transport,
  signal: AbortSignal,
  opened?: () => void,
): AsyncGenerator<EngineEvent> {
  const filters = { type: ["container"], label: [COMPOSE.project], event: ACTIONS };
  try {
    const body = await transport.open({
      what: WHAT,
      method: "GET",
      path: "/events",
      query: { filters: JSON.stringify(filters) },
      signal,
    });
    // Nothing is sent in quiet times; without probes a lost host would never be noticed.
    body.socket.setKeepAlive(true, KEEP_ALIVE_MS);
    opened?.();
    for await (const line of readLines(body, MAX_LINE, WHAT)) {
      const event = toEvent(parseJson(line, WHAT));
      if (event !== null) yield event;
    }
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof BoardhandError ? error : unavailable(WHAT, error);
  }
  if (!signal.aborted) throw unavailable(WHAT, new Error("the engine ended the stream"));
}

/** Only `Action` and `Actor` are read: API 1.52 drops the older `status`, `id` and `from`. */
function toEvent(message: unknown): EngineEvent | null {
  const line = object(message);
  const actor = object(line.Actor);
  const attributes = textMap(actor.Attributes);
  const project = attributes[COMPOSE.project];
  const [action = ""] = text(line.Action).split(":");
  if (project === undefined || !ACTIONS.includes(action) || isOneOff(attributes)) return null;
  return { project, service: attributes[COMPOSE.service] ?? "", containerId: text(actor.ID), action };
}

/** Containers of `docker compose run` are nobody's replica. */
export function isOneOff(labels: Readonly<Record<string, string>>): boolean {
  return labels[COMPOSE.oneoff]?.toLowerCase() === "true";
}
