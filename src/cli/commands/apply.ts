// `apply`: converges now and waits for the end, monitor windows included. Uses the running agent where there is one.
import { assemble, type Parts } from "../../agent.ts";
import { BoardhandError, type Trigger } from "../../core/model/index.ts";
import type { ProjectView } from "../../reconcile/deps.ts";
import type { Request } from "../../reconcile/queue.ts";
import { agentClient } from "../agent-client.ts";
import type { CliContext, ExitCode } from "../context.ts";
import { formatJson } from "../output.ts";
import { selectProjects } from "../select.ts";

/** How often the end of a monitor window is looked for. */
const POLL_MS = 50;

export interface ProjectResult {
  readonly project: string;
  readonly ok: boolean;
  readonly rollout: string;
  readonly message: string;
}

export async function applyCommand(names: readonly string[], ctx: CliContext): Promise<ExitCode> {
  return converge(names, (project) => request(project, null), ctx);
}

export async function rollbackCommand(
  project: string,
  services: readonly string[],
  ctx: CliContext,
): Promise<ExitCode> {
  return converge([project], (name) => request(name, services), ctx);
}

function request(project: string, rollback: readonly string[] | null): Request {
  const trigger: Trigger = { project, cause: "manual", refresh: true, force: rollback === null };
  return { trigger, rollback };
}

async function converge(
  names: readonly string[],
  requestFor: (project: string) => Request,
  ctx: CliContext,
): Promise<ExitCode> {
  const running = await agentClient(ctx).isRunning();
  const results = running
    ? await agentClient(ctx).converge(names, requestFor)
    : await convergeHere(names, requestFor, ctx);
  if (ctx.json) ctx.out(formatJson(results));
  else
    for (const { project, ok, message } of results)
      ctx.out(
        `${project}: ${ok ? ctx.colours.green("ok") : ctx.colours.red("failed")}${message === "" ? "" : `: ${message}`}\n`,
      );
  return results.every((result) => result.ok) ? 0 : 1;
}

async function convergeHere(
  names: readonly string[],
  requestFor: (project: string) => Request,
  ctx: CliContext,
): Promise<readonly ProjectResult[]> {
  const { config, log, signal, progress } = ctx;
  const parts = await assemble({ config, log, signal, progress, readOnly: false });
  try {
    const sources = await selectProjects(parts, names);
    for (const { name } of sources) parts.queue.enqueue(requestFor(name));
    await settled(
      parts,
      sources.map((source) => source.name),
      signal,
    );
    return sources.map(({ name }) => resultOf(name, parts));
  } finally {
    await parts.queue.stop();
    progress.stop();
    await parts.journal.close();
  }
}

/** Until no rollout is under way, or none of those that are will be looked at again. */
async function settled(parts: Parts, names: readonly string[], signal: AbortSignal): Promise<void> {
  for (;;) {
    await parts.queue.idle();
    const open = names.filter((name) => isUnderWay(name, parts));
    if (open.length === 0) return;
    if (signal.aborted) {
      throw new BoardhandError("E_ABORTED", "stopped before everything had settled", {
        hint: "run apply again, or start the agent: it goes on where this stopped",
      });
    }
    if (!open.some((name) => parts.queue.isPending(name))) return;
    await parts.clock.sleep(POLL_MS);
  }
}

function isUnderWay(name: string, parts: Parts): boolean {
  const { kind } = parts.journal.memory(name).rollout;
  return kind !== "idle" && kind !== "stalled";
}

function resultOf(project: string, parts: Parts): ProjectResult {
  const { rollout } = parts.journal.memory(project);
  const view = parts.reconciler.view(project);
  const open = isUnderWay(project, parts) ? "its rollout did not come to an end; the log says why" : "";
  const message = troubleOf(view) ?? (rollout.kind === "stalled" ? rollout.reason : open);
  return { project, ok: message === "", rollout: rollout.kind, message };
}

function troubleOf(view: ProjectView | null): string | null {
  if (view === null) return "was not looked at";
  return view.invalid?.message ?? view.trouble;
}
