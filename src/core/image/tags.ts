// Per-architecture tags to try where a tag has no list or a list without this board; only names, the config decides.
import type { ImageReference } from "../model/image.ts";
import type { Platform } from "../model/platform.ts";

const CANDIDATES_MAX = 64;
const TAG_LENGTH_MAX = 128;

/** `T-A` is `1.2-armhf`, `A-T` is `armhf-1.2`, `A` alone stands for latest, `org` is `arm32v7/NAME`. */
export type TagTemplate = "T-A" | "A-T" | "A" | "org";

export interface TagCandidate {
  readonly reference: ImageReference;
  readonly template: TagTemplate;
  /** The word for the processor that was put in. */
  readonly word: string;
  /** The word means different processors to different people: only an explicit variant in the config proves it. */
  readonly ambiguous: boolean;
}

interface Row {
  readonly words: readonly string[];
  readonly organisations: readonly string[];
}

/** Words seen in the tag lists of widely used images, the most common first. */
const ROWS = {
  arm64: {
    words: ["arm64v8", "aarch64", "arm64", "linux-arm64", "linux-arm64-v8", "arm64-v8"],
    organisations: ["arm64v8"],
  },
  v7: {
    words: ["arm32v7", "armhf", "armv7", "armv7hf", "armv7l", "arm-v7", "linux-arm-v7", "linux-arm", "arm"],
    organisations: ["arm32v7", "armhf"],
  },
  v6: {
    words: ["arm32v6", "armv6", "armv6l", "arm-v6", "linux-arm-v6", "rpi", "armel"],
    organisations: ["arm32v6"],
  },
  v5: { words: ["arm32v5"], organisations: ["arm32v5"] },
  amd64: {
    words: ["amd64", "x86_64", "x86-64", "linux-amd64", "x64", "x86"],
    organisations: ["amd64"],
  },
} as const satisfies Record<string, Row>;

/** Debian says armhf for ARMv7, Raspbian and Alpine say it for ARMv6. */
const AMBIGUOUS: Row = { words: ["armhf", "linux-arm", "arm"], organisations: [] };

function rowsFor(platform: Platform): readonly { readonly row: Row; readonly ambiguous: boolean }[] {
  const sure = (row: Row) => ({ row, ambiguous: false });
  if (platform.architecture === "arm64") return [sure(ROWS.arm64)];
  if (platform.architecture === "amd64") return [sure(ROWS.amd64)];
  if (platform.architecture !== "arm") return [];
  switch (platform.variant) {
    case "v5":
      return [sure(ROWS.v5), { row: AMBIGUOUS, ambiguous: true }];
    case "v6":
      return [sure(ROWS.v6), sure(ROWS.v5), { row: AMBIGUOUS, ambiguous: true }];
    default:
      return [sure(ROWS.v7), sure(ROWS.v6), sure(ROWS.v5)];
  }
}

/** Templates that make a tag of the base tag and the word; the shape most used first. */
function tagsFor(
  base: string,
  word: string,
): readonly { readonly template: TagTemplate; readonly tag: string }[] {
  const joined = [
    { template: "T-A", tag: `${base}-${word}` },
    { template: "A-T", tag: `${word}-${base}` },
  ] as const;
  return base === "latest" ? [{ template: "A", tag: word }, ...joined] : joined;
}

function candidate(
  ref: ImageReference,
  change: { readonly repository?: string; readonly tag: string },
  how: { readonly template: TagTemplate; readonly word: string; readonly ambiguous: boolean },
): TagCandidate {
  return { reference: { ...ref, ...change, digest: null }, ...how };
}

/** Hub's official images are mirrored as `arm32v7/NAME`; other namespaces are other people's. */
function organisationCandidates(
  ref: ImageReference,
  row: Row,
  base: string,
  ambiguous: boolean,
): TagCandidate[] {
  if (ref.registry !== "docker.io" || !ref.repository.startsWith("library/")) return [];
  const name = ref.repository.slice("library/".length);
  return row.organisations.map((word) =>
    candidate(ref, { repository: `${word}/${name}`, tag: base }, { template: "org", word, ambiguous }),
  );
}

/** Ordered, bounded and without doubles; empty for a reference without a tag. All have `digest: null`. */
export function tagCandidates(ref: ImageReference, platform: Platform): readonly TagCandidate[] {
  const base = ref.tag;
  if (base === null || ref.digest !== null || platform.os !== "linux") return [];
  const found: TagCandidate[] = [];
  for (const { row, ambiguous } of rowsFor(platform)) {
    for (const word of row.words) {
      for (const { template, tag } of tagsFor(base, word)) {
        if (tag.length <= TAG_LENGTH_MAX) found.push(candidate(ref, { tag }, { template, word, ambiguous }));
      }
    }
    found.push(...organisationCandidates(ref, row, base, ambiguous));
  }
  return found.slice(0, CANDIDATES_MAX);
}
