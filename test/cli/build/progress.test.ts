import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { buildProgress } from "../../../src/cli/build/progress.ts";
import { renderSummary } from "../../../src/cli/build/summary.ts";
import { coloursFor } from "../../../src/cli/output.ts";
import type { BuildPlan, StageOutcome } from "../../../src/pipeline/index.ts";
import { amd64, armhf } from "../../pipeline/rows.ts";

function sink(): { readonly stream: Writable; text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  return { stream, text: () => chunks.join("") };
}

function outcome(change: Partial<StageOutcome>): StageOutcome {
  return {
    stage: "image",
    arch: "armhf",
    state: "done",
    message: "built user/app:armhf",
    ms: 12_345,
    failure: null,
    data: {},
    ...change,
  };
}

const failed = outcome({
  state: "failed",
  message: "armhf: it broke",
  ms: 61_000,
  failure: { code: "E_BUILD", message: "armhf: it broke:\nstep 3\u001b[2J failed", hint: "Mend it." },
});

describe("progress in a log", () => {
  it("must say each line with its image, without anything that moves a cursor", () => {
    const { stream, text } = sink();
    const progress = buildProgress(stream, false, () => 0);
    progress.report({ kind: "started", stage: "image", arch: "armhf" });
    progress.report({ kind: "line", stage: "image", arch: "armhf", text: "#5 \u001b[2Jrun\u0007" });
    progress.report({ kind: "line", stage: "test", arch: null, text: "ok" });
    progress.report({ kind: "warning", arch: "armhf", text: "look" });
    progress.report({ kind: "ended", outcome: outcome({}) });
    progress.report({ kind: "ended", outcome: failed });
    progress.report({ kind: "ended", outcome: outcome({ stage: "push", state: "skipped", message: "no" }) });
    progress.stop();
    expect(text()).toBe(`[armhf image] #5 run
[test] ok
warning: armhf: look
[armhf image] done in 12.3s: built user/app:armhf
[armhf image] failed in 1m01s: armhf: it broke
[armhf push] skipped: no
`);
  });
});

describe("progress on a terminal", () => {
  it("must keep one live line for each image, and leave its end standing", () => {
    const { stream, text } = sink();
    const terminal = Object.assign(stream, { isTTY: true, columns: 120, rows: 40 });
    const clock = { now: 0 };
    const progress = buildProgress(terminal, true, () => clock.now);
    progress.report({ kind: "started", stage: "image", arch: "armhf" });
    progress.report({ kind: "started", stage: "image", arch: "amd64" });
    clock.now = 1_500;
    progress.report({ kind: "line", stage: "image", arch: "armhf", text: "#5 [2/3] RUN make" });
    progress.report({ kind: "ended", outcome: outcome({ arch: "amd64" }) });
    progress.report({ kind: "ended", outcome: outcome({}) });
    progress.stop();
    const seen = text();
    expect(seen).toContain("armhf     image        1.5s  #5 [2/3] RUN make");
    expect(seen).toContain("[amd64 image] done in 12.3s: built user/app:armhf\n");
    expect(seen).toContain("[armhf image] done in 12.3s: built user/app:armhf\n");
    expect(seen.lastIndexOf("\u001b[?25h")).toBeGreaterThan(seen.lastIndexOf("\u001b[?25l"));
  });
});

describe("the summary", () => {
  const plan: BuildPlan = {
    stages: ["test", "image", "push"],
    images: [
      { row: amd64, localTag: "user/app:amd64", pushTags: [] },
      { row: armhf, localTag: "user/app:armhf", pushTags: [] },
    ],
    releaseTags: [],
    gate: { open: false, reason: "no" },
    listSkipped: null,
  };

  it("must have a row for each image, the stages that are one piece, and each failure with what to do", () => {
    const outcomes = [
      outcome({ stage: "test", arch: null, message: "npm test", ms: 900 }),
      outcome({ arch: "amd64", message: "built user/app:amd64", ms: 2_000 }),
      failed,
      outcome({ stage: "push", arch: "amd64", state: "skipped", message: "image of armhf failed" }),
      outcome({ stage: "push", arch: "armhf", state: "skipped", message: "image of armhf failed" }),
    ];
    expect(renderSummary(plan, outcomes, coloursFor({}, {}))).toBe(`test       done in 0.9s: npm test
ARCH   PLATFORM      IMAGE         PUSH
amd64  linux/amd64   done 2.0s     skipped
armhf  linux/arm/v7  failed 1m01s  skipped

error: image of armhf: armhf: it broke:
       step 3 failed
hint:  Mend it.
code:  E_BUILD
`);
  });
});
