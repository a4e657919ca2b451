// Every call of a self-update may fail, be lost, hang, or be the last of whoever makes it. All is well afterwards: there is
// one agent, and it says what happened. `make test-faults` asks for every call; else a seed chooses a few.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { currentEngine } from "../../lab/current-engine.ts";
import { type LabEngineOptions, startEngine } from "../../lab/engine.ts";
import { FAULTS, type FaultKind } from "../faults/faults.ts";
import type { Way } from "../faults/parts.ts";
import type { Where } from "../faults/striker.ts";
import { type Board, chance, failures, isThinned, isWhole, seed, sweep } from "../faults/sweep.ts";
import { SelfUpdateBoard, type SelfUpdateKind } from "./fault-board.ts";
import { buildFaultImages } from "./fault-image.ts";

const LIMIT_MS = isWhole ? 7_200_000 : 900_000;

const KINDS: readonly SelfUpdateKind[] = [
  {
    name: "self-update, the agent's calls",
    who: "agent",
    offers: "good",
    calls: { all: 36, changes: 8, registry: 6 },
    asksRegistry: true,
  },
  {
    name: "self-update, the updater's calls",
    who: "updater",
    offers: "good",
    calls: { all: 40, changes: 12, registry: 0 },
  },
  {
    name: "self-update that fails, the updater's calls",
    who: "updater",
    offers: "broken",
    calls: { all: 40, changes: 12, registry: 0 },
  },
  {
    name: "self-update, the pre-flight doctor's calls",
    who: "preflight",
    offers: "good",
    calls: { all: 5, changes: 0, registry: 0 },
  },
];

/** `ENGINE=current`: on a current engine, for the whole matrix alone. */
const onCurrent = process.env.ENGINE === "current";
let engineOptions: LabEngineOptions = {};

beforeAll(async () => {
  await buildFaultImages();
  if (isWhole && onCurrent) engineOptions = await currentEngine();
  if (!isWhole) process.stderr.write(`the sample of faults: SEED=${seed}\n`);
}, 600_000);

function obligation(kind: SelfUpdateKind, fault: FaultKind, way: Way): void {
  const title = `whose n-th ${way} call ${fault.words} must end with one agent, and with nothing left over`;
  it(title, { timeout: LIMIT_MS }, async () => {
    const name = onCurrent ? `${kind.name}, current engine` : kind.name;
    const done = await sweep({ ...kind, name }, fault, way, () => onEngineOfItsOwn(kind));
    if (!isThinned) expect(done.length).toBeGreaterThan(0);
    expect(failures(done)).toEqual([]);
  });
}

async function onEngineOfItsOwn(kind: SelfUpdateKind): Promise<Board> {
  const engine = await startEngine(engineOptions);
  const board = await SelfUpdateBoard.create(engine.host);
  return {
    run: (way, fault, n) => board.run(kind, way, fault, n),
    async end() {
      await board.end();
      await engine.stop();
    },
  };
}

for (const kind of KINDS)
  describe.runIf(isWhole).concurrent(`a ${kind.name}`, () => {
    for (const fault of FAULTS.filter(({ done }) => !done || kind.calls.changes > 0))
      obligation(kind, fault, "engine");
    if (kind.asksRegistry === true)
      for (const fault of FAULTS.filter(({ done }) => !done)) obligation(kind, fault, "registry");
  });

/** Whose clock need not leap. */
const QUICK = FAULTS.filter(({ reply }) => reply !== "silence");

interface Sample {
  readonly kind: SelfUpdateKind;
  readonly fault: FaultKind;
  readonly where: Where;
}

/**
 * A call of each kind with a fault, as the seed has them. Of the agent it is the moment when there is a successor and no
 * updater yet, and of the doctor its end, which must be held against no image.
 */
const SAMPLE: readonly Sample[] = KINDS.map((kind) => {
  if (kind.who === "agent") return { kind, fault: named("killed after"), where: /\/containers\/create$/ };
  const byChance = QUICK[Math.floor(chance(kind.name) * QUICK.length)] ?? named("cut");
  const fault = kind.who === "preflight" ? named("killed before") : byChance;
  const among = fault.done ? kind.calls.changes : kind.calls.all;
  return { kind, fault, where: 1 + Math.floor(chance(kind.name, "n") * among) };
});

function named(name: string): FaultKind {
  const found = FAULTS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no fault is called ${name}`);
  return found;
}

describe.skipIf(isWhole)("a board whose agent makes a", () => {
  let board: SelfUpdateBoard;
  beforeAll(async () => {
    board = await SelfUpdateBoard.create(inject("engineHost"));
  });
  afterAll(() => board.end());

  const rows = SAMPLE.map(
    (one) => [`${one.kind.name}, of which ${one.where} ${one.fault.words},`, one] as const,
  );
  it.each(rows)(
    "%s must end with one agent, and with nothing left over",
    { timeout: LIMIT_MS },
    async (_, one) => {
      expect(await board.run(one.kind, "engine", one.fault, one.where)).toMatchObject({ problems: [] });
    },
  );
});
