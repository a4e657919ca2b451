// The Agents port over the Engine API. It decides nothing: whose turn it is, is decided by who asks.
import { type Json, number, object, text, textMap } from "../../core/model/engine-json.ts";
import { AGENT, type AgentContainer, type AgentRole } from "../../core/model/index.ts";
import type { Agents, Blueprint, Clock } from "../../ports/index.ts";
import { connect } from "./connection.ts";
import { restartPolicy, stateOf } from "./container.ts";
import { DEFAULT_TIMEOUT_MS, type EngineOptions } from "./engine.ts";
import { unavailable } from "./errors.ts";
import { framesTail, plainTail } from "./frames.ts";
import { mapLimit } from "./limit.ts";
import { compare, inspect, inspectImage, listContainers } from "./observe.ts";
import { createTransport, type Transport } from "./transport.ts";

const PARALLEL = 8;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;
/** Lines asked for, and the time in which they have to come. */
const LOG_LINES = "5000";
const LOG_MS = 30_000;
const ROLES: readonly AgentRole[] = ["agent", "updater", "preflight"];

/** An Agents that connects with its first call. Throws BoardhandError E_CONFIG as createEngine does. */
export function createAgents(options: EngineOptions): Agents {
  const { clock, log, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const connection = connect(options.host, options.tls);
  const transport = createTransport({ connection, clock, log, timeoutMs });
  return {
    list: () => listAgents(transport),
    blueprint: (id) => blueprint(transport, id),
    image: (reference) => inspectImage(transport, reference),
    waitForExit: (id, limitMs) => waitForExit(transport, clock, id, limitMs),
    logs: (id, maxBytes) => logs(transport, clock, id, maxBytes),
  };
}

/** A container that vanishes meanwhile, or whose role is none of ours, is left out. */
async function listAgents(transport: Transport): Promise<readonly AgentContainer[]> {
  const found = (await listContainers(transport, AGENT.role)).map((one) => text(one.Id));
  const inspected = await mapLimit(found, PARALLEL, (id) => inspect(transport, id));
  return inspected
    .flatMap((one) => (one === null ? [] : toAgent(one)))
    .sort((one, other) => compare(one.id, other.id));
}

function toAgent(inspected: Json): readonly AgentContainer[] {
  const state = object(inspected.State);
  const config = object(inspected.Config);
  const labels = textMap(config.Labels);
  const role = ROLES.find((one) => one === labels[AGENT.role]);
  if (role === undefined) return [];
  return [
    {
      id: text(inspected.Id),
      name: text(inspected.Name).replace(/^\//, ""),
      role,
      state: stateOf(state),
      exitCode: number(state.ExitCode),
      error: text(state.Error),
      startedAt: instant(text(state.StartedAt)),
      restartPolicy: restartPolicy(object(object(inspected.HostConfig).RestartPolicy)),
      imageId: text(inspected.Image),
      imageReference: text(config.Image),
      labels,
    },
  ];
}

/**
 * The engine leaves out the last zeros of a second, and Podman writes local time: texts that compare have nine digits and
 * end in Z. Null for the year 1, which is "never", and for what is no time.
 */
function instant(value: string): string | null {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(value);
  if (match === null) return null;
  const [, seconds = "", fraction = "", zone = ""] = match;
  const at = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(at) || at <= 0) return null;
  return `${new Date(at).toISOString().slice(0, 19)}.${fraction.padEnd(9, "0")}Z`;
}

async function blueprint(transport: Transport, id: string): Promise<Blueprint | null> {
  const container = await inspect(transport, id);
  if (container === null) return null;
  return { container, image: await inspectImage(transport, text(container.Image)) };
}

/** Asked again and again: a call that waits would break with every restart of the engine. */
async function waitForExit(
  transport: Transport,
  clock: Clock,
  id: string,
  limitMs: number,
): Promise<number | null> {
  const what = `wait for the end of container ${id}`;
  const deadline = clock.monotonic() + limitMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const path = `/containers/${encodeURIComponent(id)}/json`;
    const { json } = await transport.call({ what, method: "GET", path });
    const state = object(object(json).State);
    if (["exited", "dead"].includes(stateOf(state))) return number(state.ExitCode);
    const left = deadline - clock.monotonic();
    if (left <= 0) return null;
    await clock.sleep(Math.min(pause, left));
  }
}

/** Before API 1.42 nothing but the container's own settings tells whether the answer comes in frames. */
async function logs(transport: Transport, clock: Clock, id: string, maxBytes: number): Promise<string> {
  const what = `read the log of container ${id}`;
  const path = `/containers/${encodeURIComponent(id)}`;
  const { json } = await transport.call({ what, method: "GET", path: `${path}/json` });
  const tail = object(object(json).Config).Tty === true ? plainTail(maxBytes) : framesTail(maxBytes);
  const late = new AbortController();
  const done = new AbortController();
  const expired = unavailable(what, `not read within ${LOG_MS / 1000} s`);
  clock.sleep(LOG_MS, done.signal).then(
    () => late.abort(expired),
    () => undefined,
  );
  try {
    const query = { stdout: "1", stderr: "1", tail: LOG_LINES };
    const asked = { what, method: "GET", path: `${path}/logs`, query, signal: late.signal } as const;
    const stream = await transport.open(asked);
    for await (const chunk of stream) tail.add(chunk as Buffer);
    return tail.text();
  } catch (error) {
    throw late.signal.aborted ? expired : unavailable(what, error);
  } finally {
    done.abort();
  }
}
