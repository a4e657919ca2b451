// The agent is killed before and after every single call that changes something. Whoever starts it again finds the
// services up and in the same place as if nothing had happened.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FAILING_PROBE } from "../probes.ts";
import { Lane } from "./lane.ts";

const TOO_MANY = 60;
/** An update of two services, or one and its way back, changes more than this. */
const FEWEST_CALLS = 15;
const LIMIT_MS = 1_200_000;

type When = "before" | "after";
type Between = (lane: Lane) => Promise<void>;

const nothing: Between = async () => undefined;

const loseState: Between = (lane) => lane.world.loseState();

const tearJournal: Between = async (lane) => {
  const directory = join(lane.world.state, "journal");
  for (const name of await readdir(directory)) {
    const bytes = await readFile(join(directory, name));
    await writeFile(join(directory, name), bytes.subarray(0, -7));
  }
};

const healthy = (lane: Lane) => [
  `${lane.world.project}-web-1 running unless-stopped`,
  `${lane.world.project}-worker-1 running always`,
];

async function onLane(scenario: (lane: Lane) => Promise<void>): Promise<void> {
  const lane = await Lane.start();
  try {
    await scenario(lane);
  } finally {
    await lane.stop();
  }
}

/** Kills at call 1, 1 + `stride`, … of an update until one runs through; `finished` looks at each restart's result. */
async function killEverywhere(
  lane: Lane,
  when: When,
  stride: number,
  release: () => Promise<string>,
  finished: (version: string, at: string) => Promise<void>,
): Promise<number> {
  for (let n = 1; n < TOO_MANY; n += stride) {
    const version = await release();
    const killed = await lane.killedApply({ n, when });
    await finished(
      version,
      `killed ${when} call ${n}: ${lane.proxy.calls.join(", ")}\n${(await lane.picture()).join("\n")}`,
    );
    // It must have come to its end, and not to a stop of its own.
    if (!killed && n < FEWEST_CALLS) throw new Error(`ended before call ${n}: ${lane.lastWords}`);
    if (!killed) return n - 1;
  }
  throw new Error("the update has no end");
}

describe.concurrent("an update that is killed", () => {
  for (const [words, when, stride, between] of [
    ["just after each call", "after", 1, nothing],
    ["just before each call", "before", 1, nothing],
    ["just after every other call, its state directory lost", "after", 2, loseState],
    ["just before every third call, its journal's last line torn", "before", 3, tearJournal],
  ] as const) {
    it(`${words} must be finished by the next start, with nothing left over`, { timeout: LIMIT_MS }, () =>
      onLane(async (lane) => {
        const calls = await killEverywhere(
          lane,
          when,
          stride,
          () => lane.release(),
          async (version, at) => {
            await between(lane);
            const memory = await lane.world.look();
            expect(await lane.picture(), at).toEqual(healthy(lane));
            expect(await lane.answers(), at).toEqual([version, version]);
            expect(memory.rollout.kind, at).toBe("idle");
          },
        );
        expect(calls).toBeGreaterThanOrEqual(FEWEST_CALLS);
      }),
    );
  }

  for (const [words, between] of [
    ["must leave both services up, and be finished when it is back", nothing],
    ["and the state directory lost must do the same", loseState],
  ] as const) {
    it(`while the registry is down ${words}`, { timeout: LIMIT_MS }, () =>
      onLane(async (lane) => {
        await killEverywhere(
          lane,
          "after",
          3,
          () => lane.release(),
          async (version, at) => {
            await between(lane);
            lane.setRegistryDown(true);
            await lane.world.look();
            expect(await settledPicture(lane, between), at).toEqual(healthy(lane));
            lane.setRegistryDown(false);
            await lane.world.restart();
            await lane.world.look({ force: true });
            expect(await lane.picture(), at).toEqual(healthy(lane));
            expect(await lane.answers(), at).toEqual([version, version]);
          },
        );
      }),
    );
  }
});

/** Without a journal nobody knows, while no registry answers, what a replacement that never ran was made for. */
async function settledPicture(lane: Lane, between: Between): Promise<readonly string[]> {
  const picture = await lane.picture();
  return between === loseState ? picture.filter((one) => !one.includes(".next")) : picture;
}

describe.concurrent("a failing update that is killed", () => {
  for (const [words, when, stride, between] of [
    ["just after each call", "after", 1, nothing],
    ["just before each call", "before", 1, nothing],
    ["just after every other call, its state directory lost", "after", 2, loseState],
    ["just before every third call, its journal's last line torn", "before", 3, tearJournal],
  ] as const) {
    it(`${words} must end with the same old containers, and hold what failed`, { timeout: LIMIT_MS }, () =>
      onLane(async (lane) => {
        const old = (await lane.world.containers()).map((c) => c.id).sort();
        const good = lane.version;
        const calls = await killEverywhere(
          lane,
          when,
          stride,
          () => lane.release(FAILING_PROBE),
          async (_version, at) => {
            await between(lane);
            await lane.world.look();
            await lane.world.look();
            expect(await lane.picture(), at).toEqual(healthy(lane));
            expect((await lane.world.containers()).map((c) => c.id).sort(), at).toEqual(old);
            expect(await lane.answers(), at).toEqual([good, good]);
            // Whoever loses the journal loses the quarantine with it: it may be tried once more, after a pause.
            if (between !== loseState) expect(lane.world.held(), at).toMatchObject({ web: "Quarantined" });
          },
        );
        expect(calls).toBeGreaterThanOrEqual(FEWEST_CALLS);
      }),
    );
  }
});
