import { describe, expect, it } from "vitest";
import type { DesiredService, ImageDecision, PinnedImage } from "../../../src/core/model/index.ts";
import { plan, planRollback } from "../../../src/core/plan/index.ts";
import { container, digestOf, input, observed, pinned, retired, service } from "../../support/builders.ts";

const ARM64 = { os: "linux", architecture: "arm64", variant: null };
const AMD64 = { os: "linux", architecture: "amd64", variant: null };
const shared = { reference: "reg:5000/web:latest" };
const native = service("native", shared);
const arm = service("arm", { ...shared, platform: ARM64 });

function image(content: string): PinnedImage {
  return {
    ...pinned("web", "1"),
    platformDigest: digestOf(content),
    configDigest: digestOf(`config ${content}`),
  };
}

const offer = (content: string): ImageDecision => ({ kind: "pinned", image: image(content) });

function made(services: readonly DesiredService[], versions: Readonly<Record<string, ImageDecision>>) {
  const { steps } = plan(input(services, versions, []));
  return {
    tags: steps.flatMap((step) => (step.kind === "tagImage" ? [step.image] : [])),
    from: Object.fromEntries(
      steps.flatMap((step) =>
        step.kind === "createContainer" ? [[step.service, step.image.reference]] : [],
      ),
    ),
  };
}

describe("several platforms of one reference", () => {
  const at = (content: string) => `reg:5000/web@${digestOf(content)}`;

  it("must leave the tag to the service that names no platform, and make the others from their manifests", () => {
    expect(made([arm, native], { arm: offer("arm"), native: offer("native") })).toEqual({
      tags: [at("native")],
      from: { native: "reg:5000/web:latest", arm: at("arm") },
    });
  });

  it("must leave the tag to nobody where each names one", () => {
    const other = service("native", { ...shared, platform: AMD64 });
    expect(made([arm, other], { arm: offer("arm"), native: offer("native") })).toEqual({
      tags: [],
      from: { native: at("native"), arm: at("arm") },
    });
  });

  it("must not take the tag from the one that owns it, where another names the same platform in words", () => {
    const inWords = service("a", { ...shared, platform: AMD64 });
    expect(made([inWords, native], { a: offer("native"), native: offer("native") }).tags).toEqual([
      at("native"),
    ]);
  });

  it("must go by the tag where all want the same one", () => {
    const twin = service("twin", { ...shared, platform: ARM64 });
    expect(made([arm, twin], { arm: offer("arm"), twin: offer("arm") })).toEqual({
      tags: [at("arm")],
      from: { arm: "reg:5000/web:latest", twin: "reg:5000/web:latest" },
    });
  });

  it("must share the tag with those that name no platform where all get the same image", () => {
    const named = service("named", { ...shared, platform: ARM64 });
    expect(made([named, native], { named: offer("native"), native: offer("native") })).toEqual({
      tags: [at("native")],
      from: { named: "reg:5000/web:latest", native: "reg:5000/web:latest" },
    });
  });

  it("must not matter to a reference that nobody else wants", () => {
    const alone = service("arm", { reference: "reg:5000/arm:latest", platform: ARM64 });
    const pinnedAlone = { ...image("arm"), reference: alone.reference };
    expect(
      made([alone, native], { arm: { kind: "pinned", image: pinnedAlone }, native: offer("native") }),
    ).toEqual({
      tags: [at("arm"), at("native")],
      from: { arm: "reg:5000/arm:latest", native: "reg:5000/web:latest" },
    });
  });

  it("must leave the tag alone where the one that owns it does not move", () => {
    const there = container(native, "1", { platformDigest: digestOf("native") });
    const { steps } = plan(input([arm, native], { arm: offer("arm"), native: offer("native") }, [there]));
    expect(steps.map((step) => step.kind)).toEqual([
      "pullImage",
      "verifyImage",
      "createContainer",
      "startContainer",
      "awaitHealthy",
    ]);
  });

  it("must not be tagged on the way back where the old container was made from an id", () => {
    const old = { ...retired(container(arm, "1")), imageReference: digestOf("id") };
    const back = planRollback({
      observed: observed([old]),
      order: [],
      moved: [],
      fresh: [],
      jobs: [],
      good: new Map(),
      restart: new Map(),
      startFirst: new Set(),
      restarts: new Map(),
      services: new Map(),
      healthTimeoutMs: 1000,
      reason: "it failed",
    });
    expect(back.steps.map((step) => step.kind)).not.toContain("tagImage");
    expect(back.steps.map((step) => step.kind)).toContain("startContainer");
  });
});
