// The Registry port over HTTP: heads, manifests and configs, each digest checked against the bytes. Decides nothing and retries nothing.
import { createHash } from "node:crypto";
import { isDigest, MANIFEST_TYPES } from "../../core/image/index.ts";
import { BoardhandError, type Digest, type ImageReference } from "../../core/model/index.ts";
import type { Clock, Credentials, Log, ManifestDocument, Registry } from "../../ports/index.ts";
import { endpointOf } from "./endpoint.ts";
import { protocolFailure, statusFailure } from "./failures.ts";
import { createSession, type SessionRequest } from "./session.ts";
import type { Answer } from "./transport.ts";

const MANIFEST_MAX_BYTES = 4 * 1024 * 1024;
const CONFIG_MAX_BYTES = 8 * 1024 * 1024;

export interface RegistryOptions {
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** `host` or `host:port` spoken to over plain HTTP; loopback always is. */
  readonly insecure: readonly string[];
  /** For each exchange as a whole, ms. */
  readonly timeoutMs: number;
  readonly log: Log;
}

function sha256(bytes: Buffer): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function mediaTypeOf(answer: Answer): string {
  const header = answer.headers.get("content-type") ?? "";
  return (header.split(";")[0] ?? "").trim();
}

/** Null when the registry does not say; old ones do not. */
function headerDigest(host: string, answer: Answer): Digest | null {
  const header = answer.headers.get("docker-content-digest");
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

export function createRegistry(options: RegistryOptions): Registry {
  const session = createSession(options);

  function request(
    image: ImageReference,
    path: string,
    rest: Pick<SessionRequest, "method" | "accept" | "maxBytes">,
  ): SessionRequest {
    const endpoint = endpointOf(image.registry, options.insecure);
    return { endpoint, repository: image.repository, path, ...rest };
  }

  async function send(wanted: SessionRequest, what: string): Promise<Answer> {
    const answer = await session.send(wanted);
    if (answer.status === 200) return answer;
    throw statusFailure({
      host: wanted.endpoint.host,
      what,
      status: answer.status,
      retryAfter: answer.headers.get("retry-after"),
      nowMs: options.clock.now(),
    });
  }

  function manifestRequest(image: ImageReference, reference: string, method: "GET" | "HEAD"): SessionRequest {
    const path = `manifests/${reference}`;
    return request(image, path, { method, accept: MANIFEST_TYPES, maxBytes: MANIFEST_MAX_BYTES });
  }

  async function manifest(image: ImageReference, reference: string): Promise<ManifestDocument> {
    const host = image.registry;
    const what = named(image, reference);
    const answer = await send(manifestRequest(image, reference, "GET"), what);
    const wanted = isDigest(reference) ? reference : headerDigest(host, answer);
    const digest = checkDigest(host, what, answer.body, wanted);
    return { digest, mediaType: mediaTypeOf(answer), body: parseJson(host, what, answer.body) };
  }

  return {
    manifest,

    async head(image, reference) {
      const wanted = manifestRequest(image, reference, "HEAD");
      const answer = await session.send(wanted);
      if (answer.status === 200) {
        const digest = headerDigest(image.registry, answer);
        if (digest !== null) return { digest, mediaType: mediaTypeOf(answer) };
      } else if (answer.status !== 405 && answer.status !== 501) {
        const retryAfter = answer.headers.get("retry-after");
        const { host } = wanted.endpoint;
        const what = named(image, reference);
        throw statusFailure({ host, what, status: answer.status, retryAfter, nowMs: options.clock.now() });
      }
      const { digest, mediaType } = await manifest(image, reference);
      return { digest, mediaType };
    },

    async config(image, digest) {
      const what = `the image config ${digest} of ${image.repository}`;
      const blob = request(image, `blobs/${digest}`, {
        method: "GET",
        accept: [],
        maxBytes: CONFIG_MAX_BYTES,
      });
      const answer = await send(blob, what);
      checkDigest(image.registry, what, answer.body, digest);
      return parseJson(image.registry, what, answer.body);
    },
  };
}

function named(image: ImageReference, reference: string): string {
  return `${image.repository}${isDigest(reference) ? "@" : ":"}${reference}`;
}
