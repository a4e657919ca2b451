// A look at one project: what its rollout's state says comes first, then whatever is new. Level-triggered: the same
// code runs after a tick, a restart and a power cut, and starts from what the engine shows.
import {
  asBoardhandError,
  BoardhandError,
  type DesiredProject,
  type EngineFacts,
} from "../core/model/index.ts";
import { heldPlan, ownNote, withoutOwnContainers } from "../core/plan/index.ts";
import { isUnderWay } from "../core/status/memory.ts";
import { advance, type Ended } from "./advance.ts";
import { emptyView, type ProjectView, type ReconcileDeps } from "./deps.ts";
import type { Ground } from "./ground.ts";
import type { ProjectSource } from "./load/index.ts";
import { type Request, strongerCause } from "./queue.ts";
import { rememberSeen } from "./record.ts";
import { backByHand } from "./roll-back.ts";
import { noteStore } from "./store-change.ts";
import { recover, underWay } from "./under-way.ts";

export interface Reconciler {
  /** Looks once; resolves with the ms until another look is wanted, or null. Never throws but for bugs. */
  look(source: ProjectSource, request: Request): Promise<number | null>;
  views(): readonly ProjectView[];
  view(project: string): ProjectView | null;
}

/** Pause before a look that found the engine gone is made again; asking for the ground itself waits until it is back. */
const ENGINE_RETRY_MS = 500;
/** Pause after another failure that time may mend, such as a full disk under the state directory. */
const TROUBLE_RETRY_MS = 30_000;

type Publish = (seen: Partial<ProjectView>) => void;

export function createReconciler(deps: ReconcileDeps): Reconciler {
  const views = new Map<string, ProjectView>();
  const owed = new Map<string, Request>();
  const stores = new Map<EngineFacts["store"], Promise<void>>();
  /** Once for each store that shows up: looks at other projects wait for the same answer. */
  const storeNoted = (facts: EngineFacts): Promise<void> => {
    const noted = stores.get(facts.store) ?? noteStore(facts, deps);
    stores.clear();
    stores.set(facts.store, noted);
    // What could not be written is tried again by the next look.
    noted.catch(() => stores.clear());
    return noted;
  };
  const publish = (name: string, seen: Partial<ProjectView>): void => {
    views.set(name, { ...(views.get(name) ?? emptyView(name)), ...seen });
    deps.progress({ kind: "changed", project: name });
  };

  const look = async (source: ProjectSource, asked: Request): Promise<number | null> => {
    const { name } = source;
    const request = withOwed(asked, owed.get(name));
    try {
      const ground = await deps.ground.get();
      await storeNoted(ground.facts);
      const { again, served } = await lookOnce(source, request, ground, deps, (seen) => publish(name, seen));
      // Asked for during a rollout: it is owed until the rollout is over.
      if (served) owed.delete(name);
      else owed.set(name, request);
      publish(name, { trouble: null, lastLookAt: deps.clock.now() });
      return again;
    } catch (error) {
      if (deps.signal.aborted) return null;
      if (!(error instanceof BoardhandError)) throw error;
      deps.log.warn({ project: name, code: error.code }, error.message);
      publish(name, { trouble: error.message, lastLookAt: deps.clock.now() });
      if (error.code !== "E_ENGINE_UNAVAILABLE") return error.retry === "backoff" ? TROUBLE_RETRY_MS : null;
      deps.ground.lost();
      return ENGINE_RETRY_MS;
    }
  };

  return {
    look,
    views: () => [...views.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    view: (project) => views.get(project) ?? null,
  };
}

interface Looked {
  readonly again: number | null;
  /** False when a rollout under way was all there was time for. */
  readonly served: boolean;
}

async function lookOnce(
  source: ProjectSource,
  request: Request,
  ground: Ground,
  deps: ReconcileDeps,
  publish: Publish,
): Promise<Looked> {
  const loaded = await deps.load(source);
  const whole = await deps.observeWhole(source.name);
  const own = await deps.own();
  const observed = withoutOwnContainers(whole, own);
  if (loaded.kind === "invalid")
    publish({ invalid: loaded.error, desired: null, observed: whole, plan: null });
  else {
    deps.texts.remember(source.name, loaded.texts);
    const note = ownNote(loaded.project, own);
    const warnings = note === null ? loaded.warnings : [...loaded.warnings, note];
    publish({ invalid: null, desired: loaded.project, warnings, observed: whole });
  }

  const desired = loaded.kind === "loaded" ? loaded.project : null;
  await requireMemory(source.name, desired, deps, publish);
  if (desired !== null) await recover(desired, observed, ground, deps);
  const before = deps.journal.memory(source.name).rollout;
  const ended = await underWay(source.name, desired, observed, request, ground, deps);
  if (ended !== null) {
    if (ended.ran) await refresh(source.name, deps, publish);
    return { again: ended.again, served: before.kind === "monitoring" && request.rollback !== null };
  }
  if (desired === null) return { again: null, served: true };

  const proven = deps.journal.memory(source.name).rollout !== before;
  const now = proven ? await deps.engine.observe(source.name) : observed;
  await rememberSeen(desired, now, deps.journal);
  const done: Ended =
    request.rollback === null
      ? await advance(desired, now, request, ground, deps, publish)
      : await backByHand(desired, now, request.rollback, ground, deps);
  if (done.ran) await refresh(source.name, deps, publish);
  return { again: done.again, served: true };
}

/**
 * Nothing is begun while what was decided before cannot be read or written; a rollout under way goes on, as what failed
 * may be down. Throws E_STATE.
 */
async function requireMemory(
  project: string,
  desired: DesiredProject | null,
  { journal, log }: ReconcileDeps,
  publish: Publish,
): Promise<void> {
  try {
    await journal.ensure(project);
  } catch (thrown) {
    const error = asBoardhandError(thrown, "E_STATE");
    if (isUnderWay(journal.memory(project))) {
      log.error({ project, err: error }, "a rollout goes on without its journal");
      return;
    }
    if (desired !== null) publish({ plan: heldPlan(desired, "StateUnreadable", error.message) });
    throw error;
  }
}

/** The page shows what is there after the look, not before it. */
async function refresh(project: string, deps: ReconcileDeps, publish: Publish): Promise<void> {
  publish({ observed: await deps.observeWhole(project) });
}

function withOwed(request: Request, owed: Request | undefined): Request {
  if (owed === undefined) return request;
  const { trigger } = request;
  return {
    trigger: {
      ...trigger,
      cause: strongerCause(trigger.cause, owed.trigger.cause),
      refresh: trigger.refresh || owed.trigger.refresh,
      force: trigger.force || owed.trigger.force,
    },
    rollback: request.rollback ?? owed.rollback,
  };
}
