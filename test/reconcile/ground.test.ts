import { describe, expect, it } from "vitest";
import { BoardhandError, type EngineFacts } from "../../src/core/model/index.ts";
import type { Clock } from "../../src/ports/index.ts";
import { createGround, type GroundSource } from "../../src/reconcile/ground.ts";

const FACTS: EngineFacts = {
  version: "20.10.24",
  apiVersion: "1.41",
  arch: "amd64",
  os: "linux",
  kernelArchitecture: "x86_64",
  kernelVersion: "6.1.0",
  operatingSystem: "Debian",
  name: "board",
  store: "classic",
  product: "docker",
  dataRoot: "/var/lib/docker",
  insecureRegistries: [],
  memoryBytes: 1e9,
  cpus: 2,
};

function groundOn(
  facts: () => Promise<EngineFacts>,
  clock: Partial<Pick<Clock, "now" | "monotonic">> = {},
): GroundSource {
  const quiet = (): void => undefined;
  return createGround({
    engine: { facts, startedAt: async () => null } as never,
    self: async () => null,
    host: { cpuModel: async () => null, emulators: async () => [] } as never,
    clock: { now: () => 0, monotonic: () => 0, sleep: async () => undefined, random: () => 0, ...clock },
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    signal: new AbortController().signal,
    platform: "linux/amd64",
  });
}

/** Loses the engine at 1000, gets it back a minute later; the clock was set by `jump` half-way. */
async function lostFor(jump: number) {
  const time = { now: 1_000_000, monotonic: 0 };
  const ground = groundOn(async () => FACTS, { now: () => time.now, monotonic: () => time.monotonic });
  await ground.get();
  expect(ground.away()).toEqual([]);
  ground.lost();
  time.now += 60_000 + jump;
  time.monotonic += 60_000;
  await ground.get();
  return ground.away();
}

describe("an engine that does not answer", () => {
  it("must be told from the first failure until it answers again", async () => {
    const gone = new BoardhandError("E_ENGINE_UNAVAILABLE", "gone", { retry: "backoff" });
    const seen: (string | null)[] = [];
    const answers = [gone, FACTS, gone, gone, FACTS];
    const ground: GroundSource = groundOn(async () => {
      seen.push(ground.trouble());
      const answer = answers.shift();
      if (answer === undefined || answer === gone) throw gone;
      return answer as EngineFacts;
    });
    await ground.get();
    expect(ground.trouble()).toBeNull();
    ground.lost();
    await ground.get();
    seen.push(ground.trouble());
    expect(seen).toEqual(["the engine has not answered yet", "gone", null, "gone", "gone", null]);
  });
});

describe("the time that the engine was away", () => {
  it("must be from its loss to its return", async () => {
    expect(await lostFor(0)).toEqual([{ from: 1_000_000, until: 1_060_000 }]);
  });

  it.each([1e12, -900_000])("must not contain the years that a clock was set by (%i)", async (jump) => {
    expect(await lostFor(jump)).toEqual([
      { from: 1_000_000, until: 1_060_000 },
      { from: 1_000_000 + jump, until: 1_060_000 + jump },
    ]);
  });
});
