// What went wrong with the engine, in the project's words: not reachable, refused, or too old.
import { BoardhandError } from "../../core/model/index.ts";

/** Nobody answers, or the connection broke: the engine is away and will come back. */
export function unavailable(what: string, cause: unknown): BoardhandError {
  if (cause instanceof BoardhandError) return cause;
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new BoardhandError("E_ENGINE_UNAVAILABLE", `The engine cannot be reached (${what}): ${detail}`, {
    retry: "backoff",
    cause,
    hint: "Check that the container engine is running and that docker.host is its address.",
  });
}

/** The engine answered with a status that is no success; `message` is its own. */
export function refused(what: string, status: number, message: string): BoardhandError {
  return new BoardhandError("E_ENGINE_REFUSED", `The engine refused (${what}): ${message}`, {
    retry: status >= 500 ? "backoff" : "never",
    data: { status, reason: message },
  });
}

/** The engine's answer is not what its API promises. */
export function malformed(what: string, why: string): BoardhandError {
  return new BoardhandError("E_ENGINE_REFUSED", `The engine's answer cannot be used (${what}): ${why}`, {
    retry: "backoff",
  });
}

/** The engine could not get the image. What a registry will say again tomorrow is not retried. */
export function pullFailed(image: string, message: string, status: number | null): BoardhandError {
  const full = /no space left on device|disk quota exceeded/i.test(message);
  const final = /no matching manifest|does not match the specified platform|manifest unknown/i.test(message);
  return new BoardhandError("E_PULL", `The engine could not pull ${image}: ${message}`, {
    retry: final ? "never" : "backoff",
    hint: final
      ? "Check that the image exists in the registry for this board's platform."
      : full
        ? "The disk of the engine's data root is full: make room with `docker image prune`, or take a larger disk."
        : "Check the registry and the network of this board.",
    data: { full, ...(status === null ? {} : { status }) },
  });
}

/** A pull was given up that said nothing for so long. */
export function pullSilent(image: string, ms: number): BoardhandError {
  return new BoardhandError("E_PULL", `The engine could not pull ${image}: no progress for ${ms / 1000} s`, {
    retry: "backoff",
    hint: "Check the registry and the network of this board; if both are well and it says so again, restart the engine, which may still wait for an answer of then.",
    data: { full: false },
  });
}

/** The caller's signal ended the call. */
export function aborted(what: string, cause: unknown): BoardhandError {
  return new BoardhandError("E_ABORTED", `Stopped on request (${what})`, { retry: "backoff", cause });
}
