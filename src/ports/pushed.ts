// What the looks for webhooks ask about the projects.
import type { PushHint } from "../core/model/index.ts";

/** A service that a push is news for. */
export interface PushTarget {
  readonly project: string;
  readonly service: string;
}

/** The projects as they were last read. */
export interface PushedProjects {
  interested(hint: PushHint): readonly PushTarget[];
  /** Whether there are projects that nobody has read yet: a hint that fits none of the others may be theirs. */
  hasUnread(): boolean;
  /** Reads those. Never rejects. */
  readUnread(): Promise<void>;
  /** What the registry offered this service when it was last asked; null when that was nothing for this board. */
  offered(target: PushTarget): string | null;
}
