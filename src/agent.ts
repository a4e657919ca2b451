// The composition root: builds every adapter and wires the loop. Nothing else may import across the layers.
import { systemClock } from "./adapters/clock/index.ts";
import { createCredentials } from "./adapters/credentials/index.ts";
import { createEngine } from "./adapters/engine/index.ts";
import { createFiles } from "./adapters/files/index.ts";
import { createHost } from "./adapters/host/index.ts";
import { openJournal } from "./adapters/journal/index.ts";
import { createRegistry } from "./adapters/registry/index.ts";
import { createSchemaCheck } from "./adapters/schema/index.ts";
import { yamlParser } from "./adapters/yaml/index.ts";
import { COMPOSE_SCHEMA_FILE } from "./assets.ts";
import type { AgentConfig } from "./core/model/index.ts";
import { foldMemory, rememberedRevisions } from "./core/status/memory.ts";
import type { Clock, Engine, Host, Journal, Log, ProgressSink, Registry } from "./ports/index.ts";
import { Attempts } from "./reconcile/attempts.ts";
import type { ReconcileDeps } from "./reconcile/deps.ts";
import { createGround, type GroundSource } from "./reconcile/ground.ts";
import { createProjectLoader, type ProjectLoader, type ProjectSource } from "./reconcile/load/index.ts";
import { ProjectQueue, type Request } from "./reconcile/queue.ts";
import { createReconciler, type Reconciler } from "./reconcile/reconciler.ts";
import { createResolver } from "./reconcile/resolve/index.ts";
import { Texts } from "./reconcile/texts.ts";
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
}

/** Everything that a command or the daemon works with. */
export interface Parts {
  readonly config: AgentConfig;
  readonly log: Log;
  readonly clock: Clock;
  readonly engine: Engine;
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

export async function assemble(options: PartsOptions): Promise<Parts> {
  const { config, log, progress, signal } = options;
  const clock = systemClock();
  const engine = createEngine({ host: config.docker.host, tls: config.docker.tls, clock, log });
  const host = createHost();
  const journal = await openJournal({
    directory: config.state,
    clock,
    log,
    fold: foldMemory,
    remembered: rememberedRevisions,
    readOnly: options.readOnly,
  });
  const loader = createProjectLoader({
    files: createFiles(),
    parseYaml: yamlParser("E_COMPOSE"),
    projects: config.projects,
    checkSchema: createSchemaCheck(COMPOSE_SCHEMA_FILE),
    lenient: config.compose.lenient,
  });
  const { credentials, registry, resolver } = createRegistries(options, clock, journal);
  const ground = createGround({ engine, host, clock, log, signal, platform: config.platform });
  const shared = { engine, journal, host, clock, log, config, ground };
  const deps: ReconcileDeps = {
    ...shared,
    resolver,
    credentials,
    progress,
    attempts: new Attempts(),
    tidy: new Set(),
    texts: new Texts(),
    load: (source) => loader.load(source),
    signal,
  };
  const reconciler = createReconciler(deps);
  const sources = new Sources(loader, log);
  const look = async (request: Request): Promise<number | null> => {
    const source = await sources.find(request.trigger.project);
    return source === null ? null : reconciler.look(source, request);
  };
  const queue = new ProjectQueue({ look, clock, log, parallelism: PARALLEL_PROJECTS });
  return { ...shared, config, loader, registry, deps, reconciler, queue, sources };
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
