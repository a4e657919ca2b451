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

function named(image: ImageReference, reference: string): string {
  return `${image.repository}${isDigest(reference) ? "@" : ":"}${reference}`;
}

export function createRegistry(options: RegistryOptions): Registry {
  const session = createSession(options);

  function failure(host: string, what: string, answer: Answer): BoardhandError {
    const retryAfter = answer.headers.get("retry-after");
    return statusFailure({ host, what, status: answer.status, retryAfter, nowMs: options.clock.now() });
  }

  function send(
    image: ImageReference,
    path: string,
    rest: Pick<SessionRequest, "method" | "accept" | "maxBytes">,
  ): Promise<Answer> {
    const endpoint = endpointOf(image.registry, options.insecure);
    return session.send({ endpoint, repository: image.repository, path, ...rest });
  }

  function sendManifest(image: ImageReference, reference: string, method: "GET" | "HEAD"): Promise<Answer> {
    const path = `manifests/${reference}`;
    return send(image, path, { method, accept: MANIFEST_TYPES, maxBytes: MANIFEST_MAX_BYTES });
  }

  async function manifest(image: ImageReference, reference: string): Promise<ManifestDocument> {
    const host = image.registry;
    const what = named(image, reference);
    const answer = await sendManifest(image, reference, "GET");
    if (answer.status !== 200) throw failure(host, what, answer);
    const wanted = isDigest(reference) ? reference : headerDigest(host, answer);
    const digest = checkDigest(host, what, answer.body, wanted);
    return { digest, mediaType: mediaTypeOf(answer), body: parseJson(host, what, answer.body) };
  }

  return {
    manifest,

    async head(image, reference) {
      const answer = await sendManifest(image, reference, "HEAD");
      const digest = answer.status === 200 ? headerDigest(image.registry, answer) : null;
      if (digest !== null) return { digest, mediaType: mediaTypeOf(answer) };
      const headless = [200, 405, 501].includes(answer.status);
      if (!headless) throw failure(image.registry, named(image, reference), answer);
      const read = await manifest(image, reference);
      return { digest: read.digest, mediaType: read.mediaType };
    },

    async config(image, digest) {
      const what = `the image config ${digest} of ${image.repository}`;
      const limits = { method: "GET", accept: [], maxBytes: CONFIG_MAX_BYTES } as const;
      const answer = await send(image, `blobs/${digest}`, limits);
      if (answer.status !== 200) throw failure(image.registry, what, answer);
      checkDigest(image.registry, what, answer.body, digest);
      return parseJson(image.registry, what, answer.body);
    },
  };
}
