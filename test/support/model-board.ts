// A model of one engine with the containers of a hand-over, for properties: restart policies as dockerd obeys them, time
// that passes only when somebody waits, and faults before or after any call, of which the caller may not live to hear.
import { BoardhandError } from "../../src/core/model/index.ts";
import type { Clock } from "../../src/ports/index.ts";
import type { Party } from "../../src/self-update/hand-over.ts";
import type { HandOverDeps } from "../../src/self-update/hand-over-deps.ts";
import { NEW, OLD, UPDATER } from "../self-update/parties.ts";
import { type Behaviour, type Box, type Fault, mayRestart, refusal } from "./model-box.ts";

interface Life {
  readonly as: string;
  dead: boolean;
  die: () => void;
  readonly stop: AbortController;
}

const MAX_CALLS = 3000;
const AWAY_CALLS = 7;
const HALTED = { state: "exited", endsAt: null, startsAt: null } as const;
const NEVER = new Promise<never>(() => undefined);
const isUp = (box: Box): boolean => box.state === "running" || box.state === "restarting";

export class ModelBoard {
  readonly #boxes = new Map<string, Box>();
  readonly #faults: Fault[];
  readonly #behaviour: Behaviour;
  #life: Life | null = null;
  #calls = 0;
  #away = 0;
  #now = 1000;
  /** Both agents ran at some time. */
  both = false;
  /** More calls than any end can take. */
  overrun = false;
  /** Something happened when the updater had nothing left to do: what runs then is no matter of the hand-over. */
  late = false;

