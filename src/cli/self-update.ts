// Self-update of the running agent, made from the parts that looks at projects are made of.
import type { Parts } from "../agent.ts";
import { AGENT_PROJECT, type Plan, type ServiceFile } from "../core/model/index.ts";
import type { Engine } from "../ports/index.ts";
import { policyFor } from "../reconcile/converge.ts";
import { decideImages } from "../reconcile/decisions.ts";
import { execute } from "../reconcile/executor.ts";
import { planWithin } from "../reconcile/fitting.ts";
import type { StepContext } from "../reconcile/steps/index.ts";
import { tidyImages } from "../reconcile/tidy.ts";
import type { Prepared, SelfDeps, SelfTarget } from "../self-update/deps.ts";
import type { Self } from "../self-update/identity.ts";
import { SelfUpdate } from "../self-update/look.ts";
import { examine } from "./commands/doctor.ts";
import type { CliContext } from "./context.ts";

/** `signal` ends what is under way at the next safe point. */
export function createSelfUpdate(self: Self, parts: Parts, signal: AbortSignal, ctx: CliContext): SelfUpdate {
  const { agents, engine, journal, clock, log, deps, ground, config } = parts;
  const { host: address, tls } = config.docker;
  const socket = address.startsWith("unix://") ? [address.slice("unix://".length)] : [];
  const files = [ctx.configFile, tls?.ca, tls?.cert, tls?.key].filter((path) => typeof path === "string");
  return new SelfUpdate({
    self,
    agents,
    engine,
    journal,
    clock,
    log,
    signal,
    progress: deps.progress,
    mode: config.selfUpdate,
    rollout: config.rollout,
    options: ctx.configFile === null ? [] : ["--config", ctx.configFile],
    needs: [...socket, ...files],
    remoteEngine: socket.length === 0,
    ground: () => ground.get(),
    project: (name) => projectOf(name, parts),
    decide: async (desired, trigger) => decideImages(desired, await ground.get(), trigger, deps),
    plan: async (target, observed, force) => {
      const now = await ground.get();
      const policy = policyFor(journal.memory(AGENT_PROJECT), now, { force, decided: false }, deps);
      // Here the agent's own service is the one that is planned for.
      const whole = { ...deps, engine, own: async () => null };
      return (await planWithin(target, observed, policy, now, whole)).plan;
    },
    prepare: (plan, target, labels) => prepare(plan, target, labels, signal, parts),
    examine: () => examine(ctx),
    othersAtWork: () => parts.sources.known().some((name) => isAtWork(name, parts)),
    tidy: (target) => tidy(target, parts),
  });
}

async function projectOf(name: string, { sources, loader, deps }: Parts): ReturnType<SelfDeps["project"]> {
  const source = await sources.find(name);
  if (source === null) return null;
  const loaded = await loader.load(source);
  if (loaded.kind === "invalid") return loaded.error.message;
  deps.texts.remember(name, loaded.texts);
  return loaded.project;
}

/** A rollout of a project is finished before the agent that watches it is replaced. */
function isAtWork(name: string, { queue, journal }: Parts): boolean {
  const { kind } = journal.memory(name).rollout;
  return queue.isBusy(name) || kind === "progressing" || kind === "monitoring" || kind === "rollingBack";
}

async function prepare(
  plan: Plan,
  target: SelfTarget,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
  parts: Parts,
): Promise<Prepared> {
  const { engine, clock, log, deps, ground, journal } = parts;
  const { desired, revision } = target;
  const { progress, credentials, texts } = deps;
  const created = new Map<number, string>();
  const context: StepContext = {
    engine: labelling(engine, labels),
    credentials,
    clock,
    log,
    facts: (await ground.get()).facts,
    desired,
    revision,
    textOf: (kind: ServiceFile["kind"], source: string) => texts.of(desired.name, kind, source),
    created,
    signal,
    onPull: (step, pulled) => progress({ kind: "pull", project: plan.project, step, progress: pulled }),
  };
  const outcome = await execute(plan, context, { journal, progress, toTheEnd: false });
  if (outcome.kind !== "done") return outcome;
  return { kind: "done", successor: [...created.values()][0] ?? null };
}

/** What it creates carries these labels too. */
function labelling(engine: Engine, labels: Readonly<Record<string, string>>): Engine {
  return {
    ...engine,
    createContainer: (name, body, platform) => {
      const own = body.Labels as Readonly<Record<string, string>> | undefined;
      return engine.createContainer(name, { ...body, Labels: { ...own, ...labels } }, platform);
    },
  };
}

/** Once after a start, when whatever was replaced has been replaced. */
async function tidy(target: SelfTarget, { deps, ground }: Parts): Promise<void> {
  if (deps.tidy.has(AGENT_PROJECT)) return;
  const desired = { ...target.desired, name: AGENT_PROJECT };
  await tidyImages({ ...target, desired }, await ground.get(), deps);
}
