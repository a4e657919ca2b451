import { describe, expect, it } from "vitest";
import {
  EMPTY_MEMORY,
  type JournalEvent,
  type ProjectMemory,
  type QuarantineEntry,
} from "../../../src/core/model/index.ts";
import { foldMemory, MAX_QUARANTINE, rememberedRevisions } from "../../../src/core/status/memory.ts";

function fold(events: readonly JournalEvent[], from: ProjectMemory = EMPTY_MEMORY): ProjectMemory {
  return events.reduce(
    (memory, event, index) => foldMemory(memory, { seq: index, at: index, project: "p", event }),
    from,
  );
}

function quarantined(service: string, n: number, culprit = service): QuarantineEntry {
  const platformDigest = `sha256:${n.toString(16).padStart(64, "0")}` as const;
  return {
    service,
    platformDigest,
    definitionHash: null,
    culprit: { service: culprit, platformDigest, definitionHash: null },
    reason: "exited with 1",
    since: n,
  };
}

const idle = (good: string | null): JournalEvent => ({ type: "rollout", state: { kind: "idle", good } });
const progressing = (good: string | null, to: string): JournalEvent => ({
  type: "rollout",
  state: { kind: "progressing", good, to, moved: ["web"], jobs: [] },
});

describe("the memory of a project", () => {
  it("must know the good revision before the current one", () => {
    expect(fold([idle("a")]).previousGood).toBeNull();
    expect(fold([idle("a"), progressing("a", "b"), idle("b")]).previousGood).toBe("a");
    expect(fold([idle("a"), idle("b"), idle("b")]).previousGood).toBe("a");
    expect(fold([idle("a"), progressing("a", "b"), idle("a")]).previousGood).toBeNull();
  });

  it("must keep the way back where one side of a move is not known", () => {
    expect(fold([idle("a"), idle(null)]).previousGood).toBeNull();
    expect(fold([idle("a"), idle("b"), progressing(null, "c"), idle("c")]).previousGood).toBe("a");
  });

  it("must not take refusals of another service, image or definition for the same", () => {
    const first = quarantined("web", 1);
    const others = [quarantined("db", 1), { ...first, definitionHash: "v1:2" }];
    const memory = fold([
      { type: "quarantine", entries: [first] },
      { type: "quarantine", entries: others },
    ]);
    expect(memory.quarantine).toEqual([first, ...others]);
    const again = fold([{ type: "quarantine", entries: [quarantined("db", 9), first] }], memory);
    expect(again.quarantine).toEqual([...others, quarantined("db", 9), first]);
  });

  it("must not move previousGood before the new revision has proved itself", () => {
    expect(fold([idle("a"), idle("b"), progressing("c", "d")]).previousGood).toBe("a");
  });

  it("must hold a quarantine once, the newest reason counting, and no more than its bound", () => {
    const again = { ...quarantined("web", 1), reason: "unhealthy" };
    const memory = fold([
      { type: "quarantine", entries: [quarantined("web", 1), quarantined("web", 2)] },
      { type: "quarantine", entries: [again] },
    ]);
    expect(memory.quarantine).toEqual([quarantined("web", 2), again]);
    const many = Array.from({ length: MAX_QUARANTINE + 5 }, (_, n) => quarantined("web", n));
    expect(fold([{ type: "quarantine", entries: many }]).quarantine).toEqual(many.slice(5));
  });

  it("must release a service, and those that only moved together with it", () => {
    const entries = [quarantined("web", 1), quarantined("worker", 2, "web"), quarantined("db", 3)];
    const memory = fold([
      { type: "quarantine", entries },
      { type: "released", services: ["web"], why: "the tag moved" },
    ]);
    expect(memory.quarantine.map((entry) => entry.service)).toEqual(["db"]);
  });

  it("must remember suspension, what was seen and the last plan", () => {
    const memory = fold([
      { type: "suspended", value: true },
      { type: "seen", services: { web: "r1" } },
      { type: "plan", trigger: "schedule", revision: "r1", rendered: "1. pull" },
    ]);
    expect(memory).toMatchObject({
      suspended: true,
      seen: { web: "r1" },
      lastPlan: { at: 2, trigger: "schedule", rendered: "1. pull" },
    });
    expect(fold([{ type: "suspended", value: false }], memory).suspended).toBe(false);
  });

  it("must be deaf to steps and to events of a later version", () => {
    const unknown = { type: "telepathy" } as unknown as JournalEvent;
    expect(fold([{ type: "done", n: 1, kind: "pullImage", ms: 5 }, unknown])).toBe(EMPTY_MEMORY);
  });

  it("must name every revision it may go back to or is on its way to", () => {
    expect(rememberedRevisions(EMPTY_MEMORY)).toEqual([]);
    expect(rememberedRevisions(fold([idle("a"), idle("b"), progressing("b", "c")]))).toEqual(["b", "a", "c"]);
    const moving = { good: "b", moved: [], jobs: [] };
    const monitoring = { kind: "monitoring", ...moving, to: "c", until: 0 } as const;
    expect(rememberedRevisions(fold([{ type: "rollout", state: monitoring }]))).toEqual(["b", "c"]);
    const back = { kind: "rollingBack", ...moving, failed: "x", reason: "" } as const;
    expect(rememberedRevisions(fold([{ type: "rollout", state: back }]))).toEqual(["b", "x"]);
    const stalled = { kind: "stalled", good: "b", failed: "x", reason: "", rolledBack: true } as const;
    expect(rememberedRevisions(fold([idle("b"), { type: "rollout", state: stalled }]))).toEqual(["b", "x"]);
  });
});
