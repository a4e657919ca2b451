// Scenarios that run side by side on the run's one engine, each on a board of its own, and what they look at.
import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import type { ObservedContainer, ProjectMemory } from "../../../src/core/model/index.ts";
import { resume } from "../../../src/reconcile/hand.ts";
import { busyboxLayer } from "../../lab/images.ts";
import { pushImage } from "../../lab/push.ts";
import type { TarFile } from "../../lab/tar.ts";
import { eventually } from "../daemon/process.ts";
import { World, type WorldOptions } from "../world.ts";

/** Short, so that a scenario takes seconds; long enough for an engine that has two cores and others to serve. */
export const MONITOR_MS = 2000;

export const ROLLOUT = {
  order: "stop-first",
  monitorMs: MONITOR_MS,
  failureAction: "rollback",
  healthTimeoutMs: 60_000,
} as const;

/** One test on a board of its own. Scenarios of a file run at the same time: nothing may be shared. */
export function scenario(title: string, options: WorldOptions, body: (board: World) => Promise<void>): void {
  it.concurrent(title, async () => {
    const board = await World.create({ ...options, config: { rollout: ROLLOUT, ...options.config } });
    try {
      await body(board);
    } catch (error) {
      // An assertion on the rollout's kind does not show why it ended so.
      if (error instanceof Error) error.message += `\n${await board.describe().catch(String)}`;
      throw error;
    } finally {
      await board.destroy();
    }
  });
}

export interface ScriptImage {
  readonly version: string;
  readonly script: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly tag?: string;
  /** Beside those that every such image has. */
  readonly files?: Readonly<Record<string, TarFile>>;
}

/** Pushes an image whose `/start` is this script; returns its manifest digest. */
export async function pushScript(board: World, name: string, image: ScriptImage): Promise<string> {
  const pushed = await pushImage(board.target(name), image.tag ?? "latest", {
    platform: "linux/amd64",
    layers: [
      await busyboxLayer("amd64"),
      {
        "www/index.html": { content: `${image.version}\n` },
        "tmp/.keep": { content: "" },
        ...image.files,
        start: { content: `#!/bin/sh\n${image.script}\n`, mode: 0o755 },
      },
    ],
    config: { Cmd: ["/start"], Env: ["PATH=/bin"], ...image.config },
  });
  return pushed.digest;
}

/** Serves until it is told to stop. */
export const SERVE = "trap 'exit 0' TERM INT; httpd -f -p 8080 -h /www & wait";
/** Runs, answers nothing, ends when told to. */
export const IDLE = "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait; done";

/** Steps that were begun so far: equal before and after a look that must do nothing. */
export function stepsOf(board: World): readonly string[] {
  return board.events.flatMap((event) => (event.kind === "step" ? [event.step.kind] : []));
}

/** A look that must find nothing to do. */
export async function lookIdly(board: World): Promise<void> {
  const before = stepsOf(board).length;
  await board.look();
  expect(stepsOf(board).slice(before)).toEqual([]);
}

/** What a rollback must leave: this very container, running again, alone, with its own restart policy. */
export async function expectUntouched(board: World, service: string, old: ObservedContainer): Promise<void> {
  const now = await board.container(service);
  expect({ id: now.id, name: now.name, state: now.state, restart: now.restartPolicy }).toEqual({
    id: old.id,
    name: old.name,
    state: "running",
    restart: old.restartPolicy,
  });
  const names = (await board.containers()).filter((c) => c.service === service).map((c) => c.name);
  expect(names).toEqual([old.name]);
}

/** Lets time pass for pauses between attempts; what sleeps is not woken. */
export async function skipTime(board: World, ms: number): Promise<void> {
  const { clock } = await board.parts();
  const before = clock.monotonic.bind(clock);
  Object.assign(clock, { monotonic: () => before() + ms });
}

/** What a look on its own asks for: the ms until the next one. */
export async function lookDirectly(board: World, refresh: boolean): Promise<number | null> {
  const parts = await board.parts();
  const source = await parts.sources.find(board.project);
  if (source === null) throw new Error(`no project ${board.project}`);
  const trigger = { project: board.project, cause: "retry", refresh, force: false } as const;
  return parts.reconciler.look(source, { trigger, rollback: null });
}

/** `boardhand resume`, as the agent does it. */
export async function resumeByHand(board: World): Promise<ProjectMemory> {
  await resume(board.project, (await board.parts()).deps);
  return board.look({ force: true });
}

/** One field of `docker inspect`, as JSON. */
export async function inspect(board: World, id: string, field: string): Promise<unknown> {
  const { stdout } = await board.docker("inspect", "--format", `{{json ${field}}}`, id);
  return JSON.parse(stdout);
}

export interface Lifetimes {
  /** Running containers of the service after each start and each end, in order; there are `events` of them at least. */
  stop(events: number): Promise<readonly number[]>;
}

/** Counts the running containers of a service, from the engine's own events. */
export async function countRunning(board: World, service: string, now: number): Promise<Lifetimes> {
  const filters = [
    `label=com.docker.compose.project=${board.project}`,
    `label=com.docker.compose.service=${service}`,
    "event=start",
    "event=die",
  ].flatMap((filter) => ["--filter", filter]);
  const host = board.config.docker.host;
  // What comes before the stream is open is told all the same.
  const since = ["--since", new Date().toISOString()];
  const child = spawn("docker", ["-H", host, "events", ...since, ...filters, "--format", "{{.Status}}"]);
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  await subscribed(board);
  const told = () => text.split("\n").slice(0, -1);
  return {
    async stop(events) {
      // They are told by another program, which may have been kept waiting.
      await eventually(
        async () => told(),
        ({ length }) => length >= events,
      );
      child.kill("SIGTERM");
      await ended;
      let count = now;
      return told().map((status) => {
        count += status === "start" ? 1 : -1;
        return count;
      });
    },
  };
}

/** What answers on a port of this machine; a container that was just started gets a moment to listen. */
export async function answerOn(port: number): Promise<string> {
  const headers = { connection: "close" };
  const ask = () =>
    fetch(`http://127.0.0.1:${port}/`, { headers }).then(
      (answer) => answer.text(),
      () => "",
    );
  return (await eventually(ask, (text) => text !== "")).trim();
}

/** The stream says nothing when it is open: a call made after it was asked for comes back later than that. */
async function subscribed(board: World): Promise<void> {
  for (let n = 0; n < 3; n++) await board.docker("version");
}
