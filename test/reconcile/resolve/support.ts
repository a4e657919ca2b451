// A registry in memory that counts what it is asked, and the board and the clock a resolver needs.
import { createHash } from "node:crypto";
import {
  OCI_INDEX,
  OCI_MANIFEST,
  parsePlatform,
  platformVector,
  repositoryKey,
} from "../../../src/core/image/index.ts";
import {
  BoardhandError,
  type BoardPlatform,
  type Digest,
  type ImageReference,
} from "../../../src/core/model/index.ts";
import type { Clock, ManifestHead, Registry, RegistryLimit } from "../../../src/ports/index.ts";
import {
  createResolver,
  type Resolution,
  type ResolveRequest,
  type Resolver,
  requestKey,
} from "../../../src/reconcile/resolve/index.ts";

export interface MemoryRegistry extends Registry {
  /** `head host/name:tag`, in order. */
  readonly asked: string[];
  /** Thrown instead of the next answers while set. */
  failure: BoardhandError | null;
  /** What it says about its limit; each manifest that is read costs one. */
  limit: RegistryLimit | null;
  /** What its mirror says tags point at; null: it has none. What it has by digest, the mirror has too. */
  mirror: Map<string, Digest> | null;
  /** Highest number of requests at once. */
  readonly load: { most: number };
  image(name: string, platform: string | null, content?: string, withoutVariant?: boolean): Digest;
  index(name: string, entries: readonly { platform: string; digest: Digest }[]): Digest;
  remove(name: string): void;
  /** Makes a stored body disappear, as in a half-done push. */
  forget(digest: Digest): void;
}

const sha = (text: string): Digest => `sha256:${createHash("sha256").update(text).digest("hex")}`;

export function notFound(): BoardhandError {
  return new BoardhandError("E_REGISTRY_NOT_FOUND", "not there", { retry: "backoff" });
}

type Store = (mediaType: string, value: unknown) => Digest;

function storeImage(store: Store, platform: string | null, content: string, withoutVariant: boolean): Digest {
  const said = platform === null ? null : parsePlatform(platform);
  const { variant, ...bare } = said ?? { variant: null };
  const shown = variant === null || withoutVariant ? {} : { variant };
  const config = store("config", { ...bare, ...shown, content });
  return store(OCI_MANIFEST, {
    mediaType: OCI_MANIFEST,
    config: { digest: config, mediaType: "application/x" },
    layers: [{ digest: sha(content), size: content.length }],
  });
}

function indexEntry({ platform, digest }: { platform: string; digest: Digest }) {
  const [os, architecture, variant] = platform.split("/");
  return { mediaType: OCI_MANIFEST, digest, platform: { os, architecture, variant } };
}

function mirrorHead({ asked, mirror }: MemoryRegistry, image: ImageReference, at: string) {
  asked.push(`mirror head ${repositoryKey(image)}:${at}`);
  const digest = mirror?.get(`${repositoryKey(image)}:${at}`);
  return digest === undefined ? null : { digest, mediaType: OCI_MANIFEST };
}

function headOf({ digest, mediaType }: ManifestHead): ManifestHead {
  return { digest, mediaType };
}

function spend(registry: MemoryRegistry): void {
  const { limit } = registry;
  if (limit !== null) registry.limit = { ...limit, remaining: limit.remaining - 1 };
}

