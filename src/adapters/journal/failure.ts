// From errno to what an operator can do: every failure of the state directory is an E_STATE.
import { BoardhandError } from "../../core/model/index.ts";
import { errnoOf } from "./file-system.ts";

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC:
    "The disk is full: free some space (`docker image prune`, `journalctl --vacuum-size=50M`), then it goes on by itself.",
  EDQUOT: "The quota of this user is used up: free some space, then it goes on by itself.",
  EROFS:
    "The file system is read-only: mount the state directory writable, or look for disk errors in `dmesg`.",
  EACCES:
    "Boardhand may not write there: make it the owner of the state directory, or set another with `state:`.",
  EPERM:
    "Boardhand may not write there: make it the owner of the state directory, or set another with `state:`.",
  EEXIST: "A file or a broken link is in its place: move it away, or set `state:` to a directory.",
  ELOOP: "A link leads to itself: set `state:` to a directory.",
  ENOTDIR: "Part of the path is a file: set `state:` to a directory.",
  EIO: "The disk has errors: see `dmesg`; an SD card that does this wants to be replaced.",
};

/** Disk full and the like may pass, so they are retried. */
const PASSING: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EIO", "EMFILE", "ENFILE"]);

export function stateError(what: string, path: string, error: unknown): BoardhandError {
  if (error instanceof BoardhandError) return error;
  const code = errnoOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  return new BoardhandError("E_STATE", `${path}: ${what}: ${reason}`, {
    retry: PASSING.has(code) ? "backoff" : "never",
    hint: HINTS[code] ?? "Check that the state directory is there and writable.",
    cause: error,
    data: { path, errno: code },
  });
}
