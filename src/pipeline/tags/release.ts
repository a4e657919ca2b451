// Which tags a build makes: a git tag its release's, the main branch `latest`, everything else none. Never a `0` of a 0.x
// release, and never a shorter tag of a pre-release.
import type { BuildContext, ReleaseTag } from "../model.ts";

export const TAG_LENGTH_MAX = 128;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
/** One to three numbers, as written: `2026.01` keeps its zeros. Then a pre-release and build metadata (semver.org). */
const VERSION = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
const PLAIN = /^\d+(?:\.\d+){0,2}$/;

/** The grammar of distribution/reference. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** `v1.2.3` and `V1.2.3` without their letter; `vnext` stays. */
function withoutPrefix(gitTag: string): string {
  return gitTag.replace(/^[vV](?=\d)/, "");
}

/**
 * A git tag as the tag of an image: what the grammar does not allow (`/` of `release/1`, `+` of build metadata) becomes a
 * dash. Null where nothing usable is left, or it is too long: a cut one could be another release's.
 */
function legalTag(gitTag: string): string | null {
  const legal = gitTag.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[.-]+/, "");
  return isTag(legal) ? legal : null;
}

/** `1.2.3` → `1.2.3`, `1.2`, `1`, the most specific first. */
function versionNames(version: string): readonly string[] {
  const numbers = version.split(".");
  const names = numbers.map((_, index) => numbers.slice(0, numbers.length - index).join("."));
  const unstable = /^0+$/.test(numbers[0] ?? "");
  return unstable && names.length > 1 ? names.slice(0, -1) : names;
}

function gitTagNames(gitTag: string): readonly string[] {
  const bare = withoutPrefix(gitTag);
  if (PLAIN.test(bare)) return versionNames(bare).filter(isTag);
  const legal = legalTag(bare);
  return legal === null ? [] : [legal];
}

/**
 * The tags of the manifest lists, the most specific first. `v1.2.3` makes `1.2.3`, `1.2` and `1`; `v0.1.3` makes `0.1.3` and
 * `0.1`; a pre-release or build metadata only itself; a git tag that is no version itself, made legal. A push to `main` makes
 * `latest`. Empty for everything else, and for a git tag that cannot be one (`tagProblems` says so).
 */
export function releaseTags(context: BuildContext, main: string): readonly ReleaseTag[] {
  const { event, tag, branch } = context;
  if (event === "tag") {
    return tag === null ? [] : gitTagNames(tag).map((name) => ({ name, kind: "version" }));
  }
  return event === "push" && branch === main ? [{ name: "latest", kind: "latest" }] : [];
}

/** The release that a git tag names in full, for the label `org.opencontainers.image.version`; null for any other build. */
export function releaseVersion(context: BuildContext): string | null {
  if (context.event !== "tag" || context.tag === null) return null;
  const bare = withoutPrefix(context.tag);
  return VERSION.test(bare) ? bare : null;
}

/** Whether `name` is a tag that moves from release to release: `1.2` and `1` while `1.2.3` is made. */
export function isFloating(name: string, version: string): boolean {
  return version.startsWith(`${name}.`);
}

/** The numbers of a release, of which pre-releases have none; null for what is none. */
function numbersOf(version: string): readonly bigint[] | null {
  const bare = withoutPrefix(version);
  if (bare.length > TAG_LENGTH_MAX || !PLAIN.test(bare)) return null;
  return bare.split(".").map((part) => BigInt(part));
}

/**
 * Whether the release that a floating tag is of, by its image's label, is a later one than `ours`. A label that does not
 * belong to this tag says nothing: images inherit the labels of their base image.
 */
export function isLaterRelease(floating: string, theirs: string, ours: string): boolean {
  const bare = withoutPrefix(theirs);
  const there = isFloating(floating, bare) ? numbersOf(bare) : null;
  const here = numbersOf(ours);
  if (there === null || here === null) return false;
  for (let at = 0; at < Math.max(there.length, here.length); at++) {
    const [a, b] = [there[at] ?? 0n, here[at] ?? 0n];
    if (a !== b) return a > b;
  }
  return false;
}
