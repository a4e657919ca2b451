import { describe, expect, it } from "vitest";
import type { ImageDecision, ImageSummary } from "../../../src/core/model/index.ts";
import { choiceFor, offersOf } from "../../../src/core/plan/choice.ts";
import type { PlanPolicy } from "../../../src/core/plan/index.ts";
import { missingSpace } from "../../../src/core/plan/space.ts";
import { digestOf, input, observed, pinned, service } from "../../support/builders.ts";

const web = service("web");
const layers = [
  { digest: digestOf("a"), size: 2_000_000 },
  { digest: digestOf("b"), size: 8_000_000 },
];
const image = { ...pinned("web", "1"), layers };

function words(
  decision: ImageDecision,
  parts: Partial<PlanPolicy>,
  images: readonly ImageSummary[] = [],
): string | null {
  const given = { ...input([web], { web: decision }, [], parts), observed: observed([], { images }) };
  return missingSpace(choiceFor(web, offersOf(given), given), given);
}

describe("room for an image", () => {
  const offer: ImageDecision = { kind: "pinned", image };

  it("must be three and a half times all its layers beside what stays free, and the words must say so", () => {
    expect(words(offer, { freeBytes: 135_000_000, minFreeBytes: 100_000_000 })).toBeNull();
    expect(words(offer, { freeBytes: 134_999_999, minFreeBytes: 100_000_000 })).toBe(
      "needs about 35 MB and 100 MB must stay free, but only 135 MB is",
    );
    expect(words(offer, { freeBytes: 1, minFreeBytes: 0 })).toBe(
      "needs about 35 MB and 0 MB must stay free, but only 1 MB is",
    );
  });

  it("must not be asked for where it is here, where nothing is pulled, and where nobody knows", () => {
    const here = { id: image.configDigest, repoTags: [], repoDigests: [], size: 1 };
    expect(words(offer, { freeBytes: 1 }, [here])).toBeNull();
    expect(words(offer, { freeBytes: null })).toBeNull();
    const local = { kind: "local", image: { reference: "x", imageId: "i" } } as const;
    expect(words(local, { freeBytes: 1 })).toBeNull();
    expect(words({ kind: "held", reason: "RateLimited", message: "later" }, { freeBytes: 1 })).toBeNull();
  });
});
