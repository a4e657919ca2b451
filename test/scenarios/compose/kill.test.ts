// Either tool is killed after each call of a recreation that changes something: what it left is brought to its end by
// Boardhand, and docker compose takes what is then there for its own.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { compose, composeBinary } from "../../lab/compose.ts";
import { AgentProcess, buildAgent, writeConfig } from "../daemon/process.ts";
import { type EngineProxy, startEngineProxy } from "../restarts/engine-proxy.ts";
import { World } from "../world.ts";
import { BRIEF } from "./support.ts";

const TOO_MANY = 40;
const LIMIT_MS = 1_200_000;
const text = (version: number) => `
services:
  web:
    image: REG/app
    restart: unless-stopped
    environment: {VERSION: "${version}"}
    volumes: [/anonymous]
    networks: [front, back]
networks: {front: , back: }
`;

let binary: string;
let world: World;
let proxy: EngineProxy;
let directory: string;
let version = 1;

beforeAll(async () => {
  binary = await composeBinary();
  directory = await mkdtemp(join(tmpdir(), "boardhand-killed-"));
  world = await World.create({ compose: text(version), config: { rollout: BRIEF } });
  proxy = await startEngineProxy(join(directory, "engine.sock"), inject("engineHost"));
  await world.push("app", world.project);
});

afterAll(async () => {
  await world.destroy();
  await proxy.stop();
  await rm(directory, { recursive: true, force: true });
});

const up = (engineHost: string, signal?: AbortSignal) =>
  compose(
    { binary, engineHost, directory: world.directory, ...(signal === undefined ? {} : { signal }) },
    "up",
    "-d",
  );

/** False when it came to its end before the cut. */
async function killedCompose(n: number): Promise<boolean> {
  const killer = new AbortController();
  proxy.arm({ n, when: "after", kill: () => killer.abort() });
  await up(proxy.host, killer.signal).catch((error: unknown) => {
    if (!killer.signal.aborted) throw error;
  });
  proxy.arm(null);
  return killer.signal.aborted;
}

async function killedApply(n: number): Promise<boolean> {
  await world.restart();
  const victim: { process: AgentProcess | null } = { process: null };
  proxy.arm({ n, when: "after", kill: () => victim.process?.signal("SIGKILL") });
  const config = await writeConfig(world, "victim", { docker: { host: proxy.host } });
  victim.process = new AgentProcess(await buildAgent(), ["apply", "--config", config]);
  const { code, stdout, stderr } = await victim.process.endsWithin(240_000);
  proxy.arm(null);
  if (code !== null && code !== 0) throw new Error(stdout + stderr);
  return code === null;
}

/** Name, state and the anonymous volume of everything there is, and the version it was made for. */
async function picture(): Promise<readonly unknown[]> {
  const containers = await world.containers();
  return Promise.all(
    containers.map(async ({ id, name, state, mounts }) => {
      const { stdout } = await world.docker("inspect", "-f", "{{json .Config.Env}}", id);
      return { name, state, volume: mounts[0]?.name, made: /VERSION=(\d+)"/.exec(stdout)?.[1] };
    }),
  );
}

/** After call 1, 1 + `stride`, …, each time of another change, until one runs through. */
async function killEverywhere(
  stride: number,
  killed: (n: number) => Promise<boolean>,
  heal: (at: string) => Promise<void>,
): Promise<number> {
  for (let n = 1; n < TOO_MANY; n += stride) {
    version += 1;
    await world.writeCompose(text(version));
    const cut = await killed(n);
    await heal(`call ${n} of ${proxy.calls.join(", ")}\n${JSON.stringify(await picture())}`);
    if (!cut) return n - 1;
  }
  throw new Error("the recreation has no end");
}

describe.sequential("a recreation that is killed", { timeout: LIMIT_MS }, () => {
  it("in docker compose must be brought to its end by Boardhand, and be docker compose's again", async () => {
    await up(inject("engineHost"));
    await world.look();
    const [{ volume }] = (await picture()) as readonly [{ readonly volume: string }];
    const healed = { name: `${world.project}-web-1`, state: "running", volume };
    const calls = await killEverywhere(1, killedCompose, async (at) => {
      const memory = await world.look();
      expect(memory.rollout.kind, at).toBe("idle");
      expect(await picture(), at).toEqual([{ ...healed, made: String(version) }]);
      const [before] = await world.containers();
      await up(inject("engineHost"));
      const after = await world.containers();
      expect(
        after.map((c) => c.id),
        at,
      ).toEqual([before?.id]);
    });
    // Create, stop, remove, rename, start; below API 1.44 a second network is connected in between.
    expect(calls).toBeGreaterThanOrEqual(inject("engineApi") < 44 ? 6 : 5);
  });

  it("in Boardhand must leave docker compose one container that is as the file says, and Boardhand nothing else", async () => {
    const calls = await killEverywhere(2, killedApply, async (at) => {
      await up(inject("engineHost"));
      const running = (await picture()).filter(
        (one) => (one as { readonly state: string }).state === "running",
      );
      expect(running, at).toMatchObject([{ made: String(version) }]);
      await world.look({ force: true });
      expect(await picture(), at).toMatchObject([
        { name: `${world.project}-web-1`, state: "running", made: String(version) },
      ]);
    });
    expect(calls).toBeGreaterThanOrEqual(6);
  });
});
