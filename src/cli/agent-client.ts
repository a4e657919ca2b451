// The running agent, asked over its own HTTP API: for `status`, and for commands that must not work beside it.
import { once } from "node:events";
import { type IncomingMessage, type RequestOptions, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { readTokenFile } from "../adapters/config/index.ts";
import { BoardhandError } from "../core/model/index.ts";
import type { AgentStatus, ProjectStatus } from "../core/status/index.ts";
import type { Request } from "../reconcile/queue.ts";
import type { CliContext } from "./context.ts";

const TIMEOUT_MS = 10_000;
const POLL_MS = 500;

/** As `/healthz` has it. */
export interface AgentHealth {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

export interface AgentClient {
  /** Whether a Boardhand agent answers at the configured address. */
  isRunning(): Promise<boolean>;
  /** Throws E_AGENT_UNREACHABLE. */
  status(): Promise<AgentStatus>;
  /** Throws E_AGENT_UNREACHABLE. */
  health(): Promise<AgentHealth>;
  act(project: string, action: "apply" | "rollback" | "suspend" | "resume", body: object): Promise<void>;
  /** Asks for it and waits until nothing is under way any more. */
  converge(
    names: readonly string[],
    requestFor: (project: string) => Request,
  ): Promise<readonly { project: string; ok: boolean; rollout: string; message: string }[]>;
}

export function agentClient(ctx: CliContext): AgentClient {
  const status = async (): Promise<AgentStatus> =>
    (await call(ctx, "GET", "/api/v1/status", null)) as AgentStatus;
  const act: AgentClient["act"] = async (project, action, body) => {
    await call(ctx, "POST", `/api/v1/projects/${encodeURIComponent(project)}/${action}`, body);
  };
  const isAgent = (found: AgentStatus): boolean => typeof found?.agent?.version === "string";
  return {
    status,
    health: async () => healthOf(await call(ctx, "GET", "/healthz", null)),
    act,
    isRunning: async () => status().then(isAgent, () => false),
    converge: async (names, requestFor) => {
      const all = (await status()).projects.map((project) => project.name);
      const chosen = names.length === 0 ? all : names;
      for (const name of chosen) {
        const { rollback } = requestFor(name);
        if (rollback === null) await act(name, "apply", {});
        else await act(name, "rollback", rollback.length === 0 ? {} : { services: rollback });
      }
      const results = [];
      for (const name of chosen) results.push(resultOf(await settled(name, status, ctx.signal)));
      return results;
    },
  };
}

/** `http://127.0.0.1:8080` for an agent that listens on every address. */
function baseOf({ config }: CliContext): string {
  const { host, port } = config.http;
  const target = host === "0.0.0.0" || host === "::" || host === "" ? "127.0.0.1" : host;
  return `http://${target.includes(":") ? `[${target}]` : target}:${port}`;
}

async function call(
  ctx: CliContext,
  method: "GET" | "POST",
  path: string,
  body: object | null,
): Promise<unknown> {
  const { tokenFile } = ctx.config.http;
  const token =
    tokenFile === null || method === "GET" ? null : await readTokenFile(tokenFile, () => undefined);
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== null) headers["content-type"] = "application/json";
  if (token !== null) headers.authorization = `Bearer ${token.reveal()}`;
  const base = baseOf(ctx);
  let answer: Answer;
  try {
    answer = await send(`${base}${path}`, {
      ...{ method, headers, body: body === null ? "" : JSON.stringify(body) },
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ctx.signal]),
    });
  } catch (cause) {
    throw new BoardhandError("E_AGENT_UNREACHABLE", `no agent answers at ${base}`, {
      cause,
      hint: "start it with `boardhand run`, or give the --config it was started with",
    });
  }
  return readAnswer(answer, base, path);
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Not by `fetch`: a health check would spend a third of its time on loading that. */
async function send(
  url: string,
  { body, ...options }: RequestOptions & { readonly body: string },
): Promise<Answer> {
  const asked = request(url, options).end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, text: await text(answer) };
}

/** The project once nothing is under way; the agent itself bounds how long that can take. */
async function settled(
  name: string,
  status: () => Promise<AgentStatus>,
  signal: AbortSignal,
): Promise<ProjectStatus> {
  for (;;) {
    const found = (await status()).projects.find((project) => project.name === name);
    if (found === undefined)
      throw new BoardhandError("E_UNKNOWN_PROJECT", `the agent knows no project ${name}`);
    const { state } = found.rollout;
    if (!found.busy && (state === "idle" || state === "stalled")) return found;
    await setTimeout(POLL_MS, undefined, { signal });
  }
}

/** What is not Boardhand's answer is not well. */
function healthOf(answer: unknown): AgentHealth {
  const { ok, reasons } = (answer ?? {}) as { readonly ok?: unknown; readonly reasons?: unknown };
  return { ok: ok === true, reasons: Array.isArray(reasons) ? reasons.map(String) : [] };
}

function resultOf(project: ProjectStatus) {
  const stalled = project.conditions.find(
    (condition) => condition.type === "Stalled" && condition.status === "True",
  );
  const message = stalled?.message ?? "";
  return { project: project.name, ok: message === "", rollout: project.rollout.state, message };
}

/** The agent is trusted, but what answers on its port may be something else. */
function readAnswer({ status, text }: Answer, base: string, path: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new BoardhandError("E_AGENT_UNREACHABLE", `what answers at ${base} is not Boardhand`, {
      hint: "another program has the port; set http.listen",
    });
  }
  // Not being well is an answer too.
  if ((status >= 200 && status < 300) || (path === "/healthz" && status === 503)) return parsed;
  const error = (parsed as { error?: { message?: unknown; hint?: unknown } }).error ?? {};
  throw new BoardhandError("E_HTTP", `the agent refused: ${String(error.message ?? status)}`, {
    ...(typeof error.hint === "string" ? { hint: error.hint } : {}),
  });
}
