// A door with a sink that writes down what it is offered, and the recorded deliveries.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type PushHint, Secret } from "../../../src/core/model/index.ts";
import type { LogFields, PushSink, WebhookHeaders } from "../../../src/ports/index.ts";
import { type WebhookOptions, Webhooks } from "../../../src/triggers/webhooks/index.ts";
import type { Push } from "../../../src/triggers/webhooks/provider.ts";

export const TOKEN = "unguessable-token-of-the-hooks-0123456789";

export interface Delivery {
  readonly provider: string;
  readonly name: string;
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: unknown;
  readonly pushes: readonly Push[];
}

const folder = fileURLToPath(new URL("./fixtures", import.meta.url));

export const DELIVERIES: readonly Delivery[] = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: provider }) =>
    readdirSync(join(folder, provider)).map((file) => ({
      provider,
      name: file.replace(/\.json$/, ""),
      ...(JSON.parse(readFileSync(join(folder, provider, file), "utf8")) as Omit<
        Delivery,
        "provider" | "name"
      >),
    })),
  );

export function deliveryOf(provider: string, name: string): Delivery {
  const found = DELIVERIES.find((one) => one.provider === provider && one.name === name);
  if (found === undefined) throw new Error(`no fixture ${provider}/${name}`);
  return found;
}

export class Door {
  readonly offered: PushHint[] = [];
  readonly confirmed: string[] = [];
  readonly logged: { readonly fields: LogFields; readonly message: string }[] = [];
  answer: ReturnType<PushSink["offer"]> = "taken";
  now = 0;
  readonly webhooks: Webhooks;

  constructor(over: Partial<WebhookOptions> = {}) {
    const record = (fields: LogFields, message: string): void => {
      this.logged.push({ fields, message });
    };
    this.webhooks = new Webhooks({
      token: new Secret(TOKEN),
      secrets: new Map(),
      sink: {
        offer: (hint) => {
          this.offered.push(hint);
          return this.answer;
        },
      },
      callback: { confirm: (url) => this.confirmed.push(url) },
      clock: { monotonic: () => this.now },
      log: { debug: record, info: record, warn: record, error: record },
      ...over,
    });
  }

  take(provider: string, payload: unknown, headers: WebhookHeaders = {}): ReturnType<Webhooks["take"]> {
    return this.webhooks.take(provider, payload, headers);
  }
}
