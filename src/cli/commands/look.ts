// `check` and `plan`: one look that changes nothing.
import { assemble, type Parts } from "../../agent.ts";
import { readReference } from "../../core/image/index.ts";
import {
  type DesiredService,
  type ImageDecision,
  type ObservedContainer,
  type Plan,
  shortDigest,
} from "../../core/model/index.ts";
import { retiredFrom } from "../../core/plan/index.ts";
import { describeLimit } from "../../core/status/index.ts";
import type { RegistryLimit } from "../../ports/index.ts";
import type { ProjectSource } from "../../reconcile/load/index.ts";
import { type Prepared, prepare } from "../../reconcile/prepare.ts";
import type { CliContext, ExitCode } from "../context.ts";
import { formatError, formatJson, formatTable, oneLine } from "../output.ts";
import { selectProjects } from "../select.ts";

interface LookedAtAll {
  readonly looked: readonly Looked[];
  /** What the registries that were asked still give. */
  readonly limits: readonly RegistryLimit[];
}

interface Looked {
  readonly project: string;
  readonly prepared: Prepared | null;
  readonly error: Error | null;
}

async function lookAtAll(ctx: CliContext, names: readonly string[]): Promise<LookedAtAll> {
  const { config, log, signal } = ctx;
  const parts = await assemble({ config, log, signal, progress: () => undefined, readOnly: true });
  try {
    const looked: Looked[] = [];
    for (const source of await selectProjects(parts, names)) looked.push(await lookAt(source, parts));
    return { looked, limits: parts.registry.limits() };
  } finally {
    await parts.journal.close();
  }
}

async function lookAt(source: ProjectSource, parts: Parts): Promise<Looked> {
  const loaded = await parts.loader.load(source);
  if (loaded.kind === "invalid") return { project: source.name, prepared: null, error: loaded.error };
  const ground = await parts.ground.get();
  const observed = await parts.deps.engine.observe(source.name);
  const wishes = { refresh: true, force: false };
  const prepared = await prepare(loaded.project, observed, wishes, ground, parts.deps);
  return { project: source.name, prepared, error: null };
}

export async function planCommand(names: readonly string[], ctx: CliContext): Promise<ExitCode> {
  const { looked } = await lookAtAll(ctx, names);
  if (ctx.json) {
    ctx.out(
      formatJson(
        looked.map(({ project, prepared, error }) => ({
          project,
          plan: prepared?.plan ?? null,
          error: error?.message ?? null,
        })),
      ),
    );
  } else {
    for (const { project, prepared, error } of looked) {
      ctx.out(`${ctx.colours.bold(project)}\n`);
      ctx.out(prepared === null ? formatError(error, ctx) : `${prepared.rendered}\n`);
    }
    if (looked.length === 0) ctx.out("no projects\n");
  }
  return looked.some((one) => one.error !== null) ? 1 : 0;
}

interface Row {
  readonly project: string;
  readonly service: string;
  readonly running: string;
  readonly offered: string;
  readonly decision: string;
  /** What the service's registry still gives; null where it has no limit. */
  readonly limit: Pick<RegistryLimit, "host" | "limit" | "remaining" | "windowSeconds"> | null;
}

export async function checkCommand(names: readonly string[], ctx: CliContext): Promise<ExitCode> {
  const { looked, limits } = await lookAtAll(ctx, names);
  const rows = looked.flatMap((one) => rowsOf(one, limits));
  if (ctx.json) ctx.out(formatJson(rows));
  else {
    const cells = rows.map((row) => [row.project, row.service, row.running, row.offered, row.decision]);
    ctx.out(formatTable(["PROJECT", "SERVICE", "RUNNING", "OFFERED", "DECISION"], cells, ctx.colours));
    for (const limit of limits) ctx.out(`${oneLine(describeLimit(limit))}\n`);
  }
  return looked.some((one) => one.error !== null) ? 1 : 0;
}

function rowsOf({ project, prepared, error }: Looked, limits: readonly RegistryLimit[]): readonly Row[] {
  if (prepared === null) {
    return [
      {
        project,
        service: "-",
        running: "-",
        offered: "-",
        decision: `ComposeInvalid: ${error?.message ?? ""}`,
        limit: null,
      },
    ];
  }
  const { target, observed, plan } = prepared;
  return target.desired.services.map((service) => {
    const container = observed.containers.find((c) => c.service === service.name && retiredFrom(c) === null);
    return {
      project,
      service: service.name,
      running: runningDigest(container),
      offered: offeredDigest(target.images.get(service.name)),
      decision: decisionOf(service, plan, container),
      limit: limitOf(service.reference, limits),
    };
  });
}

function limitOf(reference: string, limits: readonly RegistryLimit[]): Row["limit"] {
  const registry = readReference(reference)?.registry;
  const found = limits.find(({ host }) => host === registry);
  if (found === undefined) return null;
  const { host, limit, remaining, windowSeconds } = found;
  return { host, limit, remaining, windowSeconds };
}

function runningDigest(container: ObservedContainer | undefined): string {
  if (container === undefined) return "-";
  return shortDigest(container.platformDigest ?? container.imageId);
}

function offeredDigest(decision: ImageDecision | undefined): string {
  if (decision?.kind === "pinned") return shortDigest(decision.image.platformDigest);
  return decision?.kind === "local" ? `local ${shortDigest(decision.image.imageId)}` : "-";
}

function decisionOf(service: DesiredService, plan: Plan, container: ObservedContainer | undefined): string {
  const hold = plan.held.find((held) => held.service === service.name);
  if (plan.moved.includes(service.name)) return container === undefined ? "create" : "update";
  return hold === undefined ? "up to date" : `held: ${hold.reason}: ${hold.message}`;
}
