// `status`: what the running agent knows, as a table; `status --health`: whether it is well.
import { shortDigest } from "../../core/model/index.ts";
import {
  describeCounts,
  describeDelivery,
  describeLimit,
  type WebhookStatus,
} from "../../core/status/index.ts";
import { agentClient } from "../agent-client.ts";
import type { CliContext, ExitCode } from "../context.ts";
import { formatJson, formatTable, oneLine } from "../output.ts";

export async function statusCommand(ctx: CliContext): Promise<ExitCode> {
  const status = await agentClient(ctx).status();
  if (ctx.json) {
    ctx.out(formatJson(status));
    return 0;
  }
  const { agent, webhooks, registries, projects } = status;
  const engine = agent.engine === null ? "no engine" : `engine ${agent.engine.version}`;
  ctx.out(`boardhand ${agent.version}, ${engine}. ${agent.platformBecause}\n`);
  if (webhooks !== null) ctx.out(`${oneLine(webhookLine(webhooks))}\n`);
  for (const limit of registries) ctx.out(`${oneLine(describeLimit(limit))}\n`);
  if (agent.standby !== null) ctx.out(`${oneLine(`This agent ${agent.standby}.`)}\n`);
  ctx.out("\n");
  const own = agent.selfUpdate === null ? [] : [{ ...agent.selfUpdate, name: "(this agent)" }];
  for (const note of own.flatMap(({ notes }) => notes)) ctx.out(`${oneLine(note)}\n`);
  const rows = [...own, ...projects].flatMap((project) => {
    const condition = project.conditions.find((c) => c.status === "True")?.type ?? "Unknown";
    const head = [project.name, condition, project.rollout.message];
    const services = project.services.map((service) => [
      `  ${service.name}`,
      service.container === null
        ? "no container"
        : `${service.container.state} ${service.container.health}`.replace(/ none$/, ""),
      [
        shortDigest(service.image.platformDigest ?? "-"),
        service.held === null ? "" : `held: ${service.held.reason}: ${service.held.message}`,
      ]
        .filter((part) => part !== "")
        .join("  "),
    ]);
    return [head, ...services];
  });
  ctx.out(formatTable(["PROJECT", "STATE", ""], rows, ctx.colours));
  return 0;
}

/** Exits with 1 when it is not well, or nobody answers. */
export async function healthCommand(ctx: CliContext): Promise<ExitCode> {
  const { ok, reasons } = await agentClient(ctx).health();
  if (ctx.json) ctx.out(formatJson({ ok, reasons }));
  else ctx.out(ok ? "healthy\n" : `not healthy\n${reasons.map((reason) => `${oneLine(reason)}\n`).join("")}`);
  return ok ? 0 : 1;
}

function webhookLine({ counts, last }: WebhookStatus): string {
  const latest = last === null ? "" : `; the last at ${last.at}, ${describeDelivery(last)}`;
  return `Webhooks: ${describeCounts(counts)}${latest}.`;
}
