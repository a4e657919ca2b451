// SIGTERM in the middle of a rollout: the process ends by itself and soon, no service is left stopped, and the next
// start goes on where this one ended.
import { describe, expect, it } from "vitest";
import type { ImageHealthcheck } from "../../lab/images.ts";
import { eventually } from "../daemon/process.ts";
import { FAILING_PROBE, PROBE } from "../probes.ts";
import type { World } from "../world.ts";
import { APPLY_MS, Lane } from "./lane.ts";

/**
 * Docker and systemd give ten seconds, of which it takes parts of one here; a machine may be much slower. A
 * gate that was waited for to its end would last longer than this.
 */
const GRACE_MS = 60_000;
const GATE = "600s";
/** Well only when it is told so: the gate lasts until it is interrupted. */
const SLOW_PROBE: ImageHealthcheck = {
  ...PROBE,
  Test: ["CMD", "/bin/busybox", "test", "-e", "/tmp/well"],
  Retries: 10_000,
};

async function onLane(scenario: (lane: Lane) => Promise<void>): Promise<void> {
  const lane = await Lane.start();
  try {
    await scenario(lane);
  } finally {
    await lane.stop();
  }
}

const running = (lane: Lane) => [
  `${lane.world.project}-web-1 running unless-stopped`,
  `${lane.world.project}-worker-1 running always`,
];

/** The state of each service's container that holds the name. */
async function services(world: World): Promise<readonly string[]> {
  const held = (await world.containers()).filter((c) => !/\.(retired-|next)/.test(c.name));
  return held.map((c) => `${c.name} ${c.state} ${c.restartPolicy}`).sort();
}

/** Starts an apply, sends SIGTERM when a call matching the pattern is made for the n-th time, and waits for its end. */
async function interrupted(lane: Lane, call: RegExp, nth = 1): Promise<void> {
  const agent = await lane.apply();
  let seen = 0;
  lane.proxy.onCall((made) => {
    if (call.test(made)) seen += 1;
    if (call.test(made) && seen === nth) agent.signal("SIGTERM");
  });
  const { code } = await agent.endsWithin(APPLY_MS);
  lane.proxy.onCall(() => undefined);
  expect(code).toBe(1);
}

async function finishes(lane: Lane, version: string): Promise<void> {
  await lane.world.look();
  expect(await lane.picture()).toEqual(running(lane));
  expect(await lane.answers()).toEqual([version, version]);
}

describe("SIGTERM in the middle of a rollout", () => {
  for (const [where, call] of [
    ["during a pull", /images\/create/],
    ["during the creation of a replacement", /containers\/create/],
    ["during a rename", /rename/],
    ["during a stop", /stop/],
    ["during a start", /start/],
  ] as const) {
    it(`${where} must leave no service stopped, and the next start must finish`, () =>
      onLane(async (lane) => {
        const version = await lane.release();
        await interrupted(lane, call);
        expect(await services(lane.world)).toEqual(running(lane));
        await finishes(lane, version);
      }));
  }

  it("during the stop of a container that does not hear SIGTERM must wait for it and start its successor", () =>
    onLane(async (lane) => {
      await lane.publish("web", "deaf", "deaf");
      await lane.world.look();
      const version = await lane.release();
      const before = Date.now();
      await interrupted(lane, /stop/);
      // Its grace of 3 s is in the compose file.
      expect(Date.now() - before).toBeGreaterThan(3000);
      expect(await services(lane.world)).toEqual(running(lane));
      await finishes(lane, version);
    }));

  it("during the health gate must leave the new container up, and the next start must prove it", () =>
    onLane(async (lane) => {
      const version = await lane.release(SLOW_PROBE);
      const agent = await lane.apply({ rollout: { monitor: "400ms", health_timeout: GATE } });
      await eventually(
        async () => lane.proxy.calls.join(),
        (calls) => calls.includes("start"),
      );
      agent.signal("SIGTERM");
      expect((await agent.endsWithin(GRACE_MS)).code).toBe(1);
      expect(await services(lane.world)).toEqual(running(lane));
      const { id } = await lane.world.container("web");
      await lane.world.docker("exec", id, "/bin/busybox", "touch", "/tmp/well");
      await finishes(lane, version);
    }));

  it("during the monitor window must end at once, and the next start must see the window to its end", () =>
    onLane(async (lane) => {
      const version = await lane.release();
      const agent = await lane.apply({ rollout: { monitor: "20s" } });
      await eventually(
        async () => lane.proxy.calls.filter((call) => call.endsWith("start")).length,
        (starts) => starts === 2,
      );
      await eventually(
        () => lane.history(),
        (text) => text.includes('"monitoring"'),
      );
      agent.signal("SIGTERM");
      expect((await agent.endsWithin(GRACE_MS)).code).toBe(1);
      // Whoever had waited for its end would have removed the old ones.
      expect(await lane.world.containers()).toHaveLength(4);
      await finishes(lane, version);
    }));

  for (const [where, call, nth] of [
    ["during the stop of what failed", /stop/, 3],
    ["during the removal of what failed", /DELETE/, 1],
  ] as const) {
    it(`${where} must put the old container back before the process ends`, () =>
      onLane(async (lane) => {
        const old = await lane.world.container("web");
        const good = lane.version;
        await lane.release(FAILING_PROBE, "worker");
        await interrupted(lane, call, nth);
        expect(await services(lane.world)).toEqual(running(lane));
        await lane.world.look();
        expect(await lane.picture()).toEqual(running(lane));
        expect((await lane.world.container("web")).id).toBe(old.id);
        expect(await lane.answers()).toEqual([good, good]);
      }));
  }

  it("while a release that exits is being put back must not leave its service stopped", () =>
    onLane(async (lane) => {
      const old = await lane.world.container("web");
      await lane.publish("web", "crash", "crash");
      // The first start is the release's own, the second that of the old container.
      await interrupted(lane, /start/, 2);
      expect(await services(lane.world)).toEqual(running(lane));
      await lane.world.look();
      expect((await lane.world.container("web")).id).toBe(old.id);
    }));
});
