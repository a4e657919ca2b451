// Calls of the Engine API: the version negotiated once and again after every break, a deadline on every call, and every
// failure one of three: not reachable (backoff), refused in the engine's words, too old.
import type { IncomingMessage } from "node:http";
import { object, text } from "../../core/model/engine-json.ts";
import { BoardhandError } from "../../core/model/index.ts";
import type { Clock, Log } from "../../ports/index.ts";
import { parseJson, readText } from "./body.ts";
import type { Connection, WireRequest } from "./connection.ts";
import { aborted, refused, unavailable } from "./errors.ts";
import { chooseApiVersion } from "./version.ts";

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
const VERSION_REFUSED = /client version \S+ is too (old|new)/i;

export interface Call extends WireRequest {
  /** What is being done, for messages: `inspect container web`. */
  readonly what: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** Parsed; null for an empty body. */
  readonly json: unknown;
}

export interface Transport {
  /** Forgets the version and asks anew. Returns it, such as `1.41`. */
  negotiate(): Promise<string>;
  /** The version in use, negotiated if there is none. */
  version(): Promise<string>;
  /** Status and body of a call; a status of 400 and more is thrown, unless it is among `accept`. */
  call(call: Call, accept?: readonly number[]): Promise<Answer>;
  /** The answer's head, body unread; deadlines end with the head. A status of 400 and more is thrown. */
  open(call: Call): Promise<IncomingMessage>;
}

interface Deadline {
  readonly signal: AbortSignal;
  /** What the caller learns of an error that happened under this deadline. */
  explain(error: unknown): BoardhandError;
  end(): void;
}

interface TransportOptions {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeoutMs: number;
}

export function createTransport(options: TransportOptions): Transport {
  const { connection, clock } = options;
  let version: Promise<string> | null = null;

  function negotiate(): Promise<string> {
    const asked = askVersion(options);
    version = asked;
    asked.catch(() => {
      if (version === asked) version = null;
    });
    return asked;
  }

  /** One try with the version known so far; the caller decides about a second. */
  async function attempt(call: Call, deadline: Deadline): Promise<IncomingMessage> {
    const spoken = await (version ?? negotiate());
    try {
      return await connection({ ...call, path: `/v${spoken}${call.path}` }, deadline.signal);
    } catch (error) {
      // Whoever answers next may be another engine.
      version = null;
      throw error;
    }
  }

  async function send(call: Call, deadline: Deadline, accept: readonly number[]): Promise<IncomingMessage> {
    for (let tries = 1; ; tries++) {
      const response = await attempt(call, deadline);
      const status = response.statusCode ?? 0;
      if (status < 400 || accept.includes(status)) return response;
      const message = errorMessage(await readText(response, MAX_ERROR_BYTES, call.what));
      if (status !== 400 || !VERSION_REFUSED.test(message)) throw refused(call.what, status, message);
      if (tries === 2) throw versionRefused(message);
      await negotiate();
    }
  }

  async function under<T>(call: Call, run: (deadline: Deadline) => Promise<T>): Promise<T> {
    const deadline = startDeadline(clock, call.timeoutMs ?? options.timeoutMs, call.what, call.signal);
    try {
      return await run(deadline);
    } catch (error) {
      throw deadline.explain(error);
    } finally {
      deadline.end();
    }
  }

  return {
    negotiate,
    version: () => version ?? negotiate(),
    call: (call, accept = []) =>
      under(call, async (deadline) => {
        const response = await send(call, deadline, accept);
        const body = await readText(response, MAX_BODY_BYTES, call.what);
        return { status: response.statusCode ?? 0, json: parseAnswer(body, call.what) };
      }),
    open: (call) => under(call, (deadline) => send(call, deadline, [])),
  };
}

/** Asks the one path that has no version. An engine that does not answer it well is still starting. */
async function askVersion({ connection, clock, log, timeoutMs }: TransportOptions): Promise<string> {
  const what = "ask for its API version";
  const deadline = startDeadline(clock, timeoutMs, what, undefined);
  try {
    const response = await connection({ method: "GET", path: "/_ping" }, deadline.signal);
    const body = await readText(response, MAX_ERROR_BYTES, what);
    const status = response.statusCode ?? 0;
    if (status !== 200) throw unavailable(what, `status ${status}: ${errorMessage(body)}`);
    const chosen = chooseApiVersion(headerText(response.headers["api-version"]));
    log.debug({ apiVersion: chosen }, "engine API version negotiated");
    return chosen;
  } catch (error) {
    throw deadline.explain(error);
  } finally {
    deadline.end();
  }
}

function parseAnswer(body: string, what: string): unknown {
  return body.trim() === "" ? null : parseJson(body, what);
}

/**
 * Aborts after `ms` or with the caller. Without an end the request's signal would also outlive the head of a stream.
 */
function startDeadline(clock: Clock, ms: number, what: string, caller: AbortSignal | undefined): Deadline {
  const late = new AbortController();
  const done = new AbortController();
  const expired = unavailable(what, `no answer within ${Math.round(ms / 1000)} s`);
  clock.sleep(ms, done.signal).then(
    () => late.abort(expired),
    () => undefined,
  );
  return {
    signal: caller === undefined ? late.signal : AbortSignal.any([caller, late.signal]),
    explain(error) {
      if (late.signal.aborted) return expired;
      if (caller?.aborted === true) return aborted(what, caller.reason);
      return error instanceof BoardhandError ? error : unavailable(what, error);
    },
    end: () => done.abort(),
  };
}

/** The engine's own words: `{"message": …}`, or the body as it is. */
function errorMessage(body: string): string {
  let message = "";
  try {
    message = text(object(JSON.parse(body)).message);
  } catch {
    message = "";
  }
  return (message || body).trim().slice(0, 2000) || "no reason given";
}

function headerText(value: string | readonly string[] | undefined): string {
  return typeof value === "string" ? value : "";
}

function versionRefused(message: string): BoardhandError {
  return new BoardhandError(
    "E_ENGINE_VERSION",
    `The engine speaks no API version of Boardhand's: ${message}`,
    {
      hint: "Update Boardhand, or lower the engine's min-api-version to 1.44.",
    },
  );
}
