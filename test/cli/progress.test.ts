import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { terminalProgress } from "../../src/cli/progress.ts";
import type { PinnedImage, Step, StepOf } from "../../src/core/model/index.ts";
import type { ProgressEvent } from "../../src/ports/index.ts";

function screen(isTty: boolean) {
  const chunks: string[] = [];
  const stream = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk.toString());
        done();
      },
    }),
    { isTTY: isTty, columns: 100 },
  );
  return { sink: terminalProgress(stream, isTty), text: () => chunks.join("") };
}

const base = { n: 1, service: "web", after: [], cause: "new image", required: true } as const;
const start: Step = { ...base, n: 2, kind: "startContainer", ref: "#1", name: "web-1" };
const digest = `sha256:${"0".repeat(64)}` as const;
const image: PinnedImage = {
  reference: "registry/web:1",
  name: "registry/web",
  tag: "1",
  indexDigest: digest,
  platformDigest: digest,
  configDigest: digest,
  platform: { os: "linux", architecture: "arm", variant: "v7" },
  layers: [],
};
const pull: StepOf<"pullImage"> = { ...base, kind: "pullImage", image };
const pulled = (bytes: number, totalBytes = 100_000_000): ProgressEvent => ({
  kind: "pull",
  project: "home",
  step: pull,
  progress: { layers: 1, layersDone: 0, bytes, totalBytes },
});

describe("progress elsewhere than on a terminal", () => {
  it("must be one plain line a step, with its time", () => {
    const { sink, text } = screen(false);
    sink({ kind: "step", project: "home", step: start, of: 3 });
    sink({ kind: "stepDone", project: "home", step: start, ms: 412 });
    sink({ kind: "stepFailed", project: "home", step: start, message: "port is\n taken\u001b[2J" });
    expect(text()).toBe(
      "web  startContainer web-1 … done 0.4s\nweb  startContainer web-1 … failed: port is  taken\n",
    );
  });

  it("must say at most one line for each tenth of a pull, and announce it before", () => {
    const { sink, text } = screen(false);
    sink({ kind: "step", project: "home", step: pull, of: 3 });
    sink(pulled(0, 0));
    for (let bytes = 0; bytes <= 100_000_000; bytes += 500_000) sink(pulled(bytes));
    sink(pulled(50_000_000, 500_000_000));
    sink({ kind: "stepDone", project: "home", step: pull, ms: 61_000 });
    const lines = text().trimEnd().split("\n");
    expect(lines).toHaveLength(12);
    expect(lines[0]).toBe("web  pullImage registry/web:1 …");
    expect(lines[1]).toBe("web  pullImage registry/web:1 … 10 % of 100.0 MB");
    expect(lines[11]).toBe("web  pullImage registry/web:1 … done 1m1s");
  });

  it("must tell what is planned, held and rolled back, and nothing of what only a page needs", () => {
    const { sink, text } = screen(false);
    const held = [{ service: "db", reason: "Suspended", message: "by you" }] as const;
    const plan = { project: "home", steps: [start], held, moved: ["web"], jobs: [], notes: [] };
    sink({ kind: "planned", project: "home", plan, rendered: "" });
    sink({ kind: "planned", project: "home", plan: { ...plan, steps: [], held: [] }, rendered: "" });
    sink({ kind: "changed", project: "home" });
    const stalled = {
      kind: "stalled",
      good: "a",
      failed: "b",
      reason: "unhealthy",
      rolledBack: true,
    } as const;
    sink({ kind: "rollout", project: "home", rollout: stalled });
    sink({ kind: "rollout", project: "home", rollout: { kind: "idle", good: "a" } });
    expect(text()).toBe(
      "home: 1 step\ndb  held: Suspended: by you\nhome: nothing to do\nhome: rolled back: unhealthy\n",
    );
  });
});

describe("progress on a terminal", () => {
  it("must draw a bar for a pull, keep lines above it, and give the cursor back", () => {
    const { sink, text } = screen(true);
    sink(pulled(25_000_000));
    sink(pulled(50_000_000));
    sink({ kind: "stepDone", project: "home", step: start, ms: 100 });
    sink({ kind: "stepDone", project: "home", step: pull, ms: 100 });
    sink.stop();
    expect(text()).toMatch(/web {2}pullImage registry\/web:1 \[[#.]{24}\]/);
    expect(text()).toContain("web  pullImage registry/web:1 … done 0.1s\n");
    expect(text().lastIndexOf("\u001b[?25h")).toBeGreaterThan(text().lastIndexOf("\u001b[?25l"));
  });

  it("must give the cursor back when it is stopped in the middle", () => {
    const { sink, text } = screen(true);
    sink(pulled(25_000_000));
    sink.stop();
    sink.stop();
    expect(text().lastIndexOf("\u001b[?25h")).toBeGreaterThan(text().lastIndexOf("\u001b[?25l"));
  });
});
