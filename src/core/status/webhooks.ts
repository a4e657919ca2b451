// What is told about webhooks: how many came, what the last one was about, and what has come of it.
import type { PushHint, WebhookCounts } from "../model/index.ts";
import type { WebhookStatus } from "./types.ts";

export interface LastDelivery {
  /** ms since the epoch. */
  readonly at: number;
  readonly provider: string;
  /** Null when it told of no push, or of one that was told before. */
  readonly push: { readonly hint: PushHint; readonly state: PushWord } | null;
  readonly repeated: boolean;
}

type PushWord = Exclude<NonNullable<WebhookStatus["last"]>["state"], "ignored" | "repeated">;

export function webhookStatus(counts: WebhookCounts, last: LastDelivery | null): WebhookStatus {
  if (last === null) return { counts, last: null };
  const { at, provider, push, repeated } = last;
  const image = push === null ? null : imageOf(push.hint);
  const state = push?.state ?? (repeated ? "repeated" : "ignored");
  return { counts, last: { at: new Date(at).toISOString(), provider, image, state } };
}

function imageOf({ registry, repository, tag }: PushHint): string {
  return `${registry === null ? "" : `${registry}/`}${repository}:${tag}`;
}

const WORDS: Readonly<Record<NonNullable<WebhookStatus["last"]>["state"], string>> = {
  unknown: "no project uses it",
  full: "too many looks were waiting",
  looking: "looking for it in the registry",
  arrived: "the registry shows a new image",
  nothingNew: "the registry showed nothing new within 15 minutes",
  ignored: "no push of a tag",
  repeated: "told before",
};

/** One line for people: what the last delivery was about, without when. */
export function describeDelivery({ provider, image, state }: NonNullable<WebhookStatus["last"]>): string {
  return `${image === null ? "" : `${image} `}from ${provider}: ${WORDS[state]}`;
}

/** One line for people: what was counted since the agent started. */
export function describeCounts(counts: WebhookCounts): string {
  const parts: readonly (readonly [number, string])[] = [
    [counts.taken, "looked for"],
    [counts.unknown, "not used here"],
    [counts.duplicates, "repeated"],
    [counts.ignored, "no push"],
    [counts.full, "dropped"],
    [counts.refused, "refused"],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  return said.length === 0 ? "none yet" : said.join(", ");
}
