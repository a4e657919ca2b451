// The three questions to a registry or a mirror of it: head, manifest, config; each digest is checked against the bytes.
import { createHash } from "node:crypto";
import { isDigest, MANIFEST_TYPES } from "../../core/image/index.ts";
import { BoardhandError, type Digest, type ImageReference } from "../../core/model/index.ts";
import type { Clock, ManifestDocument, ManifestHead } from "../../ports/index.ts";
import type { Endpoint } from "./endpoint.ts";
import { answeredAt, protocolFailure, statusFailure } from "./failures.ts";
import type { Limits } from "./limits.ts";
import type { Session } from "./session.ts";
import type { Answer } from "./transport.ts";

const MANIFEST_MAX_BYTES = 4 * 1024 * 1024;
const CONFIG_MAX_BYTES = 8 * 1024 * 1024;

export interface Questions {
  head(endpoint: Endpoint, image: ImageReference, reference: string): Promise<ManifestHead>;
  manifest(endpoint: Endpoint, image: ImageReference, reference: string): Promise<ManifestDocument>;
  config(endpoint: Endpoint, image: ImageReference, digest: Digest): Promise<unknown>;
}

export interface QuestionOptions {
  readonly session: Session;
  readonly limits: Limits;
  readonly clock: Clock;
}

export function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function mediaTypeOf(answer: Answer): string {
  const header = answer.header("content-type") ?? "";
  return (header.split(";")[0] ?? "").trim();
}

/** Null when the registry does not say; old ones do not. */
function headerDigest(host: string, answer: Answer): Digest | null {
  const header = answer.header("docker-content-digest");
  if (header === null) return null;
  if (!isDigest(header)) throw protocolFailure(host, "its Docker-Content-Digest is not a sha256 digest");
  return header;
}

function checkDigest(host: string, what: string, body: Buffer, wanted: Digest | null): Digest {
  const found = sha256(body);
  if (wanted === null || found === wanted) return found;
  throw new BoardhandError("E_DIGEST_MISMATCH", `${host} sent other bytes for ${what} than ${wanted}`, {
    retry: "backoff",
    hint: "The registry, or a proxy in front of it, is damaged or is lying; nothing was used.",
    data: { host, wanted, found },
  });
}

function parseJson(host: string, what: string, body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw protocolFailure(host, `${what} is not JSON`);
  }
}

function named(image: ImageReference, reference: string): string {
  return `${image.repository}${isDigest(reference) ? "@" : ":"}${reference}`;
}

async function sendManifest(
  { session, limits }: QuestionOptions,
  endpoint: Endpoint,
  { repository }: ImageReference,
  reference: string,
  method: "GET" | "HEAD",
): Promise<Answer> {
  const path = `manifests/${reference}`;
  const bounds = { accept: MANIFEST_TYPES, maxBytes: MANIFEST_MAX_BYTES };
  const answer = await session.send({ endpoint, repository, path, method, ...bounds });
  limits.note(endpoint.host, answer.as, answer.header);
  return answer;
}

export function createQuestions(options: QuestionOptions): Questions {
  const { session, clock } = options;

  function failure(host: string, what: string, answer: Answer): BoardhandError {
    const retryAfter = answer.header("retry-after");
    return statusFailure({
      host,
      what,
      status: answer.status,
      retryAfter,
      nowMs: answeredAt(answer, clock.now()),
    });
  }

  async function manifest(
    endpoint: Endpoint,
    image: ImageReference,
    reference: string,
  ): Promise<ManifestDocument> {
    const { host } = endpoint;
    const what = named(image, reference);
    const answer = await sendManifest(options, endpoint, image, reference, "GET");
    if (answer.status !== 200) throw failure(host, what, answer);
    const wanted = isDigest(reference) ? reference : headerDigest(host, answer);
    const digest = checkDigest(host, what, answer.body, wanted);
    const body = parseJson(host, what, answer.body);
    return { digest, mediaType: mediaTypeOf(answer), body, size: answer.body.byteLength };
  }

  async function head(endpoint: Endpoint, image: ImageReference, reference: string): Promise<ManifestHead> {
    const { host } = endpoint;
    const answer = await sendManifest(options, endpoint, image, reference, "HEAD");
    const digest = answer.status === 200 ? headerDigest(host, answer) : null;
    if (digest !== null) return { digest, mediaType: mediaTypeOf(answer) };
    const headless = [200, 405, 501].includes(answer.status);
    if (!headless) throw failure(host, named(image, reference), answer);
    const read = await manifest(endpoint, image, reference);
    return { digest: read.digest, mediaType: read.mediaType };
  }

  async function config(endpoint: Endpoint, image: ImageReference, digest: Digest): Promise<unknown> {
    const { host } = endpoint;
    const { repository } = image;
    const what = `the image config ${digest} of ${repository}`;
    const bounds = { method: "GET", accept: [], maxBytes: CONFIG_MAX_BYTES } as const;
    const answer = await session.send({ endpoint, repository, path: `blobs/${digest}`, ...bounds });
    if (answer.status !== 200) throw failure(host, what, answer);
    checkDigest(host, what, answer.body, digest);
    return parseJson(host, what, answer.body);
  }

  return { head, manifest, config };
}
