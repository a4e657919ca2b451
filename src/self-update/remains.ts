// What a hand-over has left on the engine, by names, states and labels alone. Pure: tells what is there and what it means,
// and touches only what an agent has made.

import { AGENT, type AgentContainer, type HandOver } from "../core/model/index.ts";
import { isUp } from "../core/plan/index.ts";
import { readHandOver } from "./updater.ts";

export interface Remains {
  /** An updater is at work: nobody else moves anything. */
  readonly updater: AgentContainer | null;
  /** A hand-over that nobody carries on, and which of the two this agent is. */
  readonly open: { readonly record: HandOver; readonly actor: "old" | "successor" } | null;
  /** Successors that did not become the agent, and updaters that ended without success. */
  readonly failed: readonly AgentContainer[];
  /** Nobody needs them any more. */
  readonly useless: readonly AgentContainer[];
}

const FAILED = /\.failed-([0-9a-f]{12})$/;

/** As the agent `self` has to see it, while no update of its own is being prepared. */
export function remainsOf(self: string, agents: readonly AgentContainer[]): Remains {
  const own = agents.find(({ id }) => id === self);
  const updaters = agents.filter(({ role }) => role === "updater");
  const ended = updaters.filter((one) => !isUp(one));
  const preflights = agents.filter(({ role }) => role === "preflight");
  const hopeless = agents.filter((one) => one.id !== self && hasFailed(one) && !isUp(one));
  const unsuccessful = ended.filter(
    ({ state, exitCode, labels }) => state === "exited" && exitCode === 1 && labels[AGENT.old] === self,
  );
  const records = own === undefined ? [] : recordsOf(own, agents);
  const open = records.flatMap((record) => openFor(record, own, agents))[0] ?? null;
  return {
    updater: updaters.find(isUp) ?? null,
    open,
    failed: [...hopeless, ...unsuccessful],
    useless: [...preflights, ...ended, ...agents.filter((one) => neverBegun(one, own, agents))],
  };
}

/** Every hand-over that this agent has a part in. */
function recordsOf(own: AgentContainer, agents: readonly AgentContainer[]): readonly HandOver[] {
  const all = agents.flatMap((one) => recordOf(one) ?? []);
  return all.filter(({ old, successor }) => old === own.id || successor === own.id);
}

/** The record on a successor or an updater; null on others. */
export function recordOf({ id, role, labels }: AgentContainer): HandOver | null {
  // A container cannot name its own id when it is made.
  return readHandOver(role === "agent" ? { ...labels, [AGENT.successor]: id } : labels);
}

function openFor(
  record: HandOver,
  own: AgentContainer | undefined,
  agents: readonly AgentContainer[],
): readonly NonNullable<Remains["open"]>[] {
  const { old, successor, name } = record;
  if (own === undefined) return [];
  if (own.id === successor) {
    const before = agents.some(({ id }) => id === old);
    return before || own.name !== name ? [{ record, actor: "successor" }] : [];
  }
  const next = agents.find(({ id }) => id === successor);
  const inPlace = own.name === name && own.restartPolicy === record.restartPolicy;
  const settled = next === undefined || isMade(next, record) || (hasFailed(next) && !isUp(next));
  return inPlace && settled ? [] : [{ record, actor: "old" }];
}

/** Made, and nothing has been moved since. */
function isMade(successor: AgentContainer, { name }: HandOver): boolean {
  return successor.name === `${name}.next` && !isUp(successor);
}

function neverBegun(
  one: AgentContainer,
  own: AgentContainer | undefined,
  agents: readonly AgentContainer[],
): boolean {
  const record = one.role === "agent" ? recordOf(one) : null;
  if (record === null || own === undefined || record.old !== own.id) return false;
  return isMade(one, record) && openFor(record, own, agents).length === 0;
}

function hasFailed({ id, role, name }: AgentContainer): boolean {
  return role === "agent" && id.startsWith(FAILED.exec(name)?.[1] ?? "-");
}
