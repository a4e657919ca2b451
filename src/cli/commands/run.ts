// `run`: the daemon. Schedule, engine events and the page around one queue; ends without leaving a container stopped.
import { readTokenFile } from "../../adapters/config/index.ts";
import { assemble, type Parts } from "../../agent.ts";
import { AGENT_PROJECT, type Trigger } from "../../core/model/index.ts";
import { createApp, type Listening, listen } from "../../http/index.ts";
import type { ProgressEvent } from "../../ports/index.ts";
import { askEngine } from "../../reconcile/ground.ts";
import type { Self } from "../../self-update/identity.ts";
import type { SelfUpdate } from "../../self-update/look.ts";
import { followEngine } from "../../triggers/engine-events.ts";
import { type Schedule, startSchedule } from "../../triggers/schedule.ts";
import type { CliContext, ExitCode } from "../context.ts";
import { httpView } from "../http-view.ts";
import { progressLog } from "../progress-log.ts";
import { createSelfUpdate } from "../self-update.ts";
import { awaitTurn, createTurns, type Turns } from "../standby.ts";
import { startWebhooks } from "../webhooks.ts";

/** Acts while it is this agent's turn, and stands by while another one's is. */
export async function runCommand(ctx: CliContext): Promise<ExitCode> {
  while (!ctx.signal.aborted) {
    const self = await awaitTurn(ctx);
    if (!ctx.signal.aborted) await act(self, ctx);
  }
  ctx.progress.stop();
  return 0;
}

async function act(self: Self | null, ctx: CliContext): Promise<void> {
  const { config, log } = ctx;
  const listeners = new Set<(event: ProgressEvent) => void>();
  const toLog = ctx.isTerminal ? ctx.progress : progressLog(log);
  const progress = (event: ProgressEvent): void => {
    toLog(event);
    for (const listener of listeners) listener(event);
  };
  const lost = new AbortController();
  const signal = AbortSignal.any([ctx.signal, lost.signal]);
  const later: { turns: Turns | null; selfUpdate: SelfUpdate | null } = { turns: null, selfUpdate: null };
  /** An engine that does not answer is for the look to tell. */
  const mayLook = async (): Promise<boolean> => {
    const reason = (await later.turns?.ask().catch(() => null)) ?? null;
    if (reason === null) return true;
    log.warn({}, `this agent ${reason}`);
    lost.abort();
    return false;
  };
  const lookAtSelf = async (trigger: Trigger) => (await later.selfUpdate?.look(trigger)) ?? null;
  const parts = await assemble({
    config,
    log,
    signal,
    progress,
    readOnly: false,
    patient: true,
    mayLook,
    lookAtSelf,
  });
  try {
    later.turns = createTurns(async () => self, parts.agents);
    if (self !== null) later.selfUpdate = createSelfUpdate(self, parts, signal, ctx);
    await serve({ ...ctx, signal }, parts, listeners, later.selfUpdate);
  } finally {
    await parts.journal.close();
  }
}

async function serve(
  ctx: CliContext,
  parts: Parts,
  listeners: Set<(event: ProgressEvent) => void>,
  selfUpdate: SelfUpdate | null,
): Promise<void> {
  const { config, log, signal } = ctx;
  const { tokenFile, host, port } = config.http;
  const warn = (message: string) => log.warn({}, message);
  const token = tokenFile === null ? null : await readTokenFile(tokenFile, warn);
  const enqueue = (trigger: Trigger): void => {
    // One that stops takes no more looks either, and nobody has to know.
    if (!parts.queue.enqueue({ trigger, rollback: null }) && !signal.aborted)
      log.warn({ project: trigger.project }, "too many looks are waiting");
  };
  const webhooks = await startWebhooks(parts, selfUpdate, enqueue);
  const names = () => namesOf(parts, selfUpdate);
  const all = async (cause: Trigger["cause"], refresh: boolean): Promise<void> => {
    for (const project of await names()) enqueue({ project, cause, refresh, force: false });
  };
  const running: { schedule: Schedule | null } = { schedule: null };
  const nextAt = () => running.schedule?.nextAt() ?? null;
  const view = httpView({ parts, listeners, token, webhooks, nextAt, standby: () => null, selfUpdate });
  // Whoever finds the port open finds the projects too.
  await names();
  const server: Listening = await listen(createApp(view), { host, port });
  running.schedule = startSchedule({
    expression: config.schedule,
    timezone: config.timezone,
    jitterMs: config.jitterMs,
    projects: names,
    enqueue,
    clock: parts.clock,
    log,
  });
  const following = follow(ctx, parts, enqueue, () => void all("engine", false));
  log.info({ address: addressOf(server) }, "the page is served");
  if (webhooks !== null) log.info({}, "webhooks are taken at /hooks/PROVIDER/TOKEN");
  askEngine(parts.ground);
  await all("startup", true);
  await aborted(signal);
  log.info({}, "stopping");
  running.schedule.stop();
  webhooks?.stop();
  await parts.queue.stop();
  await following;
  await server.close();
}

/** The engine's events, and that it is lost and back; `back` is called when anything may have happened meanwhile. */
function follow(
  { log, signal }: CliContext,
  parts: Parts,
  enqueue: (trigger: Trigger) => void,
  back: () => void,
): Promise<void> {
  return followEngine({
    engine: parts.engine,
    clock: parts.clock,
    log,
    signal,
    enqueue,
    onLost: () => {
      parts.ground.lost();
      askEngine(parts.ground);
    },
    onBack: () => {
      askEngine(parts.ground);
      back();
    },
  });
}

/** What is looked at: the projects on disk as they are now, and the agent itself where it can be. */
async function namesOf({ sources }: Parts, selfUpdate: SelfUpdate | null): Promise<readonly string[]> {
  const projects = (await sources.list()).map((source) => source.name);
  return selfUpdate === null ? projects : [...projects, AGENT_PROJECT];
}

function addressOf(server: Listening): string {
  const { address, family, port } = server.address;
  const host = address === "0.0.0.0" || address === "::" ? "localhost" : address;
  return `http://${family === "IPv6" && host !== "localhost" ? `[${host}]` : host}:${port}`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