  constructor(boxes: readonly Party[], behaviour: Behaviour, faults: readonly Fault[]) {
    for (const one of boxes) {
      const running = one.state === "running";
      this.#boxes.set(one.id, {
        ...one,
        stopped: false,
        ran: running,
        restarts: 0,
        endsAt: null,
        startsAt: null,
      });
    }
    this.#behaviour = behaviour;
    this.#faults = [...faults];
  }

  get(id: string): Party | null {
    return this.#boxes.get(id) ?? null;
  }

  up(id: string): boolean {
    const box = this.#boxes.get(id);
    return box !== undefined && isUp(box);
  }

  /** Runs one process in container `id` until it ends or dies; null when it died. */
  async live<T>(id: string, run: (deps: HandOverDeps) => Promise<T>): Promise<T | null> {
    const life: Life = { as: id, dead: false, stop: new AbortController(), die: () => undefined };
    const death = new Promise<null>((resolve) => {
      life.die = () => {
        life.dead = true;
        resolve(null);
      };
    });
    this.#life = life;
    const ended = await Promise.race([run(this.#deps(life)), death]);
    this.#life = null;
    return ended;
  }

  /** The process in a container ends by itself. */
  exits(id: string, code: number): void {
    this.#end(id, code, false);
  }

  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#boxes.values()]
        .map((box) => ({ box, at: box.endsAt ?? box.startsAt ?? Number.POSITIVE_INFINITY }))
        .filter(({ at }) => at <= until)
        .sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#now = Math.max(this.#now, due.at);
      if (due.box.endsAt !== null) this.#end(due.box.id, 3, false);
      else this.#begin(due.box.id, false);
    }
    this.#now = until;
  }

  power(): void {
    for (const box of this.#boxes.values()) this.#set(box.id, isUp(box) ? { ...HALTED, exitCode: 0 } : {});
    this.#boot();
  }

  #deps(life: Life): HandOverDeps {
    const call = <T>(act: () => T): Promise<T> => this.#call(life, act);
    const nothing = (): void => undefined;
    const clock: Clock = {
      now: () => this.#now,
      monotonic: () => this.#now,
      random: () => 0,
      sleep: async (ms) => this.advance(ms),
    };
    return {
      engine: {
        inspectContainer: (id) => call(() => this.get(id)),
        renameContainer: (id, name) => call(() => this.#rename(id, name)),
        setRestartPolicy: (id, restartPolicy) => call(() => this.#set(this.#found(id).id, { restartPolicy })),
        stopContainer: (id) => call(() => this.#stop(id)),
        startContainer: (id) => call(() => this.#start(id)),
        removeContainer: (id) => call(() => this.#remove(id)),
        exec: (id) => call(() => this.#ask(id)),
      },
      agents: {
        blueprint: (id) => call(() => (this.#boxes.has(id) ? { container: {}, image: null } : null)),
      },
      clock,
      log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
      signal: life.stop.signal,
      healthTimeoutMs: 300_000,
      monitorMs: 30_000,
    };
  }

  async #call<T>(life: Life, act: () => T): Promise<T> {
    if (life.dead) return NEVER;
    const n = ++this.#calls;
    if (n > MAX_CALLS) {
      this.overrun = true;
      life.die();
    }
    this.#strike(n, "before");
    if (this.#isDead(life)) return NEVER;
    if (this.#away > 0) {
      this.#away -= 1;
      throw new BoardhandError("E_ENGINE_UNAVAILABLE", "away", { retry: "backoff" });
    }
    this.advance(10);
    const result = act();
    this.#strike(n, "after");
    if (this.up(OLD) && this.up(NEW)) this.both = true;
    return this.#isDead(life) ? NEVER : result;
  }

  #isDead(life: Life): boolean {
    if (!this.up(life.as)) life.die();
    return life.dead;
  }

  #strike(n: number, when: Fault["when"]): void {
    for (const fault of this.#faults.filter((one) => one.n === n && one.when === when)) this.#happens(fault);
  }

  #happens({ what }: Fault): void {
    const life = this.#life;
    const acts: Readonly<Record<Fault["what"], () => void>> = {
      kill: () => this.#end(life?.as ?? "", 137, false),
      power: () => this.power(),
      crash: () => this.#cycle(true),
      restart: () => this.#cycle(false),
      away: () => {
        this.#away = AWAY_CALLS;
      },
      "stop-updater": () => (life?.as === UPDATER ? life.stop.abort(new Error("stopped")) : undefined),
      "remove-updater": () => this.#remove(UPDATER),
      "remove-old": () => this.#remove(OLD),
      "remove-successor": () => this.#remove(NEW),
    };
    const anyAgent = this.up(OLD) || this.up(NEW);
    const goesOn = what === "away" || (what === "kill" && life?.as === UPDATER && anyAgent);
    if (!goesOn && this.get(UPDATER)?.restartPolicy === "no") this.late = true;
    acts[what]();
    if (["kill", "power", "crash", "restart"].includes(what)) life?.die();
  }

  /** dockerd ends and starts again; `stopped`: it takes what it finds running for stopped by hand, as 20.10 does. */
  #cycle(stopped: boolean): void {
    for (const box of this.#boxes.values())
      this.#set(box.id, isUp(box) ? { ...HALTED, exitCode: 143, stopped } : {});
    this.#boot();
  }

  #boot(): void {
    for (const box of this.#boxes.values()) if (box.ran && mayRestart(box)) this.#begin(box.id, true);
  }

  #begin(id: string, anew: boolean): void {
    const delay = { exits: 20, "exits-later": 9000 }[this.#behaviour as string];
    const endsAt = id === NEW && delay !== undefined ? this.#now + delay : null;
    const restarts = anew ? 0 : (this.#boxes.get(id)?.restarts ?? 0);
    const fresh = { state: "running", exitCode: 0, error: "", ran: true, startsAt: null } as const;
    // Two starts are never at the same time: the next one is at least a millisecond away.
    this.#now += 1;
    this.#set(id, { ...fresh, startedAt: this.#now, endsAt, restarts, ...(anew ? { stopped: false } : {}) });
  }

  #end(id: string, exitCode: number, stopped: boolean): void {
    const box = this.#boxes.get(id);
    if (box === undefined) return;
    const ended = { ...box, ...HALTED, exitCode, stopped: box.stopped || stopped };
    const again = !stopped && mayRestart(ended);
    const restarts = box.restarts + (again ? 1 : 0);
    const startsAt = this.#now + Math.min(60_000, 100 * 2 ** restarts);
    this.#set(id, again ? { ...ended, restarts, state: "restarting", startsAt } : ended);
  }

  #set(id: string, parts: Partial<Box>): void {
    const box = this.#boxes.get(id);
    if (box !== undefined) this.#boxes.set(id, { ...box, ...parts });
  }

  #found(id: string): Box {
    const box = this.#boxes.get(id);
    if (box === undefined) throw refusal(404, "no such container");
    return box;
  }

  #rename(id: string, name: string): void {
    const { name: before, state } = this.#found(id);
    if (state === "restarting") throw refusal(404, "sandbox not found");
    if (before === name) throw refusal(400, "it is called so already");
    if ([...this.#boxes.values()].some((box) => box.name === name)) throw refusal(409, "the name is in use");
    this.#set(id, { name });
  }

  #stop(id: string): void {
    if (!isUp(this.#found(id))) return;
    this.advance(800);
    this.#end(id, 0, true);
  }

  #start(id: string): void {
    if (isUp(this.#found(id))) return;
    if (id === NEW && this.#behaviour === "refuses") {
      this.#set(id, { error: "port is already allocated", exitCode: 128 });
      throw refusal(500, "port is already allocated");
    }
    this.#begin(id, true);
  }

  #remove(id: string): void {
    this.#boxes.delete(id);
  }

  #ask(id: string): { readonly exitCode: number | null; readonly output: string } {
    const { state, startedAt } = this.#found(id);
    if (state !== "running") throw refusal(409, "is not running");
    const age = this.#now - (startedAt ?? 0);
    const wellAfter =
      { "never-well": Number.POSITIVE_INFINITY, slow: 45_000 }[this.#behaviour as string] ?? 700;
    if (id !== NEW || (this.#behaviour !== "hangs" && age >= wellAfter))
      return { exitCode: 0, output: "healthy" };
    if (this.#behaviour === "hangs") this.advance(30_000);
    return { exitCode: this.#behaviour === "hangs" ? null : 1, output: "" };
  }
}
