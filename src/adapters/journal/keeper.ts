// A journal for an agent that must not end because its state directory is read-only, full, missing or replaced: it says
// so for every project, lets nothing begin, brings rollouts under way to their end from memory, and tries again at each
// look. Refuses only a directory that another agent uses.
import {
  asBoardhandError,
  BoardhandError,
  EMPTY_MEMORY,
  type JournalEntry,
  type ProjectMemory,
} from "../../core/model/index.ts";
import type { Journal } from "../../ports/index.ts";
import { type JournalOptions, type OpenJournal, openJournal } from "./journal.ts";

/** Throws E_STATE only when another process holds the lock. */
export async function keepJournal(options: JournalOptions): Promise<Journal> {
  const kept = new KeptJournal(options);
  await kept.reopen().catch(async (error: unknown) => {
    if (error instanceof BoardhandError && error.data.pid !== undefined) throw error;
    await kept.onlyRead();
  });
  return kept;
}

class KeptJournal implements Journal {
  readonly #options: JournalOptions;
  #open: OpenJournal | null = null;
  /** What is remembered while nothing is open: the directory opened for reading, or what was open before. */
  #last: OpenJournal | null = null;
  #failure: BoardhandError = new BoardhandError("E_STATE", "the state directory was not opened yet");
  /** Of rollouts that went on while nothing was open. */
  readonly #since = new Map<string, ProjectMemory>();
  #reopening: Promise<void> | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  memory(project: string): ProjectMemory {
    if (this.#open !== null) return this.#open.memory(project);
    return { ...this.#remembered(project), damaged: this.#failure.message };
  }

  async ensure(project: string): Promise<void> {
    if (this.#open !== null && !(await this.#open.isThere())) this.#lose(this.#open);
    if (this.#open === null) await this.reopen();
    await this.#open?.ensure(project);
  }

  trouble(): string | null {
    return this.#open === null ? this.#failure.message : null;
  }

  projects(): readonly string[] {
    return (this.#open ?? this.#last)?.projects() ?? [];
  }

  async append(...[project, event, how]: Parameters<Journal["append"]>): Promise<JournalEntry> {
    if (this.#open !== null) return await this.#open.append(project, event, how);
    const memory = this.#remembered(project);
    if (!this.#options.isUnderWay(memory)) throw this.#failure;
    const entry = { seq: 0, at: this.#options.clock.now(), project, event };
    this.#since.set(project, this.#options.fold(memory, entry));
    return entry;
  }

  async history(project: string, limit: number): Promise<readonly JournalEntry[]> {
    return (await (this.#open ?? this.#last)?.history(project, limit)) ?? [];
  }

  async saveRevision(snapshot: Parameters<Journal["saveRevision"]>[0]): Promise<void> {
    if (this.#open === null) throw this.#failure;
    await this.#open.saveRevision(snapshot);
  }

  async loadRevision(project: string, id: string): ReturnType<Journal["loadRevision"]> {
    return (await (this.#open ?? this.#last)?.loadRevision(project, id)) ?? null;
  }

  async revisions(project: string): ReturnType<Journal["revisions"]> {
    return (await (this.#open ?? this.#last)?.revisions(project)) ?? [];
  }

  async readCache(name: string): Promise<unknown> {
    return (await (this.#open ?? this.#last)?.readCache(name)) ?? null;
  }

  async writeCache(name: string, value: unknown): Promise<void> {
    if (this.#open === null) throw this.#failure;
    await this.#open.writeCache(name, value);
  }

  async close(): Promise<void> {
    if (this.#open !== null) await this.#open.close();
    else await this.#last?.abandon();
  }

  /** Throws E_STATE while the directory cannot be used. Looks that ask at the same time share the attempt. */
  reopen(): Promise<void> {
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = null;
    });
    return this.#reopening;
  }

  /** What can be read of a directory that cannot be written. */
  async onlyRead(): Promise<void> {
    const options = { ...this.#options, readOnly: true };
    this.#last = await openJournal(options).catch(() => null);
  }

  async #reopen(): Promise<void> {
    const { log, directory } = this.#options;
    const last = this.#last;
    // What was remembered; what could not be read is none of it.
    const names = new Set([...(last?.projects() ?? []), ...this.#since.keys()]);
    const inherited = new Map([...names].map((name) => [name, this.#remembered(name)] as const));
    try {
      this.#open = await openJournal({ ...this.#options, ...(last === null ? {} : { inherited }) });
    } catch (error) {
      const failure = asBoardhandError(error, "E_STATE");
      if (failure.message !== this.#failure.message)
        log.error({ code: failure.code, hint: failure.hint }, failure.message);
      this.#failure = failure;
      throw failure;
    }
    if (last !== null) log.info({ directory }, "the state directory can be used again");
    this.#last = null;
    await last
      ?.abandon()
      .catch((error: unknown) => log.debug({ err: error }, "what was lost cannot be closed"));
    this.#since.clear();
  }

  #lose(open: OpenJournal): void {
    const { directory, log } = this.#options;
    log.error(
      { directory },
      "the state directory was lost or replaced while Boardhand ran; it is made again",
    );
    this.#open = null;
    this.#last = open;
  }

  #remembered(project: string): ProjectMemory {
    return this.#since.get(project) ?? this.#last?.memory(project) ?? EMPTY_MEMORY;
  }
}
