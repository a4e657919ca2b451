// The Registry port over HTTP: heads, manifests and configs, of the registry or its mirrors; and the ManifestWriter port.
// Decides nothing and retries nothing.
import type { ImageReference } from "../../core/model/index.ts";
import type { Clock, Credentials, Log, ManifestWriter, Registry } from "../../ports/index.ts";
import { endpointOf } from "./endpoint.ts";
import { createLimits } from "./limits.ts";
import { createMirrors } from "./mirrors.ts";
import { createPush } from "./push.ts";
import { createQuestions } from "./questions.ts";
import { createSession } from "./session.ts";
import { createTransport } from "./transport.ts";
import { createTrust } from "./trust.ts";

export interface RegistryOptions {
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** `host` or `host:port` spoken to over plain HTTP; loopback always is. */
  readonly insecure: readonly string[];
  /** By registry, the origins of its mirrors. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  /** By `host[:port]`, the PEM file of who signed its certificate. */
  readonly ca: Readonly<Record<string, string>>;
  /** When this program was made, ms since the epoch. */
  readonly builtAt: number;
  /** For each exchange as a whole, ms. */
  readonly timeoutMs: number;
  readonly log: Log;
}

export function createRegistry(options: RegistryOptions): Registry & ManifestWriter {
  const { clock, log, insecure, builtAt } = options;
  const send = createTransport(createTrust(options.ca), { now: () => clock.now(), builtAt });
  const session = createSession({ ...options, send });
  const limits = createLimits(clock);
  const mirrors = createMirrors({ mirrors: options.mirrors, insecure, clock, log });
  const questions = createQuestions({ session, limits, clock });
  const push = createPush({ session, clock });
  const originOf = (image: ImageReference) => endpointOf(image.registry, insecure);

  return {
    head: (image, reference) => questions.head(originOf(image), image, reference),
    manifest: (image, reference) => questions.manifest(originOf(image), image, reference),
    config: (image, digest) => questions.config(originOf(image), image, digest),
    put: (image, tag, document) => push(originOf(image), image, tag, document),
    copies: {
      exist: (registry) => mirrors.exist(registry),
      head: (image, reference) =>
        mirrors.ask(image.registry, (mirror) => questions.head(mirror, image, reference)),
      manifest: (image, digest) =>
        mirrors.ask(image.registry, (mirror) => questions.manifest(mirror, image, digest)),
      config: (image, digest) =>
        mirrors.ask(image.registry, (mirror) => questions.config(mirror, image, digest)),
    },
    limits: () => limits.list(),
  };
}
