// Webhooks of the running agent: the door, the looks behind it, and what is told about them. Reads tokens and secrets once.
import { readHookTokenFile, readSecretFile } from "../adapters/config/index.ts";
import { createHubCallback } from "../adapters/hub-callback/index.ts";
import type { Parts } from "../agent.ts";
import { AGENT_PROJECT, type Secret, type Trigger } from "../core/model/index.ts";
import { type LastDelivery, type WebhookStatus, webhookStatus } from "../core/status/index.ts";
import type { WebhookDoor } from "../ports/index.ts";
import { emptyView } from "../reconcile/deps.ts";
import { createPushedProjects } from "../reconcile/pushed.ts";
import type { SelfUpdate } from "../self-update/look.ts";
import { Webhooks } from "../triggers/webhooks/index.ts";
import { PushLooks } from "../triggers/webhooks/looks.ts";

export interface RunningWebhooks {
  readonly door: WebhookDoor;
  status(): WebhookStatus;
  stop(): void;
}

/** Null where no token is configured. Throws E_CONFIG for a token or secret that cannot be used. */
export async function startWebhooks(
  parts: Parts,
  selfUpdate: SelfUpdate | null,
  enqueue: (trigger: Trigger) => void,
): Promise<RunningWebhooks | null> {
  const { clock, log, config } = parts;
  const { tokenFile, callback } = config.webhooks;
  if (tokenFile === null) return null;
  const token = await readHookTokenFile(tokenFile, (message) => log.warn({}, message));
  const secrets = await readSecrets(parts);
  const looks = new PushLooks({ projects: pushedProjects(parts, selfUpdate), enqueue, clock, log });
  const webhooks = new Webhooks({
    token,
    secrets,
    sink: looks,
    callback: callback ? createHubCallback(log) : null,
    clock,
    log,
  });
  let last: LastDelivery | null = null;
  const door: WebhookDoor = {
    token,
    senders: webhooks.senders,
    count: (what) => webhooks.count(what),
    take(provider, payload, headers) {
      const before = looks.last();
      const taken = webhooks.take(provider, payload, headers);
      const push = looks.last() === before ? null : looks.last();
      // A registry also tells of each read that a look makes: that must not hide what it told of before.
      if (push !== null || last === null || last.push === null)
        last = { at: clock.now(), provider, push, repeated: taken.outcome.duplicates > 0 };
      return taken;
    },
  };
  return {
    door,
    status: () => webhookStatus(webhooks.counts(), current(last, looks)),
    stop: () => looks.stop(),
  };
}

/** What has come of the push by now. */
function current(last: LastDelivery | null, looks: PushLooks): LastDelivery | null {
  const now = looks.last();
  return last === null || last.push === null || now?.hint !== last.push.hint ? last : { ...last, push: now };
}

async function readSecrets({ config, log }: Parts): Promise<ReadonlyMap<string, Secret>> {
  const secrets = new Map<string, Secret>();
  for (const [provider, file] of Object.entries(config.webhooks.secretFiles)) {
    secrets.set(provider, await readSecretFile(file, (message) => log.warn({}, message)));
  }
  return secrets;
}

/** The agent itself is one of them: it follows its image as they do. */
function pushedProjects(
  { sources, reconciler, loader, ground, config }: Parts,
  selfUpdate: SelfUpdate | null,
) {
  return createPushedProjects({
    known: () => [...sources.known(), ...(selfUpdate === null ? [] : [AGENT_PROJECT])],
    view: (name) =>
      name === AGENT_PROJECT && selfUpdate !== null
        ? { ...emptyView(name), ...selfUpdate.view() }
        : reconciler.view(name),
    read: async (name) => {
      const source = await sources.find(name);
      const loaded = source === null ? null : await loader.load(source);
      return loaded?.kind === "loaded" ? loaded.project : null;
    },
    ground,
    registries: config.registries,
  });
}
