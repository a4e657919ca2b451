// Puts lists that are known to be complete under their tags, one after the other, and holds the registry to them.
import type { Digest, ImageReference } from "../../core/model/index.ts";
import type { PipelineDeps } from "../deps.ts";
import type { StageFailure } from "../model.ts";
import { askRegistry } from "../retry.ts";
import { compareLists } from "./compare.ts";
import type { ListDocument, ListEntry } from "./document.ts";

const AGAIN = "Run boardhand build manifest again: it puts what is left.";

export interface Prepared {
  readonly tag: string;
  readonly entries: readonly ListEntry[];
  readonly document: ListDocument;
  /** What the tag is now; null: nothing yet. */
  readonly current: Digest | null;
}

type PlaceDeps = Pick<PipelineDeps, "registry" | "clock" | "signal">;

function failure(message: string, hint: string): StageFailure {
  return { code: "E_LIST", message, hint };
}

/** Puts one list and reads it back; null when it is in place. */
async function place(
  deps: PlaceDeps,
  image: ImageReference,
  prepared: Prepared,
): Promise<StageFailure | null> {
  const { tag, entries, document } = prepared;
  if (deps.signal.aborted) {
    const hint = "Run it again: it puts what is left.";
    return { code: "E_ABORTED", message: `${tag} was not put: interrupted`, hint };
  }
  const put = await askRegistry(deps, () => deps.registry.put(image, tag, document));
  if (!put.ok) return failure(`${tag} was not put: ${put.error.message}`, put.error.hint ?? AGAIN);
  const found = await askRegistry(deps, () => deps.registry.manifest(image, tag));
  if (!found.ok) {
    return failure(
      `${tag} was put but cannot be read back: ${found.error.message}`,
      found.error.hint ?? AGAIN,
    );
  }
  if (found.value.digest === document.digest) return null;
  const differences = compareLists(entries, found.value);
  const what = differences.length === 0 ? "other bytes of the same images" : differences.join(", ");
  return failure(
    `${tag} is not the list that was put: ${what}`,
    "Somebody else pushes this tag at this time, or the registry changes lists: run it again.",
  );
}

export interface Placed {
  readonly put: readonly string[];
  readonly unchanged: readonly string[];
  /** Not tried any more after the failure. */
  readonly left: readonly string[];
  readonly failure: StageFailure | null;
  /** Of all that are in place, by tag. */
  readonly digests: Readonly<Record<string, Digest>>;
}

/** In order, and none after the first that fails. A list that is there already is left alone. */
export async function placeLists(
  deps: PlaceDeps,
  image: ImageReference,
  prepared: readonly Prepared[],
): Promise<Placed> {
  const put: string[] = [];
  const unchanged: string[] = [];
  const digests: Record<string, Digest> = {};
  for (const [at, one] of prepared.entries()) {
    const { tag, document, current } = one;
    const same = current === document.digest;
    const failure = same ? null : await place(deps, image, one);
    if (failure !== null) {
      const left = prepared.slice(at + 1).map((next) => next.tag);
      return { put, unchanged, left, failure, digests };
    }
    (same ? unchanged : put).push(tag);
    digests[tag] = document.digest;
  }
  return { put, unchanged, left: [], failure: null, digests };
}
