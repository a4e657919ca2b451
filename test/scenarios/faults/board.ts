// One board on which the same rollout is made again and again, each time with one fault in it. What counts is what an
// onlooker sees at the end, and for how long a service was away.
import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { republish } from "../../lab/republish.ts";
import { AgentProcess, buildAgent, writeConfig } from "../daemon/process.ts";
import type { FaultKind } from "./faults.ts";
import { type BoardParts, MONITOR_MS, makeParts, type Way } from "./parts.ts";
import { QUICKLY_FAILING, type RolloutKind, wantedPicture } from "./rollouts.ts";
import { arm, type Where } from "./striker.ts";
import { type Seen, type Verdict, verdictOf } from "./verdict.ts";

/** A rollout of several services and its way back, on a machine that has much else to do. */
const REST_MS = 180_000;
/** Pauses that an agent may make before it has come to an end by itself. */
const MOST_PAUSES = 12;

export class FaultBoard {
  readonly #parts: BoardParts;
  readonly #kind: RolloutKind;
  #serial = 0;
  /** The version that runs and has proved itself; null: nothing does. */
  #good: string | null = null;

  private constructor(parts: BoardParts, kind: RolloutKind) {
    this.#parts = parts;
    this.#kind = kind;
  }

  static async create(kind: RolloutKind): Promise<FaultBoard> {
    return new FaultBoard(await makeParts(kind), kind);
  }

  /** The rollout once, one call on this way spoiled; null when there was no such call and so no fault. */
  async run(way: Way, fault: FaultKind, where: Where): Promise<Verdict | null> {
    const before = await this.#begin();
    const offered = await this.#publish(way, this.#kind.failing);
    const victim: { process: AgentProcess | null } = { process: null };
    const { ways, clock } = this.#parts;
    const startedAt = Date.now();
    const striker = arm(ways[way], where, fault, {
      leap: clock.leap,
      kill: () => victim.process?.signal("SIGKILL"),
      ways: Object.values(ways),
    });
    let rests = true;
    if (fault.kills) {
      victim.process = await this.#agentProcess();
      await victim.process.endsWithin(REST_MS);
    } else rests = await this.#look("schedule", striker.relent);
    striker.disarm();
    const backAt = Date.now();
    if (fault.kills) rests = await this.#look("startup");
    // What a fault left to be done may wait for the schedule, but not longer. Two looks are further apart than a monitor
    // window, which what was started unknown to the agent has to pass before it is the good revision.
    await delay(MONITOR_MS);
    rests = (await this.#look("schedule")) && rests;
    const seen: Seen = {
      ...{ kind: this.#kind, fault, strike: striker.strike, told: this.#told(), rests },
      ...{ startedAt, backAt: fault.kills ? backAt : null, leaps: this.#parts.clock.leaps },
      forgotten: striker.forgotten,
      gaps: this.#parts.outside.gapsSince(startedAt),
      picture: await this.#parts.outside.picture(),
      wanted: wantedPicture(this.#kind, this.#parts.world.project, offered),
      before: before.picture,
      sameContainers: (await this.#parts.outside.ids()).join() === before.ids.join(),
      rollout: await this.#parts.world.rolloutState(),
      held: this.#parts.world.held(),
    };
    const verdict = verdictOf(seen);
    if (verdict.problems.length > 0) this.#good = null;
    else if (verdict.end === "new") this.#good = offered;
    return striker.strike === null && verdict.problems.length === 0 ? null : verdict;
  }

  async end(): Promise<void> {
    await this.#parts.world.destroy();
    this.#parts.outside.stop();
    for (const proxy of Object.values(this.#parts.ways)) await proxy.stop();
    await rm(this.#parts.directory, { recursive: true, force: true });
  }

  /** Where the rollout starts from: nothing at all, or one version that has proved itself, and an agent that was just started. */
  async #begin(): Promise<{ readonly picture: readonly string[]; readonly ids: readonly string[] }> {
    if (this.#kind.first === true || this.#good === null) {
      await this.#parts.world.loseState();
      await this.#parts.outside.clear();
    }
    if (this.#kind.first !== true && this.#good === null) {
      const version = await this.#publish("engine", undefined);
      await this.#look("startup");
      const picture = await this.#parts.outside.picture();
      const wanted = wantedPicture(this.#kind, this.#parts.world.project, version);
      if (picture.join() !== wanted.join())
        throw new Error(`no start without any fault: ${picture.join("; ")}`);
      this.#good = version;
    }
    await this.#parts.world.restart();
    this.#parts.log.length = 0;
    this.#parts.world.events.length = 0;
    return { picture: await this.#parts.outside.picture(), ids: await this.#parts.outside.ids() };
  }

  /**
   * Like no other board's: an image of the same content would be here already, or be tidied away by its owner. With layers
   * of its own where it matters what is pulled.
   */
  async #publish(way: Way, failing: string | undefined): Promise<string> {
    this.#serial += 1;
    const version = `${this.#parts.world.project}-v${this.#serial}`;
    for (const service of Object.keys(this.#kind.services)) {
      const probe = service === failing ? QUICKLY_FAILING : this.#kind.probe;
      if (way === "engine" && this.#serial > 1)
        await republish(this.#parts.world.target(service), "latest", version, probe ?? null);
      else
        await this.#parts.world.push(
          service,
          version,
          "serve",
          probe === undefined ? {} : { healthcheck: probe },
        );
    }
    return version;
  }

  /** What an operator was told that is not as it should be: warnings in the log, failed steps in the journal. */
  #told(): readonly string[] {
    const failed = this.#parts.world.events.flatMap((event) =>
      event.kind === "stepFailed" ? [event.message] : [],
    );
    return [...this.#parts.log, ...failed];
  }

  async #agentProcess(): Promise<AgentProcess> {
    const path = await writeConfig(this.#parts.world, "victim", {
      docker: { host: this.#parts.ways.engine.address },
    });
    return new AgentProcess(await buildAgent(), ["apply", "--config", path]);
  }

  /** A look and all that follows from it, pauses leapt over and told of; false when it has no end. */
  async #look(cause: "schedule" | "startup", onPause?: () => void): Promise<boolean> {
    const { queue, journal } = await this.#parts.world.parts();
    const { project } = this.#parts.world;
    queue.enqueue({ trigger: { project, cause, refresh: true, force: false }, rollback: null });
    const deadline = Date.now() + REST_MS;
    let pauses = 0;
    let workedAt = Date.now();
    while (Date.now() < deadline && queue.isPending(project)) {
      // A monitor window is wall time: only what waits for longer than it is leapt over.
      const watches = journal.memory(project).rollout.kind === "monitoring";
      if (queue.isBusy(project)) workedAt = Date.now();
      else if (Date.now() - workedAt > (watches ? 2 * MONITOR_MS : 0)) {
        pauses += 1;
        if (pauses > MOST_PAUSES) return false;
        onPause?.();
        this.#parts.clock.leap();
        workedAt = Date.now();
      }
      await delay(10);
    }
    return !queue.isPending(project);
  }
}
