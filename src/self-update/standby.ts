// Which of several agents of one engine acts: the one whose container was started first. Whoever lists after his own
// start sees everybody who is older, so nobody has to hold a lock, and one who died leaves none behind.
import type { AgentContainer } from "../core/model/index.ts";

/**
 * The running agents that go before `self`, first first: it stands by while there is one. A paused one may wake up in the
 * middle of what it did, so it counts. Empty when `self` itself is not among the running.
 */
export function agentsBefore(self: string, agents: readonly AgentContainer[]): readonly AgentContainer[] {
  const running = agents.filter(isRunning).sort(startedFirst);
  const at = running.findIndex(({ id }) => id === self);
  return at === -1 ? [] : running.slice(0, at);
}

function isRunning({ role, state }: AgentContainer): boolean {
  return role === "agent" && (state === "running" || state === "paused");
}

/** The texts have all digits of a second; equal ones are told apart by the id. */
function startedFirst(a: AgentContainer, b: AgentContainer): number {
  return compare(a.startedAt ?? "", b.startedAt ?? "") || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Commands of the same image that are no daemons (`doctor`, `build`) keep nobody waiting. */
export function isDaemon(container: Readonly<Record<string, unknown>>): boolean {
  const words = [container.Path, ...(Array.isArray(container.Args) ? container.Args : [])];
  return words.some((word) => typeof word === "string" && /(^|[\s"'])run($|[\s"';])/.test(word));
}
