import { describe, expect, it } from "vitest";
import type { QuarantineEntry } from "../../src/core/model/index.ts";
import { resume, suspend } from "../../src/reconcile/hand.ts";
import { memoryJournal } from "./memory-journal.ts";

const progress = () => undefined;
const refused: QuarantineEntry = {
  service: "web",
  platformDigest: "sha256:1",
  definitionHash: null,
  culprit: { service: "web", platformDigest: "sha256:1", definitionHash: null },
  reason: "was ill",
  since: 0,
};

describe("suspend", () => {
  it("must be written down once", async () => {
    const journal = memoryJournal();
    await suspend("p", { journal, progress });
    await suspend("p", { journal, progress });
    expect(journal.entries.map((entry) => entry.event.type)).toEqual(["suspended"]);
    expect(journal.memory("p").suspended).toBe(true);
  });
});

describe("resume", () => {
  it("must end the suspension, the quarantine and the stall", async () => {
    const journal = memoryJournal();
    await suspend("p", { journal, progress });
    await journal.append("p", { type: "quarantine", entries: [refused] }, "durable");
    const state = { kind: "stalled", good: "g", failed: "f", reason: "x", rolledBack: true } as const;
    await journal.append("p", { type: "rollout", state }, "durable");
    await resume("p", { journal, progress });
    expect(journal.memory("p")).toMatchObject({
      suspended: false,
      quarantine: [],
      rollout: { kind: "idle", good: "g" },
    });
  });

  it("must forget under which file services were last seen, so that what was stopped by hand is wanted again", async () => {
    const journal = memoryJournal();
    await journal.append("p", { type: "seen", services: { web: "r1", worker: "r1" } }, "lazy");
    await resume("p", { journal, progress });
    expect(journal.memory("p").seen).toEqual({ web: "", worker: "" });
  });
});