/** `name` is `host/path:tag`, or without a tag to store by digest alone. */
export function memoryRegistry(): MemoryRegistry {
  const bodies = new Map<string, { mediaType: string; text: string }>();
  const tags = new Map<string, Digest>();
  const asked: string[] = [];
  const load = { now: 0, most: 0 };

  function store(mediaType: string, value: unknown): Digest {
    const text = JSON.stringify(value);
    bodies.set(sha(text), { mediaType, text });
    return sha(text);
  }
  async function answer<T>(method: string, image: ImageReference, at: string, find: () => T): Promise<T> {
    if (method === "manifest") spend(registry);
    asked.push(`${method} ${repositoryKey(image)}${at.startsWith("sha256:") ? "@" : ":"}${at}`);
    load.now++;
    load.most = Math.max(load.most, load.now);
    await new Promise((resolve) => setImmediate(resolve));
    load.now--;
    if (registry.failure !== null) throw registry.failure;
    return find();
  }
  function find(image: ImageReference, at: string) {
    const digest = at.startsWith("sha256:") ? (at as Digest) : tags.get(`${repositoryKey(image)}:${at}`);
    const body = digest === undefined ? undefined : bodies.get(digest);
    if (digest === undefined || body === undefined) throw notFound();
    return { digest, mediaType: body.mediaType, body: JSON.parse(body.text), size: body.text.length };
  }

  const registry: MemoryRegistry = {
    asked,
    failure: null,
    limit: null,
    mirror: null,
    load,
    head: (image, at) => answer("head", image, at, () => headOf(find(image, at))),
    manifest: (image, at) => answer("manifest", image, at, () => find(image, at)),
    config: (image, digest) => answer("config", image, digest, () => find(image, digest).body),
    copies: {
      exist: () => registry.mirror !== null,
      head: async (image, at) => mirrorHead(registry, image, at),
      manifest: async (image, digest) => find(image, digest),
      config: async (image, digest) => find(image, digest).body,
    },
    limits: () => (registry.limit === null ? [] : [registry.limit]),
    image(name, platform, content = "one", withoutVariant = false) {
      const digest = storeImage(store, platform, content, withoutVariant);
      if (name !== "") tags.set(name, digest);
      return digest;
    },
    index(name, entries) {
      const digest = store(OCI_INDEX, { mediaType: OCI_INDEX, manifests: entries.map(indexEntry) });
      tags.set(name, digest);
      return digest;
    },
    remove: (name) => tags.delete(name),
    forget: (digest) => bodies.delete(digest),
  };
  return registry;
}

export function board(platform: string, emulates: readonly string[] = []): BoardPlatform {
  const own = parsePlatform(platform);
  return {
    platform: own,
    accepts: platformVector(own),
    emulates: emulates.map(parsePlatform),
    because: "test",
  };
}

export function manualClock(): Clock & { advance(ms: number): void } {
  let at = 0;
  return {
    now: () => 1_800_000_000_000 + at,
    monotonic: () => at,
    sleep: async () => {},
    random: () => 0,
    advance: (ms) => {
      at += ms;
    },
  };
}

export interface Bench {
  readonly registry: MemoryRegistry;
  readonly clock: ReturnType<typeof manualClock>;
  /** What the journal keeps. */
  readonly file: { value: unknown; writes: number /** The most at a time. */; together: number };
  readonly resolver: () => Resolver;
  /** A new resolver on the same cache file. */
  restart(): void;
  /** One round; `asked` starts empty. Resolutions in the order of the requests. */
  round(
    references: readonly (string | ResolveRequest)[],
    options?: { readonly on?: BoardPlatform; readonly refresh?: boolean; readonly force?: boolean },
  ): Promise<readonly Resolution[]>;
}

export function bench(parallelism = 4): Bench {
  const registry = memoryRegistry();
  const clock = manualClock();
  const file: Bench["file"] = { value: null, writes: 0, together: 0 };
  let writing = 0;
  const silent = () => {};
  const make = (): Resolver =>
    createResolver({
      registry,
      clock,
      parallelism,
      log: { debug: silent, info: silent, warn: silent, error: silent },
      journal: {
        readCache: async () => file.value,
        writeCache: async (_name, value) => {
          file.writes++;
          writing += 1;
          file.together = Math.max(file.together, writing);
          await new Promise(setImmediate);
          writing -= 1;
          file.value = JSON.parse(JSON.stringify(value));
        },
      },
    });
  let resolver = make();
  return {
    registry,
    clock,
    file,
    resolver: () => resolver,
    restart: () => {
      resolver = make();
    },
    async round(references, { on = board("linux/arm/v7"), refresh = true, force = false } = {}) {
      registry.asked.length = 0;
      const requests = references.map((one) =>
        typeof one === "string" ? { reference: one, platform: null } : one,
      );
      const found = await resolver.resolve(requests, on, { refresh, force });
      return requests.map(({ reference, platform }) => {
        const resolution = found.get(requestKey(reference, platform));
        if (resolution === undefined) throw new Error(`no answer for ${reference}`);
        return resolution;
      });
    },
  };
}
