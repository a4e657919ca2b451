// Every call of a rollout may fail, be lost, hang, or be the agent's last. All is well afterwards: what is wanted runs and
// nothing is left over. `make test-faults` asks for every call; else a seed chooses a few.
import { beforeAll, describe, expect, it } from "vitest";
import { buildAgent } from "../daemon/process.ts";
import { FaultBoard } from "./board.ts";
import { FAULTS, type FaultKind } from "./faults.ts";
import type { Way } from "./parts.ts";
import { ROLLOUTS, type RolloutKind } from "./rollouts.ts";
import { failures, isThinned, isWhole, seed, sweep } from "./sweep.ts";

/** A few, or hundreds, on a machine that has much else to do. */
const LIMIT_MS = isWhole ? 7_200_000 : 600_000;

beforeAll(async () => {
  await buildAgent();
  if (!isWhole) process.stderr.write(`the sample of faults: SEED=${seed}\n`);
});

function obligation(kind: RolloutKind, fault: FaultKind, way: Way): void {
  const title = `whose n-th ${way} call ${fault.words} must end where it should, with nothing left over`;
  it(title, { timeout: LIMIT_MS }, async () => {
    const done = await sweep(kind, fault, way, () => FaultBoard.create(kind));
    if (!isThinned) expect(done.length).toBeGreaterThan(0);
    expect(failures(done)).toEqual([]);
  });
}

for (const kind of ROLLOUTS)
  describe.concurrent(`a rollout (${kind.name})`, () => {
    for (const fault of FAULTS) obligation(kind, fault, "engine");
    // A registry is only asked: before and after are the same for it. The agent asks it, and the engine that pulls.
    if (kind.asksRegistry === true)
      for (const fault of FAULTS.filter((one) => !one.done)) obligation(kind, fault, "registry");
  });
