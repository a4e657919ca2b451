// One board on which the agent updates itself again and again, each time with one fault in it: at a call of the agent that
// prepares the update, or of the updater that hands over. What counts is what an onlooker sees at the end and on the way.
import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { inject } from "vitest";
import { type FaultProxy, startFaultProxy } from "../../lab/fault-proxy.ts";
import type { Leap } from "../../lab/leaping-clock.ts";
import { freePort } from "../../lab/registry.ts";
import type { FaultKind } from "../faults/faults.ts";
import { askEngine, lookFromOutside, type Outside } from "../faults/outside.ts";
import type { Way } from "../faults/parts.ts";
import { arm, type Where } from "../faults/striker.ts";
import type { Swept } from "../faults/sweep.ts";
import type { Verdict } from "../faults/verdict.ts";
import { publish, type Quality, referenceOf, type Side, SOCKETS, type Socket } from "./fault-image.ts";
import { type OwnView, type Seen, verdictOf } from "./fault-verdict.ts";
import { docker } from "./hand-over-board.ts";

const run = promisify(execFile);

export interface SelfUpdateKind extends Swept {
  /** Whose calls are counted; `preflight` is the doctor of what is offered. */
  readonly who: "agent" | "updater" | "preflight";
  /** What is offered: a broken one must end with the old agent. */
  readonly offers: Quality;
  readonly asksRegistry?: boolean;
}

/** An update with all its waits, on a machine that has much else to do. */
const REST_MS = 300_000;
/** Pauses that an agent may make before it has come to an end by itself. */
const MOST_PAUSES = 12;
const LABEL = "io.boardhand.lab";

interface Ways {
  readonly sockets: Readonly<Record<Socket, FaultProxy>>;
  readonly registry: FaultProxy;
}

/**
 * Of several agents on one engine all but one stand by: no two boards share one.
 */
export class SelfUpdateBoard {
  readonly #host: string;
  readonly #name: string;
  readonly #port: number;
  readonly #directory: string;
  readonly #ways: Ways;
  readonly #outside: Outside;
  #serial = 0;
  /** The version that runs and has proved itself; null: none does. */
  #good: string | null = null;
  #side: Side = "a";

  private constructor(host: string, port: number, directory: string, ways: Ways, outside: Outside) {
    this.#host = host;
    this.#name = `bhfault${port}`;
    this.#port = port;
    this.#directory = directory;
    this.#ways = ways;
    this.#outside = outside;
  }

  static async create(host: string): Promise<SelfUpdateBoard> {
    const directory = await mkdtemp(join(tmpdir(), "boardhand-faults-"));
    await mkdir(join(directory, "run"));
    const started = SOCKETS.map(async (name) => {
      const proxy = await startFaultProxy(host, join(directory, `run/${name}.sock`));
      return [name, proxy] as const;
    });
    const sockets = Object.fromEntries(await Promise.all(started)) as Ways["sockets"];
    const registry = await startFaultProxy(inject("registryAddress"));
    const port = await freePort();
    const name = `bhfault${port}`;
    const outside = await lookFromOutside(host, {
      label: [LABEL, name],
      prefix: name,
      service: LABEL,
    });
    return new SelfUpdateBoard(host, port, directory, { sockets, registry }, outside);
  }

