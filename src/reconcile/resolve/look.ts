// Looks one reference up: HEAD first, read only what moved, then the per-architecture tags. The written tag wins where it fits.
import { engineName, repositoryKey, type TagCandidate, tagCandidates } from "../../core/image/index.ts";
import {
  BoardhandError,
  type Digest,
  formatPlatform,
  type ImageReference,
  type PinnedImage,
  type Platform,
} from "../../core/model/index.ts";
import type { Clock, Registry } from "../../ports/index.ts";
import type { Budget } from "./budget.ts";
import type { CachedAnswer, ResolverCache } from "./cache.ts";
import { judge, type Question, type Verdict } from "./judge.ts";
import type { Problem } from "./resolution.ts";
import { tagDigest } from "./tag-digest.ts";

const ABSENT_MS = 24 * 3600_000;

export interface Target {
  readonly key: string;
  readonly reference: ImageReference;
  readonly vector: readonly Platform[];
}

export interface LookDeps {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly cache: ResolverCache;
  readonly budget: Budget;
  /** A push or a person asked: asks again for tags that were not there a while ago, the registry before its mirrors. */
  readonly force: boolean;
}

export function vectorKey(vector: readonly Platform[]): string {
  return vector.map(formatPlatform).join(" ");
}

/** The cached answer, if it was chosen for the same platforms. */
export function cachedAnswer(cache: ResolverCache, target: Target): CachedAnswer | null {
  const answer = cache.answers.get(target.key);
  return answer !== undefined && answer.vector === vectorKey(target.vector) ? answer : null;
}

/** Null for a tag that is not there. */
async function headDigest(
  deps: LookDeps,
  reference: ImageReference,
  tag: string,
  absentCodes: readonly string[],
): Promise<Digest | null> {
  try {
    return await tagDigest(deps, reference, tag);
  } catch (error) {
    if (error instanceof BoardhandError && absentCodes.includes(error.code)) return null;
    throw error;
  }
}

function question(target: Target, answer: CachedAnswer | null, at: string): Question {
  return {
    written: target.reference.written,
    reference: target.reference,
    at,
    digest: null,
    vector: target.vector,
    variantRequired: false,
    last: answer?.image ?? null,
  };
}

/** Reads what is new. Throws E_REGISTRY_RATE_LIMITED when the registry's limit is nearly used up. */
function read(deps: LookDeps, target: Target, asked: Question, own: Digest): Promise<Verdict> {
  deps.budget.book(asked.reference, target.key, deps.force);
  const mirrored = deps.registry.copies.exist(asked.reference.registry);
  return judge(deps.registry, mirrored ? { ...asked, digest: own } : asked);
}

/** The tag that was there last time is asked for first. */
function ordered(deps: LookDeps, target: Target): readonly TagCandidate[] {
  const [own] = target.vector;
  const candidates = own === undefined ? [] : tagCandidates(target.reference, own);
  const winner = deps.cache.winners.get(winnerKey(target));
  const isWinner = (candidate: TagCandidate) =>
    winner !== undefined && candidate.template === winner.template && candidate.word === winner.word;
  return [...candidates.filter(isWinner), ...candidates.filter((candidate) => !isWinner(candidate))];
}

function winnerKey(target: Target): string {
  return `${vectorKey(target.vector)} ${repositoryKey(target.reference)}`;
}

/** Neither asked for lately nor with a date that only a clock set back explains. */
function isAbsent(deps: LookDeps, key: string): boolean {
  const until = deps.cache.absent.get(key);
  const now = deps.clock.now();
  return until !== undefined && now < until && until <= now + ABSENT_MS;
}

function isFrom(image: PinnedImage | null, reference: ImageReference): image is PinnedImage {
  return image !== null && image.tag === reference.tag && image.name === engineName(reference);
}

async function tryCandidate(
  deps: LookDeps,
  target: Target,
  candidate: TagCandidate,
  before: CachedAnswer | null,
): Promise<CachedAnswer["image"]> {
  const { reference } = candidate;
  const tag = reference.tag ?? "latest";
  const key = `${vectorKey(target.vector)} ${repositoryKey(reference)}:${tag}`;
  if (!deps.force && isAbsent(deps, key)) return null;
  // Docker Hub answers 401 for a repository that does not exist.
  const digest = await headDigest(deps, reference, tag, ["E_REGISTRY_NOT_FOUND", "E_REGISTRY_AUTH"]);
  if (digest !== null) {
    const known = before?.image ?? null;
    const asked = { ...question(target, before, tag), reference, variantRequired: candidate.ambiguous };
    if (isFrom(known, reference) && known.indexDigest === digest) return known;
    const verdict = await read(deps, target, asked, digest);
    if (verdict.kind === "fits") return verdict.image;
  }
  // The tag in use can be gone for the moment of a push; it is asked for again at once.
  if (!isFrom(before?.image ?? null, reference)) deps.cache.absent.set(key, deps.clock.now() + ABSENT_MS);
  return null;
}

async function lookAtCandidates(
  deps: LookDeps,
  target: Target,
  before: CachedAnswer | null,
  own: Digest | null,
  problem: Problem,
): Promise<CachedAnswer> {
  for (const candidate of ordered(deps, target)) {
    const image = await tryCandidate(deps, target, candidate, before);
    if (image === null) continue;
    const { template, word } = candidate;
    deps.cache.winners.set(winnerKey(target), { template, word });
    return { vector: vectorKey(target.vector), own, problem, image, current: true };
  }
  return { vector: vectorKey(target.vector), own, problem, image: before?.image ?? null, current: false };
}

function notThere(target: Target): Problem {
  const { written } = target.reference;
  const [own] = target.vector;
  const platform = own === undefined ? "this platform" : formatPlatform(own);
  return {
    reason: "ImageNotFound",
    message: `${written} is not in the registry, nor is a tag of it for ${platform}`,
  };
}

/** A digest says for good what it is: it is read once. */
async function lookAtDigest(deps: LookDeps, target: Target, digest: Digest): Promise<CachedAnswer> {
  const before = cachedAnswer(deps.cache, target);
  if (before !== null && before.own === digest) return before;
  const verdict = await read(deps, target, question(target, before, digest), digest);
  const vector = vectorKey(target.vector);
  return verdict.kind === "fits"
    ? { vector, own: digest, problem: null, image: verdict.image, current: true }
    : { vector, own: digest, problem: verdict.problem, image: before?.image ?? null, current: false };
}

/** Asks the registry about one target and returns the answer to be cached. Throws BoardhandError. */
export async function look(deps: LookDeps, target: Target): Promise<CachedAnswer> {
  const { reference, vector } = target;
  if (reference.digest !== null) return lookAtDigest(deps, target, reference.digest);
  const tag = reference.tag ?? "latest";
  const before = cachedAnswer(deps.cache, target);
  const own = await headDigest(deps, reference, tag, ["E_REGISTRY_NOT_FOUND"]);
  if (own === null) return lookAtCandidates(deps, target, before, null, notThere(target));
  const unmoved = before !== null && before.own === own;
  if (unmoved && before.problem === null) return before;
  if (unmoved && before.problem !== null) return lookAtCandidates(deps, target, before, own, before.problem);
  const verdict = await read(deps, target, question(target, before, tag), own);
  if (verdict.kind === "fits") {
    return { vector: vectorKey(vector), own, problem: null, image: verdict.image, current: true };
  }
  return lookAtCandidates(deps, target, before, own, verdict.problem);
}
