// The engine goes away in the middle of a rollout, or is not there yet: Boardhand waits for it, looks anew and converges.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabEngine, startEngine } from "../../lab/engine.ts";
import { Daemon } from "../daemon/daemon.ts";
import { eventually } from "../daemon/process.ts";
import { heldFor } from "../daemon/support.ts";
import { FAILING_PROBE } from "../probes.ts";
import type { World } from "../world.ts";

// Not unless-stopped: an engine of 20.10 that crashed takes what it stops at its next start for stopped by hand.
const COMPOSE = `
services:
  web: {image: REG/web, restart: unless-stopped}
  worker: {image: REG/worker, restart: always, depends_on: [web]}
`;

let engine: LabEngine;

beforeAll(async () => {
  engine = await startEngine();
});

afterAll(async () => {
  await engine.stop();
});

/** A daemon on this file's own engine, version 1 running. */
async function onBoard(scenario: (board: Daemon) => Promise<void>, schedule = "* * * * * *"): Promise<void> {
  const rollout = { order: "stop-first", monitorMs: 500, failureAction: "rollback" } as const;
  const docker = { host: engine.host, tls: null };
  const config = { docker, rollout: { ...rollout, healthTimeoutMs: 60_000 } };
  const board = await Daemon.create({ compose: COMPOSE, config }, { schedule });
  try {
    await release(board.world, "1");
    await board.start();
    await board.comesToAnswer("web", "1");
    await board.comesToAnswer("worker", "1");
    await board.settles();
    await scenario(board);
  } finally {
    // What went wrong is to be told, and the next test is to find an engine.
    if (engine.pid === null) await engine.restart();
    await board.destroy();
  }
}

async function release(world: World, version: string): Promise<void> {
  for (const name of ["web", "worker"]) await world.push(name, version);
}

/** A failing web and a worker that is well, so that no look sees the one without the other. */
async function releaseAtOnce(board: Daemon): Promise<void> {
  await board.command("suspend", board.world.project);
  await board.world.push("worker", "2");
  await board.world.push("web", "bad", "serve", { healthcheck: FAILING_PROBE });
  await board.command("resume", board.world.project);
}

async function names(world: World): Promise<readonly string[]> {
  return (await world.containers()).map((c) => `${c.service} ${c.state} ${c.restartPolicy}`);
}

/** No schedule comes to it in a test. */
const NEVER = "0 0 1 1 *";
/** Less than the pause between two looks of any schedule that people have, on a busy machine. */
const MISSED_MS = 20_000;

const BOTH = ["web running unless-stopped", "worker running always"];

describe("an engine that crashes in the middle of a rollout", () => {
  it.each(["createContainer", "stopContainer", "awaitHealthy"])(
    "at %s must be waited for, and the rollout be finished",
    async (kind) => {
      await onBoard(async (board) => {
        await release(board.world, "2");
        await eventually(
          () => history(board),
          (text) => isAnnounced(text, kind),
        );
        await engine.crash();
        await eventually(
          async () => (await board.get("/healthz")).status,
          (status) => status === 503,
        );
        await engine.restart();
        await board.comesToAnswer("web", "2");
        await board.comesToAnswer("worker", "2");
        await eventually(
          () => names(board.world),
          (seen) => seen.join() === BOTH.join(),
        );
        expect(await board.settles()).toBe("idle");
        expect((await board.get("/healthz")).status).toBe(200);
      });
    },
  );

  it.each(["rollingBack", "stalled"])(
    "once a failed release is %s must be waited for, and the same old containers be back",
    async (state) => {
      await onBoard(async (board) => {
        const old = (await board.world.containers()).map((c) => c.id);
        await releaseAtOnce(board);
        await eventually(
          () => history(board),
          (text) => text.includes(`"${state}"`),
        );
        await engine.crash();
        await engine.restart();
        // The engine may bring the failed one up once more: what counts is where it ends, and that it stays there.
        await eventually(
          async () => [...(await names(board.world)), ...(await board.world.containers()).map((c) => c.id)],
          (seen) => seen.join() === [...BOTH, ...old].join(),
        );
        await board.settles();
        expect((await board.world.containers()).map((c) => c.id)).toEqual(old);
        expect(await names(board.world)).toEqual(BOTH);
        await eventually(
          () => heldFor(board),
          (reason) => reason === "Quarantined",
        );
      });
    },
  );
});

describe("an engine that crashes while nothing is under way", () => {
  // Without a look in between, and the second time without anything that happened since the first.
  it("must be missed at once, each time, and its containers be started when it is back", async () => {
    await onBoard(async (board) => {
      const old = (await board.world.containers()).map((c) => c.id);
      for (const time of ["once", "again"]) {
        await engine.crash();
        await eventually(
          () => engineProblem(board),
          (problem) => problem?.includes("ECONNREFUSED") === true,
          MISSED_MS,
        );
        const { status, body } = await board.get("/healthz");
        expect([time, status, JSON.stringify(body)]).toEqual([
          time,
          503,
          expect.stringContaining("ECONNREFUSED"),
        ]);
        await engine.restart();
        await eventually(
          async () => [await names(board.world), (await board.get("/healthz")).status],
          (seen) => seen.flat().join() === [...BOTH, 200].join(),
        );
        expect((await board.world.containers()).map((c) => c.id)).toEqual(old);
      }
    }, NEVER);
  });
});

describe("an engine that is not there yet", () => {
  it("must be waited for when the agent starts, with a page that says so", async () => {
    await onBoard(async (board) => {
      await board.end();
      await release(board.world, "2");
      await engine.crash();
      await board.start();
      const { body } = await eventually(
        () => board.get("/healthz"),
        ({ status, body }) => status === 503 && JSON.stringify(body).includes("engine"),
      );
      expect(body).toMatchObject({ ok: false, reasons: [expect.stringContaining("engine")] });
      await engine.restart();
      await board.comesToAnswer("web", "2");
      await board.settles();
    });
  });
});

async function engineProblem(board: Daemon): Promise<string | null> {
  const { agent } = (await board.get("/api/v1/status")).body as { agent: { engineProblem: string | null } };
  return agent.engineProblem;
}

async function history(board: Daemon): Promise<string> {
  return JSON.stringify((await board.get(`/api/v1/projects/${board.world.project}/history?limit=500`)).body);
}

/** Announced since the plan that brought version 2: the first one only created. */
function isAnnounced(text: string, kind: string): boolean {
  const entries = (JSON.parse(text) as { entries: { event: { type: string; steps?: { kind: string }[] } }[] })
    .entries;
  const newest = entries.slice(0, entries.findIndex(({ event }) => event.type === "plan") + 1);
  const plans = entries.filter(({ event }) => event.type === "plan").length;
  return plans > 1 && newest.some(({ event }) => event.steps?.some((step) => step.kind === kind) === true);
}
