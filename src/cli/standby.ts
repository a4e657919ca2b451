// Whose turn it is: in a container, an agent acts only while no other agent of this engine was started before it. Until
// then it opens no journal for writing and looks at nothing, and its page says for whom it stands by.
import { systemClock } from "../adapters/clock/index.ts";
import { assemble, createIdentity } from "../agent.ts";
import { BoardhandError, shortDigest } from "../core/model/index.ts";
import { createApp, listen } from "../http/index.ts";
import type { Agents } from "../ports/index.ts";
import { askEngine } from "../reconcile/ground.ts";
import type { Self } from "../self-update/identity.ts";
import { agentsBefore, isDaemon } from "../self-update/standby.ts";
import type { CliContext } from "./context.ts";
import { httpView } from "./http-view.ts";

/** How often the engine is asked while another agent acts, or while it does not answer. */
const ASK_EVERY_MS = 2000;

export interface Turns {
  /** Why this agent has to wait, one sentence; null when it is its turn. Throws as the engine does. */
  ask(): Promise<string | null>;
}

export function createTurns(self: () => Promise<Self | null>, agents: Agents): Turns {
  return {
    async ask() {
      const own = await self();
      if (own === null) return null;
      for (const { id, name } of agentsBefore(own.id, await agents.list())) {
        const blueprint = await agents.blueprint(id);
        if (blueprint !== null && isDaemon(blueprint.container))
          return `stands by for ${name} (${shortDigest(id)}), which was started before and acts`;
      }
      return null;
    },
  };
}

/**
 * Resolves when it is this agent's turn, or the signal has aborted, with the container that it runs in; null outside of
 * one. Serves the page meanwhile.
 */
export async function awaitTurn(ctx: CliContext): Promise<Self | null> {
  const { config, log, signal } = ctx;
  const clock = systemClock();
  const { agents, self } = createIdentity({ config, log }, clock);
  const turns = createTurns(self, agents);
  const waiting = { reason: "" as string | null, page: null as StandbyPage | null };
  try {
    while (!signal.aborted) {
      const reason = await turns.ask().catch(unanswered);
      if (reason === null) return await self();
      if (reason !== waiting.reason && reason !== NO_ANSWER) log.info({}, reason);
      waiting.reason = reason;
      waiting.page ??= await openPage(ctx, () => (waiting.reason === NO_ANSWER ? null : waiting.reason));
      await clock.sleep(ASK_EVERY_MS, signal).catch(() => undefined);
    }
    return null;
  } finally {
    await waiting.page?.close();
  }
}

const NO_ANSWER = "the engine does not answer";

/** An engine that cannot be asked is waited for; what no waiting cures is thrown. */
function unanswered(error: unknown): string {
  if (error instanceof BoardhandError && error.retry === "backoff") return NO_ANSWER;
  throw error;
}

interface StandbyPage {
  close(): Promise<void>;
}

/** The page of an agent that changes nothing. */
async function openPage(ctx: CliContext, standby: () => string | null): Promise<StandbyPage> {
  const { config, log } = ctx;
  const over = new AbortController();
  const signal = AbortSignal.any([ctx.signal, over.signal]);
  const parts = await assemble({ config, log, signal, progress: () => undefined, readOnly: true });
  const view = httpView({
    parts,
    listeners: new Set(),
    token: null,
    webhooks: null,
    nextAt: () => null,
    standby,
    selfUpdate: null,
  });
  await parts.sources.list();
  const server = await listen(createApp(view), config.http);
  askEngine(parts.ground);
  return {
    async close() {
      over.abort();
      await server.close();
      await parts.journal.close();
    },
  };
}
