// Turns hints about pushes into looks: a burst is one look, and while the registry does not show what was pushed, more
// follow with growing pauses. Remembers at most one series a project, and never which image was pushed.
import type { PushHint, Trigger } from "../../core/model/index.ts";
import type { Clock, Log, PushedProjects, PushSink, PushTarget } from "../../ports/index.ts";

/** What came of a push: `looking` until the registry shows something new or it was waited long enough. */
export type PushState = "unknown" | "full" | "looking" | "arrived" | "nothingNew";

export interface LooksOptions {
  readonly projects: PushedProjects;
  readonly enqueue: (trigger: Trigger) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Projects with a series under way, and hints that wait for a project to be read. */
  readonly limit?: number;
}

export interface LastPush {
  readonly hint: PushHint;
  readonly state: PushState;
}

/** The pushes of one release arrive within this. */
const BURST_MS = 250;
/** Looks at one project for pushes begin at least so far apart. */
const SPACING_MS = 1000;
/** A registry may tell of a push before it shows it, or of a list before it is complete. */
const PATIENCE_MS = 15 * 60_000;
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 5 * 60_000;
const LIMIT = 100;

interface Awaited {
  /** What was offered when the push was told. */
  readonly before: string | null;
  /** Monotonic. */
  readonly until: number;
  /** Whether a look was asked for since: only that one can have seen the push, whatever another look has found. */
  looked: boolean;
}

/** The looks at one project. */
interface Series {
  readonly services: Map<string, Awaited>;
  pauseMs: number;
  lookedAt: number;
  /** Monotonic time of the next look. */
  nextAt: number;
  timer: AbortController | null;
}

export class PushLooks implements PushSink {
  readonly #options: LooksOptions;
  readonly #limit: number;
  readonly #series = new Map<string, Series>();
  readonly #unsure = new Map<string, PushHint>();
  #last: (LastPush & { readonly targets: readonly PushTarget[] }) | null = null;

  constructor(options: LooksOptions) {
    this.#options = options;
    this.#limit = options.limit ?? LIMIT;
  }

  offer(hint: PushHint): "taken" | "unknown" | "full" {
    const { projects } = this.#options;
    if (!projects.hasUnread()) return this.#take(hint);
    const answer = this.#keep(hint);
    this.#last = { hint, targets: [], state: answer === "taken" ? "looking" : answer };
    return answer;
  }

  /** The push that was told last, and what has come of it so far. */
  last(): LastPush | null {
    if (this.#last?.state === "looking" && this.#last.targets.some((target) => this.#hasArrived(target)))
      this.#last = { ...this.#last, state: "arrived" };
    return this.#last;
  }

  /** Nothing is looked at any more for what was told. */
  stop(): void {
    for (const { timer } of this.#series.values()) timer?.abort();
    this.#series.clear();
  }

  #take(hint: PushHint): "taken" | "unknown" | "full" {
    const targets = this.#options.projects.interested(hint);
    const answer = targets.length > 0 ? this.#await(targets) : "unknown";
    this.#last = { hint, targets, state: answer === "taken" ? "looking" : answer };
    return answer;
  }

  #await(targets: readonly PushTarget[]): "taken" | "full" {
    const { projects, clock } = this.#options;
    let answer: "taken" | "full" = "full";
    for (const target of targets) {
      const series = this.#series.get(target.project) ?? this.#begin(target.project);
      if (series === null) continue;
      answer = "taken";
      const now = clock.monotonic();
      const before = projects.offered(target);
      series.services.set(target.service, { before, until: now + PATIENCE_MS, looked: false });
      series.pauseMs = FIRST_PAUSE_MS;
      this.#lookAt(target.project, series, Math.max(now + BURST_MS, series.lookedAt + SPACING_MS));
    }
    return answer;
  }

  #begin(project: string): Series | null {
    if (this.#series.size >= this.#limit) return null;
    const never = Number.NEGATIVE_INFINITY;
    const series: Series = { services: new Map(), pauseMs: 0, lookedAt: never, nextAt: never, timer: null };
    this.#series.set(project, series);
    return series;
  }

  /** A look that comes sooner anyway stands for this one too. */
  #lookAt(project: string, series: Series, at: number): void {
    const { clock } = this.#options;
    if (series.timer !== null && series.nextAt <= at) return;
    series.timer?.abort();
    const timer = new AbortController();
    series.timer = timer;
    series.nextAt = at;
    clock.sleep(Math.max(0, at - clock.monotonic()), timer.signal).then(
      () => {
        series.timer = null;
        this.#look(project, series);
      },
      () => undefined,
    );
  }

  #look(project: string, series: Series): void {
    const { clock, log, enqueue } = this.#options;
    this.#forgetSettled(project, series);
    if (series.services.size === 0) {
      this.#series.delete(project);
      return;
    }
    log.debug({ project, services: [...series.services.keys()] }, "a push was told: looking");
    enqueue({ project, cause: "webhook", refresh: true, force: false });
    for (const awaited of series.services.values()) awaited.looked = true;
    series.lookedAt = clock.monotonic();
    this.#lookAt(project, series, series.lookedAt + series.pauseMs);
    series.pauseMs = Math.min(series.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  #forgetSettled(project: string, series: Series): void {
    const { clock, log } = this.#options;
    for (const [service, { until, looked }] of series.services) {
      if (!looked) continue;
      const arrived = this.#hasArrived({ project, service });
      if (!arrived && clock.monotonic() < until) continue;
      series.services.delete(service);
      if (!arrived) log.info({ project, service }, "a push was told, but the registry shows nothing new");
      this.#tell({ project, service }, arrived ? "arrived" : "nothingNew");
    }
  }

  /** Whether the registry has shown something new since a look was asked for. */
  #hasArrived(target: PushTarget): boolean {
    const awaited = this.#series.get(target.project)?.services.get(target.service);
    if (awaited?.looked !== true) return false;
    const offered = this.#options.projects.offered(target);
    return offered !== null && offered !== awaited.before;
  }

  #tell({ project, service }: PushTarget, state: PushState): void {
    const isTarget = (one: PushTarget): boolean => one.project === project && one.service === service;
    if (this.#last?.targets.some(isTarget) === true) this.#last = { ...this.#last, state };
  }

  /** Right after the start: what nobody has read yet is read first. */
  #keep(hint: PushHint): "taken" | "full" {
    const key = `${hint.registry ?? ""} ${hint.repository}:${hint.tag}`;
    if (this.#unsure.size >= this.#limit && !this.#unsure.has(key)) return "full";
    this.#unsure.set(key, hint);
    if (this.#unsure.size === 1) {
      void this.#options.projects.readUnread().then(() => {
        const hints = [...this.#unsure.values()];
        this.#unsure.clear();
        for (const one of hints) this.#take(one);
      });
    }
    return "taken";
  }
}
