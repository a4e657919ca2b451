// What was learnt from registries and survives a restart; a file that was damaged or edited is forgotten, never believed.
import { isDigest, type TagTemplate } from "../../core/image/index.ts";
import type { Digest, LayerSize, PinnedImage, Platform } from "../../core/model/index.ts";
import type { Problem } from "./resolution.ts";

const ANSWERS_MAX = 500;
const TEMPLATES_MAX = 500;
const ABSENT_MAX = 2000;
const TAGS_MAX = 1000;
const VERSION = 1;

/** The last answer for one request. */
export interface CachedAnswer {
  /** The match vector it was chosen by; another one makes the answer void. */
  readonly vector: string;
  /** What the written tag pointed at; null when there was no such tag. */
  readonly own: Digest | null;
  /** Non-null when what `own` points at cannot run here. */
  readonly problem: Problem | null;
  /** The last image that could: the tag's own, or that of a per-architecture tag. */
  readonly image: PinnedImage | null;
  /** Whether `image` is what is offered now; false when nothing is. */
  readonly current: boolean;
}

export interface WinningTag {
  readonly template: TagTemplate;
  readonly word: string;
}

/** What a tag of a registry with mirrors pointed at. */
export interface KnownTag {
  readonly digest: Digest;
  /** The registry itself has spoken of this tag at least once; until then a mirror is all there is. */
  readonly confirmed: boolean;
}

export interface ResolverCache {
  readonly answers: Map<string, CachedAnswer>;
  /** By vector and repository: which per-architecture tag was there. */
  readonly winners: Map<string, WinningTag>;
  /** By vector and tag: wall clock ms until which a tag that was not there is not asked for again. */
  readonly absent: Map<string, number>;
  /** By repository and tag, only where there are mirrors. */
  readonly tags: Map<string, KnownTag>;
}

export function emptyCache(): ResolverCache {
  return { answers: new Map(), winners: new Map(), absent: new Map(), tags: new Map() };
}

/** Newest entries last; the oldest make room. */
function newest<V>(map: ReadonlyMap<string, V>, max: number): Record<string, V> {
  return Object.fromEntries([...map].slice(-max));
}

export function serializeCache(cache: ResolverCache, nowMs: number): unknown {
  const current = new Map([...cache.absent].filter(([, until]) => until > nowMs));
  return {
    version: VERSION,
    answers: newest(cache.answers, ANSWERS_MAX),
    winners: newest(cache.winners, TEMPLATES_MAX),
    absent: newest(current, ABSENT_MAX),
    tags: newest(cache.tags, TAGS_MAX),
  };
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function isPlatform(value: unknown): value is Platform {
  return (
    isObject(value) &&
    typeof value.os === "string" &&
    typeof value.architecture === "string" &&
    isTextOrNull(value.variant)
  );
}

function isLayer(value: unknown): value is LayerSize {
  return isObject(value) && isDigest(value.digest) && Number.isSafeInteger(value.size);
}

/** Written since images know what their layers unpack to; a cache without them is read all the same. */
function isDiffIds(value: unknown, count: number): value is readonly Digest[] {
  return Array.isArray(value) && value.length === count && value.every(isDigest);
}

function isPinned(value: unknown): value is PinnedImage {
  return (
    isObject(value) &&
    typeof value.reference === "string" &&
    typeof value.name === "string" &&
    isTextOrNull(value.tag) &&
    isDigest(value.indexDigest) &&
    isDigest(value.platformDigest) &&
    isDigest(value.configDigest) &&
    isPlatform(value.platform) &&
    Array.isArray(value.layers) &&
    value.layers.every(isLayer) &&
    (value.diffIds === undefined || isDiffIds(value.diffIds, value.layers.length))
  );
}

function isProblem(value: unknown): value is Problem {
  const reasons: readonly unknown[] = ["ArchitectureMissing", "ArchitectureMismatch", "ImageNotFound"];
  return isObject(value) && reasons.includes(value.reason) && typeof value.message === "string";
}

function isAnswer(value: unknown): value is CachedAnswer {
  return (
    isObject(value) &&
    typeof value.vector === "string" &&
    (value.own === null || isDigest(value.own)) &&
    (value.problem === null || isProblem(value.problem)) &&
    (value.image === null || isPinned(value.image)) &&
    typeof value.current === "boolean" &&
    (value.current ? value.image !== null : value.problem !== null)
  );
}

function isWinner(value: unknown): value is WinningTag {
  const templates: readonly unknown[] = ["T-A", "A-T", "A", "org"];
  return isObject(value) && templates.includes(value.template) && typeof value.word === "string";
}

function isKnownTag(value: unknown): value is KnownTag {
  return isObject(value) && isDigest(value.digest) && typeof value.confirmed === "boolean";
}

function readMap<V>(value: unknown, isValue: (item: unknown) => item is V): Map<string, V> {
  if (!isObject(value)) return new Map();
  return new Map(Object.entries(value).filter((entry): entry is [string, V] => isValue(entry[1])));
}

/** Keeps the entries that are whole; anything else is asked for again. */
export function readCache(value: unknown): ResolverCache {
  if (!isObject(value) || value.version !== VERSION) return emptyCache();
  return {
    answers: readMap(value.answers, isAnswer),
    winners: readMap(value.winners, isWinner),
    absent: readMap(
      value.absent,
      (item): item is number => typeof item === "number" && Number.isFinite(item),
    ),
    tags: readMap(value.tags, isKnownTag),
  };
}
