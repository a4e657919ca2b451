// Containers of the model board: how they behave, what can happen to them, and when dockerd starts one again.
import { BoardhandError } from "../../src/core/model/index.ts";
import type { Party } from "../../src/self-update/hand-over.ts";

export type Behaviour = "well" | "slow" | "never-well" | "hangs" | "exits" | "exits-later" | "refuses";

export interface Fault {
  /** The n-th call, from 1. */
  readonly n: number;
  readonly when: "before" | "after";
  /**
   * `power`: all processes end at once and the board boots. `crash`: dockerd is killed, and stops what still runs when it
   * starts again. `restart`: dockerd ends well and starts again. `away`: it answers nobody for some calls.
   */
  readonly what:
    | "kill"
    | "power"
    | "crash"
    | "restart"
    | "away"
    | "stop-updater"
    | "remove-updater"
    | "remove-old"
    | "remove-successor";
}

export interface Box extends Party {
  /** A stop by hand, which `unless-stopped` remembers. */
  readonly stopped: boolean;
  readonly ran: boolean;
  readonly restarts: number;
  /** When a process of it ends by itself, and when the engine starts it again. */
  readonly endsAt: number | null;
  readonly startsAt: number | null;
}

/** moby's restart manager; the count of `on-failure` matters to nothing here. */
export function mayRestart({ restartPolicy, stopped, exitCode }: Box): boolean {
  if (restartPolicy === "always") return true;
  if (restartPolicy === "unless-stopped") return !stopped;
  return restartPolicy.startsWith("on-failure") && exitCode !== 0;
}

export function refusal(status: number, message: string): BoardhandError {
  return new BoardhandError("E_ENGINE_REFUSED", message, {
    retry: status >= 500 ? "backoff" : "never",
    data: { status, reason: message },
  });
}
