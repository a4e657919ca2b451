// What a webhook may say: look at this repository and tag again. Which image that is, the registry decides.

/** A hint, never an instruction: made by whoever reached the webhook, checked for grammar and for nothing else. */
export interface PushHint {
  /** `host[:port]` as the sender names it, Docker Hub as `docker.io`; null when the payload does not say. */
  readonly registry: string | null;
  /** Path below the host, with `library/` for Docker Hub's own images; lower-case. */
  readonly repository: string;
  readonly tag: string;
}

/** What became of the pushes and requests since the agent started; for the status. */
export interface WebhookCounts {
  /** Pushes that a project is interested in. */
  readonly taken: number;
  /** Pushes of a repository or tag that no project uses. */
  readonly unknown: number;
  /** Events that are no push of a tag, and bodies that could not be read. */
  readonly ignored: number;
  /** Pushes that were told before, by their id. */
  readonly duplicates: number;
  /** Pushes that were lost because too many looks were waiting. */
  readonly full: number;
  /** Requests with a wrong provider, token, signature or header. */
  readonly refused: number;
}
