// Puts a manifest or a list under a tag (distribution-spec, Pushing Manifests) and holds the registry to the very same bytes.
// Refuses any answer but 201.
import { BoardhandError, type Digest, type ImageReference } from "../../core/model/index.ts";
import type { Clock } from "../../ports/index.ts";
import type { Endpoint } from "./endpoint.ts";
import { answeredAt, protocolFailure, statusFailure } from "./failures.ts";
import { sha256 } from "./questions.ts";
import type { Session } from "./session.ts";
import type { Answer } from "./transport.ts";

const ANSWER_MAX_BYTES = 64 * 1024;
const WORDS_MAX = 200;

export interface PushedDocument {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export type Push = (
  endpoint: Endpoint,
  image: ImageReference,
  tag: string,
  document: PushedDocument,
) => Promise<Digest>;

/** The registry's own words, `: TAG_IMMUTABLE, the tag exists`; empty when it has none. It may be anybody's text. */
function ownWords(body: Buffer): string {
  let said: { readonly errors?: unknown } | null;
  try {
    said = JSON.parse(body.toString("utf8"));
  } catch {
    return "";
  }
  const first: unknown = Array.isArray(said?.errors) ? said.errors[0] : null;
  const { code, message } = (first ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  const words = [code, message].filter((one) => typeof one === "string" && one !== "").join(", ");
  const printable = words.replace(/[^\x20-\x7e]+/g, " ").trim();
  return printable === "" ? "" : `: ${printable.slice(0, WORDS_MAX)}`;
}

function refused(host: string, what: string, answer: Answer, nowMs: number): BoardhandError {
  const { status } = answer;
  const said = ownWords(answer.body);
  if (status === 401 || status === 403) {
    return new BoardhandError("E_REGISTRY_AUTH", `${host} refuses a push to ${what} (${status})${said}`, {
      retry: "never",
      hint: "Check the name, and that the credentials may push there, not only pull.",
      data: { host, status },
    });
  }
  if (status === 404) {
    return new BoardhandError("E_REGISTRY_NOT_FOUND", `${host} has no place for ${what} (404)${said}`, {
      retry: "never",
      hint: "Some registries want a repository to be made before anything is pushed to it.",
      data: { host, status },
    });
  }
  if (status >= 300 && status < 400) {
    return protocolFailure(host, `it answers the push of ${what} with a redirect (${status}) that ends it`);
  }
  if (status === 429 || status >= 500) {
    const retryAfter = answer.header("retry-after");
    return statusFailure({ host, what: `the push of ${what}${said}`, status, retryAfter, nowMs });
  }
  return new BoardhandError("E_REGISTRY_PROTOCOL", `${host} does not take ${what} (${status})${said}`, {
    retry: "never",
    hint: "The registry says why; some are read-only, or forbid to move a tag.",
    data: { host, status },
  });
}

export function createPush({
  session,
  clock,
}: {
  readonly session: Session;
  readonly clock: Pick<Clock, "now">;
}): Push {
  return async (endpoint, image, tag, { mediaType, bytes }) => {
    const { host } = endpoint;
    const { repository } = image;
    const what = `${repository}:${tag}`;
    const digest = sha256(bytes);
    const answer = await session.send({
      endpoint,
      repository,
      path: `manifests/${tag}`,
      method: "PUT",
      accept: [],
      content: { type: mediaType, bytes },
      maxBytes: ANSWER_MAX_BYTES,
    });
    if (answer.status !== 201) throw refused(host, what, answer, answeredAt(answer, clock.now()));
    const taken = answer.header("docker-content-digest");
    if (taken === null || taken === digest) return digest;
    throw protocolFailure(host, `it took other bytes for ${what} than were sent (${taken.slice(0, 80)})`);
  };
}
