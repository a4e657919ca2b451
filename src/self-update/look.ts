// One look of the agent at itself: first what an earlier update left, then whether there is a newer image, then the update.
// Like the looks at projects it is asked for by triggers that say nothing but "look", and starts from what the engine shows.
import {
  AGENT_PROJECT,
  BoardhandError,
  type DesiredProject,
  type Hold,
  type ImageDecision,
  type ObservedProject,
  type Trigger,
} from "../core/model/index.ts";
import { clearUp, Patience } from "./aftermath.ts";
import { begin, digestOf } from "./begin.ts";
import type { SelfDeps } from "./deps.ts";
import { type Offer, offerFor } from "./offer.ts";
import { adopted } from "./record.ts";

/** The last look; nothing decides by it. */
export interface SelfView {
  /** Of the one service that the agent is. */
  readonly desired: DesiredProject | null;
  readonly images: ReadonlyMap<string, ImageDecision>;
  readonly observed: ObservedProject | null;
  readonly held: Hold | null;
  /** What is being done, and what failed without being the image's fault. */
  readonly notes: readonly string[];
  readonly lastLookAt: number | null;
}

const OTHERS_MS = 5000;
const ENGINE_RETRY_MS = 500;
const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 3_600_000;

const NOTHING: SelfView = {
  desired: null,
  images: new Map(),
  observed: null,
  held: null,
  notes: [],
  lastLookAt: null,
};

export class SelfUpdate {
  readonly #deps: SelfDeps;
  readonly #patience = new Patience();
  #view: SelfView = NOTHING;
  /** What failed last without being to blame, how often, and when it may be tried again (monotonic ms). */
  #pause = { revision: "", count: 0, notBefore: 0 };

  constructor(deps: SelfDeps) {
    this.#deps = deps;
  }

  view(): SelfView {
    return this.#view;
  }

  /** Looks once; resolves with the ms until another look is wanted, or null. Never throws but for bugs. */
  async look(trigger: Trigger): Promise<number | null> {
    const { clock, log, signal } = this.#deps;
    try {
      const again = await this.#lookOnce(trigger);
      this.#publish({ lastLookAt: clock.now() });
      return again;
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof BoardhandError)) throw error;
      log.warn({ code: error.code }, error.message);
      this.#publish({ notes: [error.message], lastLookAt: clock.now() });
      if (error.code === "E_ENGINE_UNAVAILABLE") return ENGINE_RETRY_MS;
      return error.retry === "backoff" ? FIRST_RETRY_MS : null;
    }
  }

  async #lookOnce(trigger: Trigger): Promise<number | null> {
    const deps = this.#deps;
    await deps.ground();
    const after = await clearUp(this.#patience, deps);
    if (after.kind === "interrupted") return null;
    if (after.kind === "underWay") {
      this.#publish({ notes: [`${after.updater} is handing over to another version`] });
      return after.ms;
    }
    if (deps.mode === "off") return null;
    // What was quarantined has to be known before anything is begun.
    await deps.journal.ensure(AGENT_PROJECT);
    const offer = await offerFor(trigger, deps);
    if (offer === null) return null;
    this.#publish(viewOf(offer));
    if (offer.held !== null || offer.plan.moved.length === 0) return this.#nothingToDo(offer);
    return this.#update(offer, trigger);
  }

  async #nothingToDo(offer: Offer): Promise<number | null> {
    const { target, held, retryAfterMs } = offer;
    this.#publish({ notes: [] });
    if (held === null && isSound(offer)) {
      await adopted(offer, this.#deps);
      await this.#deps.tidy(target);
    }
    return retryAfterMs;
  }

  async #update(offer: Offer, trigger: Trigger): Promise<number | null> {
    const { clock, log } = this.#deps;
    if (this.#deps.othersAtWork()) {
      this.#publish({ notes: ["a project is being worked on; this agent's own update comes after it"] });
      return OTHERS_MS;
    }
    const { revision } = offer.target;
    const wait = this.#pause.revision === revision ? this.#pause.notBefore - clock.monotonic() : 0;
    if (wait > 0 && !trigger.force) return wait;
    log.info({ digest: digestOf(offer) }, "updating this agent");
    this.#publish({ notes: ["preparing the update of this agent"] });
    const begun = await begin(offer, trigger, this.#deps);
    switch (begun.kind) {
      case "handingOver":
        this.#publish({ notes: ["handing over to another version"] });
        return OTHERS_MS;
      case "interrupted":
        return null;
      case "refused":
        log.error({ digest: digestOf(offer) }, `the update of this agent is refused: ${begun.reason}`);
        this.#publish({ notes: [] });
        // The quarantine holds it from now on, and says so.
        this.#wait(revision);
        return 0;
      case "failed":
        this.#publish({ notes: [begun.error.message] });
        return this.#later(revision, begun.error);
    }
  }

  #later(revision: string, error: BoardhandError): number {
    const pause = this.#wait(revision);
    const { log } = this.#deps;
    log.error({ code: error.code, retryMs: pause }, `this agent could not be updated: ${error.message}`);
    return pause;
  }

  /** Growing pauses for one revision. */
  #wait(revision: string): number {
    const count = this.#pause.revision === revision ? this.#pause.count + 1 : 1;
    const pause = Math.min(FIRST_RETRY_MS * 2 ** (count - 1), LONGEST_RETRY_MS);
    this.#pause = { revision, count, notBefore: this.#deps.clock.monotonic() + pause };
    return pause;
  }

  #publish(seen: Partial<SelfView>): void {
    this.#view = { ...this.#view, ...seen };
    this.#deps.progress({ kind: "changed", project: AGENT_PROJECT });
  }
}

function viewOf({ target, observed, held }: Offer): Partial<SelfView> {
  return { desired: target.desired, images: target.images, observed, held };
}

/** What is asked for its health while it has none is as good as running. */
function isSound({ current }: Offer): boolean {
  return current.state === "running" && current.health !== "unhealthy";
}
