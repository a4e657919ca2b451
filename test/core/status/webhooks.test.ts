import { expect, it } from "vitest";
import { describeCounts, describeDelivery, webhookStatus } from "../../../src/core/status/index.ts";

const NONE = { taken: 0, unknown: 0, ignored: 0, duplicates: 0, full: 0, refused: 0 };
const AT = Date.UTC(2026, 10, 21, 12);
const HINT = { registry: "docker.io", repository: "user/app", tag: "1" };

function words(push: Parameters<typeof webhookStatus>[1] & object) {
  const { last } = webhookStatus(NONE, push);
  return last === null ? null : describeDelivery(last);
}

it("before the first delivery nothing must be claimed", () => {
  expect(webhookStatus(NONE, null)).toEqual({ counts: NONE, last: null });
  expect(describeCounts(NONE)).toBe("none yet");
});

it("the last delivery must say when, who, what and what came of it", () => {
  const last = {
    at: AT,
    provider: "dockerhub",
    push: { hint: HINT, state: "arrived" },
    repeated: false,
  } as const;
  expect(webhookStatus(NONE, last).last).toEqual({
    at: "2026-11-21T12:00:00.000Z",
    provider: "dockerhub",
    image: "docker.io/user/app:1",
    state: "arrived",
  });
  expect(words(last)).toBe("docker.io/user/app:1 from dockerhub: the registry shows a new image");
  const anywhere = { ...HINT, registry: null };
  expect(words({ ...last, push: { hint: anywhere, state: "unknown" } })).toBe(
    "user/app:1 from dockerhub: no project uses it",
  );
});

it("a delivery without news must say whether it was told before or was no push", () => {
  const last = { at: AT, provider: "quay", push: null };
  expect(words({ ...last, repeated: true })).toBe("from quay: told before");
  expect(words({ ...last, repeated: false })).toBe("from quay: no push of a tag");
});

it("only what happened must be counted for people", () => {
  expect(describeCounts({ ...NONE, taken: 3, refused: 12 })).toBe("3 looked for, 12 refused");
});
