// The composition root: builds the adapters and wires the loop.
import { createBinfmt } from "./adapters/binfmt/index.ts";
import { systemClock } from "./adapters/clock/index.ts";
import { createCredentials } from "./adapters/credentials/index.ts";
import { createAgents, createEngine } from "./adapters/engine/index.ts";
import { createHost, ownContainerIds } from "./adapters/host/index.ts";
import { keepJournal, openJournal } from "./adapters/journal/index.ts";
import { createRegistry } from "./adapters/registry/index.ts";
import { AGENT_PROJECT, type AgentConfig, type Trigger } from "./core/model/index.ts";
import type { OwnService } from "./core/plan/index.ts";
import { foldMemory, isUnderWay, rememberedRevisions } from "./core/status/memory.ts";
import type { Agents, Clock, Engine, Host, Journal, Log, ProgressSink, Registry } from "./ports/index.ts";
import { projectLoader } from "./project-loader.ts";
import { Attempts } from "./reconcile/attempts.ts";
import type { ReconcileDeps } from "./reconcile/deps.ts";
import { createGround, type GroundSource } from "./reconcile/ground.ts";
import type { ProjectLoader, ProjectSource } from "./reconcile/load/index.ts";
import { engineWithoutOwn } from "./reconcile/own.ts";
import { ProjectQueue, type Request } from "./reconcile/queue.ts";
import { createReconciler, type Reconciler } from "./reconcile/reconciler.ts";
import { createResolver } from "./reconcile/resolve/index.ts";
import { Space } from "./reconcile/space.ts";
import { Texts } from "./reconcile/texts.ts";
import { Windows } from "./reconcile/windows.ts";
import { createSelf, type Self } from "./self-update/identity.ts";
import { BUILT_AT } from "./version.ts";

/** Projects worked on at once; within a project everything is one after the other. */
const PARALLEL_PROJECTS = 4;

export interface PartsOptions {
  readonly config: AgentConfig;
  readonly log: Log;
  readonly progress: ProgressSink;
  /** Aborts waits and stops plans at the next safe point. */
  readonly signal: AbortSignal;
  /** For commands that change nothing: no lock on the state directory. */
  readonly readOnly: boolean;
  /** Asked before each look; false: another agent acts. Always true unless given. */
  readonly mayLook?: () => Promise<boolean>;
  /** A look of the agent at itself; resolves as one at a project. Nothing unless given. */
  readonly lookAtSelf?: (trigger: Trigger) => Promise<number | null>;
  /** For the daemon: a state directory that cannot be used holds its projects, and does not end it. */
  readonly patient?: boolean;
  /** The system's unless given. */
  readonly clock?: Clock;
  /** Ids of the container that this may be running in, best first; what the kernel shows unless given. */
  readonly containerIds?: () => Promise<readonly string[]>;
}

/** Everything that a command or the daemon works with. */
export interface Parts {
  readonly config: AgentConfig;
  readonly log: Log;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly agents: Agents;
  /** The container that this process runs in; null outside of one. Throws as the engine does. */
  readonly self: () => Promise<Self | null>;
  readonly host: Host;
  readonly journal: Journal;
  readonly loader: ProjectLoader;
  readonly ground: GroundSource;
  readonly registry: Pick<Registry, "limits">;
  readonly deps: ReconcileDeps;
  readonly reconciler: Reconciler;
  readonly queue: ProjectQueue;
  readonly sources: Sources;
}

/** Everything that speaks to registries. */
function createRegistries({ config, log, readOnly }: PartsOptions, clock: Clock, journal: Journal) {
  const { dockerConfig, parallelism, ...registries } = config.registries;
  const credentials = createCredentials(dockerConfig, clock);
  const registry = createRegistry({ ...registries, credentials, clock, builtAt: BUILT_AT, log });
  // Commands that change nothing ask anew each time instead of writing down what they heard.
  const cache = readOnly ? { readCache: journal.readCache, writeCache: async () => undefined } : journal;
  const resolver = createResolver({ registry, clock, journal: cache, parallelism, log });
  return { credentials, registry, resolver };
}

/** What tells this process which container it runs in, and who else is an agent of this engine. */
export function createIdentity(
  { config, log, containerIds }: Pick<PartsOptions, "config" | "log" | "containerIds">,
  clock: Clock,
): Pick<Parts, "agents" | "self"> {
  const agents = createAgents({ ...config.docker, clock, log });
  return { agents, self: createSelf(containerIds ?? (() => ownContainerIds()), agents, log) };
}

export async function assemble(options: PartsOptions): Promise<Parts> {
  const { config, log, progress, signal } = options;
  const clock = options.clock ?? systemClock();
  const engine = createEngine({ ...config.docker, clock, log });
  const { agents, self } = createIdentity(options, clock);
  const own = async (): Promise<OwnService | null> => (await self())?.service ?? null;
  const host = createHost({ binfmt: createBinfmt() });
  const open = options.patient === true ? keepJournal : openJournal;
  const journal = await open({
    directory: config.state,
    clock,
    log,
    fold: foldMemory,
    isUnderWay,
    remembered: rememberedRevisions,
    readOnly: options.readOnly,
  });
  const loader = projectLoader({ projects: config.projects, lenient: config.compose.lenient });
  const { credentials, registry, resolver } = createRegistries(options, clock, journal);
  const ground = createGround({ engine, self, host, clock, log, signal, platform: config.platform });
  const shared = { engine, journal, host, clock, log, config, ground };
  const deps: ReconcileDeps = {
    ...shared,
    engine: engineWithoutOwn(engine, own),
    observeWhole: (project) => engine.observe(project),
    own,
    resolver,
    credentials,
    progress,
    attempts: new Attempts(),
    windows: new Windows(),
    space: new Space(),
    tidy: new Set(),
    texts: new Texts(),
    load: (source) => loader.load(source),
    signal,
  };
  const reconciler = createReconciler(deps);
  const sources = new Sources(loader, log);
  const look = async (request: Request): Promise<number | null> => {
    if (!((await options.mayLook?.()) ?? true)) return null;
    if (request.trigger.project === AGENT_PROJECT)
      return (await options.lookAtSelf?.(request.trigger)) ?? null;
    const source = await sources.find(request.trigger.project);
    return source === null ? null : reconciler.look(source, request);
  };
  const queue = new ProjectQueue({ look, clock, log, parallelism: PARALLEL_PROJECTS });
  return { ...shared, agents, self, config, loader, registry, deps, reconciler, queue, sources };
}

/** The projects on disk as they were last listed. */
export class Sources {
  readonly #loader: ProjectLoader;
  readonly #log: Log;
  #known = new Map<string, ProjectSource>();

  constructor(loader: ProjectLoader, log: Log) {
    this.#loader = loader;
    this.#log = log;
  }

  /** Reads the directory anew; a directory that cannot be read leaves the last list standing. */
  async list(): Promise<readonly ProjectSource[]> {
    try {
      const found = await this.#loader.list();
      this.#known = new Map(found.map((source) => [source.name, source]));
    } catch (error) {
      this.#log.error({ err: error }, "the projects directory cannot be read");
    }
    return [...this.#known.values()];
  }

  /** Names as of the last listing. */
  known(): readonly string[] {
    return [...this.#known.keys()];
  }

  async find(name: string): Promise<ProjectSource | null> {
    if (!this.#known.has(name)) await this.list();
    return this.#known.get(name) ?? null;
  }
}
