// Webhooks as a trigger: from checked deliveries to hints which repository and tag to look at again. Each is offered at once
// to a sink that never waits; what the sender calls the push is heard once. Nothing here believes what an image is.
import type { PushHint, Secret, WebhookCounts } from "../../core/model/index.ts";
import type {
  Clock,
  Log,
  PushCallback,
  PushSink,
  WebhookDoor,
  WebhookHeaders,
  WebhookOutcome,
  WebhookSender,
} from "../../ports/index.ts";
import { callbackOf } from "./callback.ts";
import { hintOf } from "./hint.ts";
import type { Provider, Push } from "./provider.ts";
import { PROVIDERS } from "./providers.ts";
import { Seen } from "./seen.ts";

export interface WebhookOptions {
  /** What ends the path of every hook. */
  readonly token: Secret;
  /** By provider, what its deliveries must prove besides; a provider that is not there needs the token alone. */
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly sink: PushSink;
  /** Null: Docker Hub's `callback_url` is left alone. */
  readonly callback: PushCallback | null;
  readonly clock: Pick<Clock, "monotonic">;
  readonly log: Log;
}

type Tally = { -readonly [K in keyof WebhookCounts]: WebhookCounts[K] };
type Answer = Exclude<keyof WebhookOutcome, "ignored">;

export class Webhooks implements WebhookDoor {
  readonly token: Secret;
  readonly senders: ReadonlyMap<string, WebhookSender>;
  readonly #options: WebhookOptions;
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #seen: Seen;
  readonly #counts: Tally = { taken: 0, unknown: 0, ignored: 0, duplicates: 0, full: 0, refused: 0 };

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.token = options.token;
    this.#providers = new Map(PROVIDERS.map((provider) => [provider.name, provider]));
    this.senders = new Map(
      PROVIDERS.map(({ name, proofs, neverRefuse }) => [
        name,
        { proofs, neverRefuse, secret: options.secrets.get(name) ?? null },
      ]),
    );
    this.#seen = new Seen(() => options.clock.monotonic());
  }

  /** Since the agent started. */
  counts(): WebhookCounts {
    return { ...this.#counts };
  }

  count(what: "refused" | "ignored"): void {
    this.#counts[what] += 1;
  }

  take(name: string, payload: unknown, headers: WebhookHeaders): ReturnType<WebhookDoor["take"]> {
    const pushes = this.#providers.get(name)?.read(payload, headers) ?? [];
    const outcome = { taken: 0, unknown: 0, ignored: 0, duplicates: 0, full: 0 };
    for (const push of pushes) {
      const hint = hintOf(push);
      if (hint === null) outcome.ignored += 1;
      else outcome[this.#offer(name, push, hint)] += 1;
    }
    if (pushes.length === 0) outcome.ignored = 1;
    for (const key of ["taken", "unknown", "ignored", "duplicates", "full"] as const)
      this.#counts[key] += outcome[key];
    return { outcome, afterAnswer: () => this.#confirm(name, payload, outcome) };
  }

  #offer(provider: string, push: Push, hint: PushHint): Answer {
    const id =
      push.id === "" ? null : [provider, push.id, hint.registry, hint.repository, hint.tag].join("\n");
    const answer = id !== null && this.#seen.has(id) ? "duplicates" : this.#options.sink.offer(hint);
    // What found no room may be sent again, and a repetition does not make it last longer.
    if (id !== null && answer !== "full" && answer !== "duplicates") this.#seen.add(id);
    const { repository, tag } = hint;
    this.#options.log.debug({ provider, repository, tag, answer }, "a webhook tells of a push");
    return answer;
  }

  #confirm(provider: string, payload: unknown, { taken }: WebhookOutcome): void {
    const { callback } = this.#options;
    if (callback === null || provider !== "dockerhub" || taken === 0) return;
    const url = callbackOf(payload);
    if (url !== null) callback.confirm(url);
  }
}
