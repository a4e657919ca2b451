import { describe, expect, it } from "vitest";
import type {
  BroughtImage,
  ImageDecision,
  ImageSummary,
  RevisionSnapshot,
} from "../../../src/core/model/index.ts";
import { broughtBy, broughtWith, plan, planObsolete, renderPlan } from "../../../src/core/plan/index.ts";
import type { ObsoleteInput } from "../../../src/core/plan/obsolete.ts";
import { input, offered, pinned, project, service } from "../../support/builders.ts";

const web = service("web");

/** Version `version` of the service's image, as it was pulled; `tag` where the file named another one than latest. */
function brought(version: string, parts: { of?: string; tag?: string } = {}): BroughtImage {
  const { of = "web", tag = "latest" } = parts;
  const { name, indexDigest, platformDigest, configDigest } = pinned(of, version);
  return { service: of, reference: `${name}:${tag}`, name, indexDigest, platformDigest, configDigest };
}

function local(version: string, parts: Partial<ImageSummary> = {}): ImageSummary {
  const { name, platformDigest, configDigest } = pinned("web", version);
  return { id: configDigest, repoTags: [], repoDigests: [`${name}@${platformDigest}`], size: 1, ...parts };
}

function revision(images: Readonly<Record<string, ImageDecision>>): RevisionSnapshot {
  return { id: "r", project: project([web]), images, madeAt: 1 };
}

const runs = (...versions: string[]) => versions.map((version) => revision({ web: offered("web", version) }));

/** Versions 1 to 4 were pulled in this order and are all here; 4 runs and 3 did before it. */
function removed(parts: Partial<ObsoleteInput> = {}): readonly string[] {
  const versions = ["1", "2", "3", "4"];
  const { steps } = planObsolete({
    project: "p",
    brought: versions.map((version) => brought(version)),
    needed: runs("4", "3"),
    keep: 1,
    failed: new Set(),
    images: versions.map((version) => local(version)),
    used: new Set(),
    ...parts,
  });
  return steps.flatMap((step) => (step.kind === "removeImage" ? [step.image] : [])).sort();
}

const ids = (...versions: string[]) => versions.map((version) => pinned("web", version).configDigest).sort();

describe("images of earlier revisions", () => {
  it("must go, but for what runs and the one to go back to", () => {
    expect(removed()).toEqual(ids("1", "2"));
  });

  it("must all go with keep: 0, but for what runs", () => {
    expect(removed({ keep: 0, needed: runs("4") })).toEqual(ids("1", "2", "3"));
  });

  it("must stay, the last pulled first, as many as keep says, and none that failed instead of one that worked", () => {
    expect(removed({ keep: 2 })).toEqual(ids("1"));
    const { platformDigest } = pinned("web", "2");
    expect(removed({ keep: 2, failed: new Set([platformDigest]) })).toEqual(ids("2"));
  });

  it("must include one that failed and is needed by nothing", () => {
    expect(removed({ needed: runs("3", "2") })).toEqual(ids("1", "4"));
  });

  it("must stay for another service or project that needs them, whatever that calls them", () => {
    const other = revision({ api: { kind: "pinned", image: pinned("web", "1") } });
    expect(removed({ needed: [...runs("4", "3"), other] })).toEqual(ids("2"));
    const byId = { reference: "x", imageId: pinned("web", "1").configDigest };
    const here = revision({ api: { kind: "local", image: byId } });
    expect(removed({ needed: [...runs("4", "3"), here] })).toEqual(ids("2"));
  });
});

describe("what is not removed", () => {
  it("must be whatever Boardhand did not pull", () => {
    expect(removed({ brought: [brought("2")] })).toEqual(ids("2"));
    expect(removed({ brought: [] })).toEqual([]);
  });

  it("must be what any container uses", () => {
    expect(removed({ used: new Set(ids("1")) })).toEqual(ids("2"));
  });

  it("must be what somebody gave another tag, or pulled by another name", () => {
    const named = (repoTags: readonly string[]) =>
      removed({ images: [local("1", { repoTags }), local("2")] });
    expect(named(["reg:5000/web:old"])).toEqual(ids("2"));
    expect(named(["reg:5000/web:latest", "reg:5000/web:old"])).toEqual(ids("2"));
    const { platformDigest, name } = pinned("web", "1");
    const repoDigests = [`${name}@${platformDigest}`, `mirror.lan/web@${platformDigest}`];
    expect(removed({ images: [local("1", { repoDigests }), local("2")] })).toEqual(ids("2"));
  });

  it("must be asked for no more when it is gone already", () => {
    expect(removed({ images: [local("2")] })).toEqual(ids("2"));
  });
});

describe("a tag that Boardhand gave", () => {
  it("must not keep the image of an earlier version: it goes first", () => {
    const made = planObsolete({
      project: "p",
      brought: [brought("1", { tag: "1.0" })],
      needed: runs("4"),
      keep: 0,
      failed: new Set(),
      images: [local("1", { repoTags: ["reg:5000/web:1.0"] })],
      used: new Set(),
    });
    expect(made).toMatchObject({ held: [], moved: [], notes: [] });
    expect(made.steps.map((step) => [step.kind === "removeImage" && step.image, step.required])).toEqual([
      ["reg:5000/web:1.0", false],
      [pinned("web", "1").configDigest, false],
    ]);
    expect(renderPlan(made)).toContain("of an earlier revision; keep: 0");
  });
});

describe("what was brought", () => {
  const made = (madeAt: number, images: readonly BroughtImage[]): RevisionSnapshot => ({
    ...revision({}),
    madeAt,
    brought: images,
  });

  it("must be what all revisions say, each once, the earliest first, and only while it is here", () => {
    const revisions = [
      made(3, [brought("1"), brought("2"), brought("3")]),
      made(1, [brought("1"), brought("0")]),
    ];
    const images = ["0", "1", "3"].map((version) => local(version));
    expect(broughtBy(revisions, images)).toEqual([brought("1"), brought("0"), brought("3")]);
  });

  it("must be nothing where revisions of an older release do not say", () => {
    expect(broughtBy(runs("1"), [local("1")])).toEqual([]);
  });

  it("must grow by what a plan pulls, for the service that it is pulled for, and by nothing that is here", () => {
    const pulls = plan(input([web], { web: "2" }, []));
    expect(broughtWith([brought("1")], pulls)).toEqual([brought("1"), brought("2")]);
    const here = input([web], { web: "2" }, []);
    const none = plan({ ...here, observed: { ...here.observed, images: [local("2")] } });
    expect(broughtWith([brought("1")], none)).toEqual([brought("1")]);
  });
});