  /** The update once, one call spoiled; null when there was no such call and so no fault. */
  async run(kind: SelfUpdateKind, way: Way, fault: FaultKind, where: Where): Promise<Verdict | null> {
    const before = await this.#begin();
    const offered = await this.#publish(kind.offers);
    const victim = kind.who === "agent" ? before.id : `${this.#name}.${kind.who}`;
    const own = this.#ways.sockets[this.#socketOf(kind)];
    const { registry } = this.#ways;
    const startedAt = Date.now();
    const striker = arm(way === "registry" ? registry : own, where, fault, {
      leap: () => this.#signal(victim, "SIGUSR2"),
      kill: () => this.#signal(victim, "SIGKILL"),
      ways: [own, registry],
    });
    let rests = await this.#look();
    striker.disarm();
    // What a fault left to be done may wait for the schedule, but not longer.
    rests = (await this.#look()) && rests;
    const picture = await this.#outside.picture();
    const seen: Seen = {
      ...{ failing: kind.offers === "broken", fault, strike: striker.strike, rests },
      ...{ forgotten: striker.forgotten, startedAt, picture },
      wanted: [this.#line(offered)],
      before: before.picture,
      gaps: this.#outside.gapsSince(startedAt),
      crowds: this.#outside.crowdsSince(startedAt),
      leaps: await this.#leaps(),
      view: await this.#view(),
      healthy: await this.#isHealthy(),
    };
    const verdict = verdictOf(seen);
    if (verdict.end === "new") this.#side = this.#otherSide();
    if (verdict.problems.length > 0) this.#good = null;
    else if (verdict.end === "new") this.#good = offered;
    if (striker.strike === null && verdict.problems.length === 0) return null;
    return verdict.problems.length === 0 ? verdict : { ...verdict, told: await this.#words() };
  }

  async end(): Promise<void> {
    await this.#clear();
    this.#outside.stop();
    for (const proxy of [...Object.values(this.#ways.sockets), this.#ways.registry]) await proxy.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Where the update starts from: a version that has proved itself and is at rest. */
  async #begin(): Promise<{ readonly picture: readonly string[]; readonly id: string }> {
    if (this.#good === null) {
      await this.#clear();
      const version = await this.#publish("good");
      await this.#start();
      const rests = await this.#rest();
      const picture = await this.#outside.picture();
      if (!rests || picture.join() !== this.#line(version))
        throw new Error(`no start without any fault: ${picture.join("; ")}; ${await this.#words()}`);
      this.#good = version;
    }
    await writeFile(join(this.#directory, "run/side"), this.#otherSide());
    await rm(join(this.#directory, "run/leaps"), { force: true });
    const [id = ""] = await this.#outside.ids();
    return { picture: await this.#outside.picture(), id };
  }

  async #start(): Promise<void> {
    const config = join(this.#directory, "boardhand.yml");
    const content = {
      schedule: "0 0 1 1 *",
      jitter: "0s",
      registries: { docker_config: null, timeout: "5s" },
      rollout: { monitor: "300ms", health_timeout: "120s" },
      images: { min_free_space: "0MB" },
      http: { listen: `127.0.0.1:${this.#port}` },
    };
    await writeFile(config, JSON.stringify(content));
    await writeFile(join(this.#directory, "run/side"), this.#side);
    await docker(
      this.#host,
      ...["run", "--detach", "--name", this.#name, "--restart", "unless-stopped", "--network", "host"],
      ...["--label", `${LABEL}=${this.#name}`, "--volume", `${this.#name}-state:/data`],
      ...["--volume", `${this.#directory}/run:/run/engine`],
      ...["--volume", `${config}:/etc/boardhand/boardhand.yml:ro`],
      referenceOf(this.#ways.registry.address, this.#name),
    );
  }

  async #publish(quality: Quality): Promise<string> {
    this.#serial += 1;
    const version = `${this.#name}-v${this.#serial}`;
    await publish(this.#name, version, quality);
    return version;
  }

  async #clear(): Promise<void> {
    await this.#outside.clear();
    await askEngine(this.#host, "DELETE", `/volumes/${this.#name}-state?force=1`);
  }

  #socketOf({ who }: SelfUpdateKind): Socket {
    if (who === "agent") return `agent-${this.#side}`;
    return who === "preflight" ? "doctor" : who;
  }

  #otherSide(): Side {
    return this.#side === "a" ? "b" : "a";
  }

  /** What an onlooker must see of this version, and nothing else. */
  #line(version: string): string {
    const mounts = [
      `${this.#directory}/boardhand.yml:/etc/boardhand/boardhand.yml`,
      `${this.#directory}/run:/run/engine`,
      `${this.#name}-state:/data`,
    ];
    return [this.#name, "running unless-stopped", version, ...mounts].join(" ");
  }

  /** At once, so that nothing more of it comes; false when it does not run. */
  #signal(container: string, signal: NodeJS.Signals): boolean {
    const words = ["-H", this.#host, "inspect", "--format", "{{.State.Pid}}", container];
    try {
      const pid = Number(execFileSync("docker", words, { encoding: "utf8", stdio: "pipe" }));
      return pid > 1 && process.kill(pid, signal);
    } catch {
      return false;
    }
  }

  /** A look that somebody asks for, and all that follows from it; false when that has no end. */
  async #look(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.#port}/api/v1/projects/_agent/check`;
    const headers = { "x-boardhand": "1" };
    const signal = AbortSignal.timeout(30_000);
    await fetch(url, { method: "POST", headers, signal }).catch(() => null);
    return this.#rest();
  }

  /** Waits until an agent is at rest; pauses before a further attempt are leapt over. */
  async #rest(): Promise<boolean> {
    const deadline = Date.now() + REST_MS;
    let pauses = 0;
    while (Date.now() < deadline) {
      const view = await this.#view();
      if (view !== null && !view.busy && view.lastLookAt !== null && view.standby === null) {
        if (view.notes.length === 0 && !isPassing(view)) return true;
        const handsOver = await askEngine(this.#host, "GET", `/containers/${this.#name}.updater/json`);
        if (handsOver === null) {
          pauses += 1;
          if (pauses > MOST_PAUSES) return false;
          this.#signal(this.#name, "SIGUSR2");
        }
      }
      await delay(100);
    }
    return false;
  }

  /** What the agent says of itself; null while none answers. */
  async #view(): Promise<OwnView | null> {
    const url = `http://127.0.0.1:${this.#port}/api/v1/status`;
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
      const { agent } = (await answer.json()) as {
        agent: { standby: string | null; selfUpdate: Omit<OwnView, "standby"> | null };
      };
      return agent.selfUpdate === null ? null : { ...agent.selfUpdate, standby: agent.standby };
    } catch {
      return null;
    }
  }

  async #isHealthy(): Promise<boolean> {
    const url = `http://127.0.0.1:${this.#port}/healthz`;
    return fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  async #leaps(): Promise<readonly Leap[]> {
    const text = await readFile(join(this.#directory, "run/leaps"), "utf8").catch(() => "");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Leap);
  }

  /** The last that every container of the board said. */
  async #words(): Promise<readonly string[]> {
    const said = (await this.#outside.ids()).map(async (id) => {
      const words = ["-H", this.#host, "logs", "--tail", "8", id];
      const { stdout, stderr } = await run("docker", words).catch(() => ({ stdout: "", stderr: "" }));
      return `${stdout}${stderr}`.replaceAll("\n", " | ");
    });
    return Promise.all(said);
  }
}

/** A registry that did not answer is asked again after a pause. */
function isPassing({ services }: OwnView): boolean {
  const held = services[0]?.held ?? null;
  return held !== null && held.reason !== "Quarantined";
}
