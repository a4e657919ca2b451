// What the engine does and never answers, while a service is down: nobody waits for the answer. The clock is the real one:
// the call's own time would be more than a scenario may take.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { type Call, type Fate, PASS, startFaultProxy, wordsOf } from "../../lab/fault-proxy.ts";
import type { Behaviour } from "../../lab/images.ts";
import { World } from "../world.ts";
import { lengthOf } from "./gaps.ts";
import { lookFromOutside, ofProject } from "./outside.ts";

/** Less than any of the calls may take, and far more than all of them do. */
const LIMIT_MS = 240_000;

const COMPOSE = `
services:
  web: {image: REG/web, restart: unless-stopped, stop_grace_period: 10m}
`;

interface Silenced {
  readonly what: string;
  readonly call: RegExp;
  /** Of the second version. */
  readonly behaviour: Behaviour;
  /** The version that is to run, and the state of the rollout. */
  readonly end: readonly [version: string, rollout: string];
}

it.each<Silenced>([
  { what: "stop", call: /\/stop$/, behaviour: "serve", end: ["2", "idle"] },
  {
    what: "removal on the way back",
    call: /^DELETE \/containers\//,
    behaviour: "crash",
    end: ["1", "stalled"],
  },
])("a $what that is never answered must keep no service down", { timeout: LIMIT_MS }, async (one) => {
  const directory = await mkdtemp(join(tmpdir(), "boardhand-unanswered-"));
  const proxy = await startFaultProxy(inject("engineHost"), join(directory, "engine.sock"));
  const world = await World.create({
    compose: COMPOSE,
    config: { docker: { host: proxy.address, tls: null } },
  });
  const outside = await lookFromOutside(inject("engineHost"), ofProject(world.project));
  const silenced: Promise<void>[] = [];
  try {
    await world.push("web", "1");
    await world.look();
    await world.push("web", "2", one.behaviour);
    proxy.decide = (call: Call): Fate => {
      if (silenced.length > 0 || !one.call.test(wordsOf(call))) return PASS;
      silenced.push(call.hungUp);
      return { kind: "after", reply: "silence" };
    };
    const { rollout } = await world.look();
    const [version, state] = one.end;
    expect(rollout.kind).toBe(state);
    expect(await outside.picture()).toEqual([
      expect.stringMatching(/^network /),
      expect.stringMatching(new RegExp(`-web-1 running unless-stopped ${version}$`)),
    ]);
    expect(silenced).toHaveLength(1);
    // Its caller has hung up.
    await silenced[0];
    const gaps = outside.gapsSince(0);
    expect(gaps).not.toEqual([]);
    expect(gaps.filter((gap) => lengthOf(gap) > LIMIT_MS)).toEqual([]);
  } finally {
    await world.destroy();
    outside.stop();
    await proxy.stop();
    await rm(directory, { recursive: true, force: true });
  }
});
