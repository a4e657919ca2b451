// `run`: the daemon. Schedule, engine events and the page around one queue; ends without leaving a container stopped.
import { readTokenFile } from "../../adapters/config/index.ts";
import { assemble, type Parts } from "../../agent.ts";
import type { Trigger } from "../../core/model/index.ts";
import { createApp, type Listening, listen } from "../../http/index.ts";
import type { ProgressEvent } from "../../ports/index.ts";
import { followEngine } from "../../triggers/engine-events.ts";
import { type Schedule, startSchedule } from "../../triggers/schedule.ts";
import type { CliContext, ExitCode } from "../context.ts";
import { httpView } from "../http-view.ts";
import { progressLog } from "../progress-log.ts";
import { startWebhooks } from "../webhooks.ts";

export async function runCommand(ctx: CliContext): Promise<ExitCode> {
  const { config, log, signal } = ctx;
  const listeners = new Set<(event: ProgressEvent) => void>();
  const toLog = ctx.isTerminal ? ctx.progress : progressLog(log);
  const progress = (event: ProgressEvent): void => {
    toLog(event);
    for (const listener of listeners) listener(event);
  };
  const parts = await assemble({ config, log, signal, progress, readOnly: false });
  try {
    await serve(parts, listeners, ctx);
  } finally {
    ctx.progress.stop();
    await parts.journal.close();
  }
  return 0;
}

async function serve(
  parts: Parts,
  listeners: Set<(event: ProgressEvent) => void>,
  ctx: CliContext,
): Promise<void> {
  const { config, log, signal } = ctx;
  const { tokenFile, host, port } = config.http;
  const warn = (message: string) => log.warn({}, message);
  const token = tokenFile === null ? null : await readTokenFile(tokenFile, warn);
  const enqueue = (trigger: Trigger): void => {
    if (!parts.queue.enqueue({ trigger, rollback: null }))
      log.warn({ project: trigger.project }, "too many looks are waiting");
  };
  const webhooks = await startWebhooks(parts, enqueue);
  const names = async (): Promise<readonly string[]> =>
    (await parts.sources.list()).map((source) => source.name);
  const all = async (cause: Trigger["cause"], refresh: boolean): Promise<void> => {
    for (const project of await names()) enqueue({ project, cause, refresh, force: false });
  };
  const running: { schedule: Schedule | null } = { schedule: null };
  const nextAt = () => running.schedule?.nextAt() ?? null;
  const view = httpView({ parts, listeners, token, webhooks, nextAt });
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
  const following = followEngine({
    engine: parts.engine,
    clock: parts.clock,
    log,
    signal,
    enqueue,
    onLost: () => {
      parts.ground.lost();
      void all("engine", false);
    },
  });
  log.info({ address: addressOf(server) }, "the page is served");
  if (webhooks !== null) log.info({}, "webhooks are taken at /hooks/PROVIDER/TOKEN");
  // Without any project nothing else would ask the engine, and the agent would never call itself healthy. Only the end
  // of the agent makes it fail.
  void parts.ground.get().catch(() => undefined);
  await all("startup", true);
  await aborted(signal);
  log.info({}, "stopping");
  running.schedule.stop();
  webhooks?.stop();
  await parts.queue.stop();
  await following;
  await server.close();
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
