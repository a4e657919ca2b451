import { describe, expect, it } from "vitest";
import type { ImageSummary, RevisionSnapshot } from "../../../src/core/model/index.ts";
import { planObsolete } from "../../../src/core/plan/index.ts";
import { offered, pinned, project, service } from "../../support/builders.ts";

const web = service("web");

function revision(version: string, madeAt: number): RevisionSnapshot {
  return { id: `r${version}`, project: project([web]), images: { web: offered("web", version) }, madeAt };
}

function local(version: string, tags: readonly string[] = []): ImageSummary {
  return { id: pinned("web", version).configDigest, repoTags: tags, repoDigests: [], size: 1 };
}

const REVISIONS = ["4", "3", "2", "1"].map((version) => revision(version, Number(version)));
const HERE = ["4", "3", "2", "1"].map((version) => local(version));

function removed(
  keep: number,
  needed: readonly string[],
  images: readonly ImageSummary[] = HERE,
): readonly string[] {
  const { steps } = planObsolete({ project: "p", revisions: REVISIONS, needed, keep, images });
  return steps.flatMap((step) => (step.kind === "removeImage" ? [step.image] : []));
}

const ids = (...versions: string[]) => versions.map((version) => pinned("web", version).configDigest);

describe("images of earlier revisions", () => {
  it("must go, but for what runs and the one to go back to", () => {
    expect([...removed(1, ["r4", "r3"])].sort()).toEqual([...ids("2", "1")].sort());
  });

  it("must all go with keep: 0, but for what runs", () => {
    expect([...removed(0, ["r4"])].sort()).toEqual([...ids("3", "2", "1")].sort());
  });

  it("must stay, the newest first, as many as keep says", () => {
    expect(removed(2, ["r4", "r3"])).toEqual(ids("1"));
  });

  it("must include one that failed and is needed by nothing", () => {
    expect([...removed(1, ["r3", "r2"])].sort()).toEqual([...ids("4", "1")].sort());
  });

  it("must stay while a tag names them, and not be asked for when they are gone already", () => {
    expect(removed(1, ["r4", "r3"], [local("2", ["reg:5000/web:old"])])).toEqual([]);
  });

  it("must stay when another service of the project still runs them", () => {
    const both: RevisionSnapshot = {
      ...revision("4", 9),
      images: { web: offered("web", "4"), api: offered("web", "1") },
    };
    const { steps } = planObsolete({
      project: "p",
      revisions: [both, ...REVISIONS],
      needed: ["r4"],
      keep: 0,
      images: HERE,
    });
    expect(steps.map((step) => step.kind === "removeImage" && step.image)).not.toContain(ids("1")[0]);
  });

  it("must be the whole plan: by digest, for the last service that had them, and a failure must not matter", () => {
    const versions = ["3", "2", "1"].sort((a, b) =>
      pinned("web", a).platformDigest < pinned("web", b).platformDigest ? -1 : 1,
    );
    expect(
      planObsolete({ project: "p", revisions: REVISIONS, needed: ["r4"], keep: 0, images: HERE }),
    ).toEqual({
      project: "p",
      steps: versions.map((version, i) => ({
        kind: "removeImage",
        n: i + 1,
        service: "web",
        after: [],
        cause: "of an earlier revision; keep: 0",
        required: false,
        image: pinned("web", version).configDigest,
      })),
      held: [],
      moved: [],
      jobs: [],
      notes: [],
    });
  });

  it("must not be looked for in what was local or held", () => {
    const local = { kind: "local", image: { reference: "x", imageId: HERE[0]?.id ?? "" } } as const;
    const held = { kind: "held", reason: "RateLimited", message: "later" } as const;
    const revisions = [{ ...revision("4", 4), images: { web: local, db: held } }, revision("3", 3)];
    const { steps } = planObsolete({ project: "p", revisions, needed: ["r4"], keep: 0, images: HERE });
    expect(steps.map((step) => step.kind === "removeImage" && step.image)).toEqual(ids("3"));
  });

  it("must count each image once, for each service", () => {
    const twice = [
      revision("4", 9),
      revision("3", 8),
      { ...revision("3", 7), id: "again" },
      revision("2", 6),
    ];
    const kept = (keep: number) =>
      planObsolete({ project: "p", revisions: twice, needed: ["r4"], keep, images: HERE }).steps.map(
        (step) => step.kind === "removeImage" && step.image,
      );
    expect(kept(3)).toEqual([]);
    expect(kept(2)).toEqual(ids("2"));
  });
});
