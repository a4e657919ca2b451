// Containers of a hand-over for tests: the old agent, its successor and the updater.
import type { HandOver } from "../../src/core/model/index.ts";
import { type HandOverView, NOTHING_SEEN, type Party } from "../../src/self-update/hand-over.ts";

export const OLD = "a".repeat(64);
export const NEW = "b".repeat(64);
export const UPDATER = "c".repeat(64);

export const RECORD: HandOver = {
  old: OLD,
  successor: NEW,
  name: "boardhand",
  restartPolicy: "unless-stopped",
  digest: `sha256:${"d".repeat(64)}`,
};

export function party(parts: Partial<Party>): Party {
  return {
    id: OLD,
    name: "boardhand",
    state: "running",
    exitCode: 0,
    error: "",
    startedAt: 1,
    restartPolicy: "unless-stopped",
    ...parts,
  };
}

/** As an agent leaves it when it has made its successor and the updater; `parts` is what has changed since. */
export function view(parts: Partial<HandOverView> = {}): HandOverView {
  return {
    actor: "updater",
    record: RECORD,
    old: party({}),
    successor: party({ id: NEW, name: "boardhand.next", state: "created", startedAt: null }),
    updater: party({ id: UPDATER, name: "boardhand.updater", restartPolicy: "always" }),
    seen: NOTHING_SEEN,
    ...parts,
  };
}
