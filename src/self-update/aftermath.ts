// After a hand-over, or what was to be one: what nobody carries on is carried on, what came of it is written down, and what
// it left is cleared away. Comes first in every look of an agent at itself, so that a crash anywhere changes nothing.
import { AGENT, type AgentContainer, BOARDHAND, shortDigest } from "../core/model/index.ts";
import { carryOut } from "./carry-out.ts";
import type { SelfDeps } from "./deps.ts";
import { tagBack } from "./make.ts";
import { lastWords } from "./preflight.ts";
import { cleared, memoryOf, refuse, settled } from "./record.ts";
import { type Remains, remainsOf } from "./remains.ts";

export type Aftermath =
  /** An updater is at work; look again in so many ms. */
  | { readonly kind: "underWay"; readonly ms: number; readonly updater: string }
  /** Asked to stop in the middle. */
  | { readonly kind: "interrupted" }
  /** Nothing is left, and this is what the agent's own container is called. */
  | { readonly kind: "clear"; readonly name: string };

/** How often an agent looks whether its updater is still there. */
const LOOK_EVERY_MS = 2000;
const MAX_LOG_BYTES = 4000;

/** Throws as the engine and the journal do. */
export async function clearUp(patience: Patience, deps: SelfDeps): Promise<Aftermath> {
  const { self, agents, engine } = deps;
  let seen = remainsOf(self.id, await agents.list());
  let given: Blame | null = null;
  if (seen.updater !== null) {
    if (!patience.isOver(seen.updater, deps.clock.monotonic()))
      return { kind: "underWay", ms: LOOK_EVERY_MS, updater: seen.updater.name };
    given = { digest: seen.updater.labels[AGENT.digest] ?? "", reason: await reasonOf([seen.updater], deps) };
    deps.log.warn({ updater: seen.updater.name }, "the updater gets nowhere and is given up");
    // The record outlives it on the successor.
    await engine.removeContainer(seen.updater.id);
    seen = remainsOf(self.id, await agents.list());
  }
  if (seen.open !== null) {
    const end = await carryOn(seen.open, deps);
    if (end === null) return { kind: "interrupted" };
    seen = remainsOf(self.id, await agents.list());
  }
  const own = (await agents.list()).find(({ id }) => id === self.id);
  await writeDown(given ?? (await blameOf(seen.failed, deps)), own, deps);
  for (const { id } of [...seen.failed, ...seen.useless]) await engine.removeContainer(id);
  return { kind: "clear", name: own?.name ?? "" };
}

function carryOn({ record, actor }: NonNullable<Remains["open"]>, deps: SelfDeps) {
  const { engine, agents, clock, log, signal, rollout, self } = deps;
  log.warn({ successor: record.successor }, "nobody carries on a hand-over between agents: this one does");
  return carryOut({ engine, agents, clock, log, signal, ...rollout }, record, { as: actor, id: self.id });
}

/** What failed, and in whose words. */
interface Blame {
  readonly digest: string;
  readonly reason: string;
}

async function blameOf(failed: readonly AgentContainer[], deps: SelfDeps): Promise<Blame | null> {
  const [first] = failed;
  if (first === undefined) return null;
  return { digest: first.labels[AGENT.digest] ?? "", reason: await reasonOf(failed, deps) };
}

async function writeDown(
  blame: Blame | null,
  own: AgentContainer | undefined,
  deps: SelfDeps,
): Promise<void> {
  const { rollout } = memoryOf(deps);
  const expected = rollout.kind === "progressing" ? rollout.to : null;
  if (expected !== null && own?.labels[BOARDHAND.revision] === expected) {
    deps.log.info({ revision: expected }, "this agent was updated");
    return settled(expected, deps);
  }
  if (blame !== null) {
    deps.log.error({ ...blame }, "the update of this agent failed; the old version goes on");
    const [service = deps.self.service?.service ?? "boardhand"] =
      rollout.kind === "progressing" ? rollout.moved : [];
    await refuse({ service, revision: expected, ...blame }, deps);
    if (own !== undefined) await tagBack(own, deps);
    return;
  }
  if (expected !== null) {
    deps.log.warn({ revision: expected }, "an update of this agent came to nothing; it may be tried again");
    await cleared(deps);
  }
}

/** What the successor and the updater had to say. */
async function reasonOf(failed: readonly AgentContainer[], deps: SelfDeps): Promise<string> {
  const words: string[] = [];
  for (const one of failed) {
    const said = lastWords(await deps.agents.logs(one.id, MAX_LOG_BYTES).catch(() => ""));
    const image = shortDigest(one.labels[AGENT.digest] ?? "");
    const who = one.role === "updater" ? "the updater" : `the new version (${image})`;
    const error = one.error === "" ? "" : `, ${one.error}`;
    words.push(`${who} ended with exit code ${one.exitCode}${error}: ${said}`);
  }
  return words.join("; ");
}

/** How long an updater may be at work while the agent that it is to stop still runs. */
const STUCK_MS = 15 * 60_000;
/** A program that does not know what an updater is ends at once, and the engine starts it again. */
const LOOPING_LOOKS = 5;

/** Tells an updater that gets on from one that never will. In memory only: a restart gives it its time again. */
export class Patience {
  #updater: string | null = null;
  #since = 0;
  #loops = 0;

  isOver({ id, state }: Pick<AgentContainer, "id" | "state">, now: number): boolean {
    if (this.#updater !== id) {
      this.#updater = id;
      this.#since = now;
      this.#loops = 0;
    }
    if (state === "restarting") this.#loops += 1;
    return this.#loops >= LOOPING_LOOKS || now - this.#since >= STUCK_MS;
  }
}
