import { describe, expect, it } from "vitest";
import type { ImageDecision, RevisionSnapshot } from "../../src/core/model/index.ts";
import { plan } from "../../src/core/plan/index.ts";
import {
  movedServices,
  quarantine,
  rememberSeen,
  snapshotOf,
  transition,
} from "../../src/reconcile/record.ts";
import { container, input, observed, offered, project, retired, service } from "../support/builders.ts";
import { memoryJournal } from "./memory-journal.ts";

const web = service("web");
const db = service("db");

function snapshot(parts: Parameters<typeof input>, good: RevisionSnapshot | null = null): RevisionSnapshot {
  const made = input(...parts);
  return snapshotOf("r", made.desired, made.images, made.observed, plan(made), good, 7);
}

function revision(id: string, images: Readonly<Record<string, ImageDecision>>): RevisionSnapshot {
  return { id, project: project([web, db]), images, madeAt: 0 };
}

describe("a revision that is written down", () => {
  it("must have what the registry offers for what is replaced, and what runs for what is kept", () => {
    const now = snapshot([[web, db], { web: "2", db: "1" }, [container(web, "1"), container(db, "1")]]);
    expect(now.images).toEqual({ web: offered("web", "2"), db: offered("db", "1") });
    expect(now).toMatchObject({ id: "r", madeAt: 7 });
  });

  it("must have the good revision's image for what is held, or else the image that is here", () => {
    const stopped = container(web, "1", { state: "exited", exitCode: 137 });
    const parts: Parameters<typeof input> = [[web], { web: "2" }, [stopped]];
    expect(snapshot(parts, revision("g", { web: offered("web", "1") })).images).toEqual({
      web: offered("web", "1"),
    });
    expect(snapshot(parts).images.web).toEqual({
      kind: "local",
      image: { reference: stopped.imageReference, imageId: stopped.imageId },
    });
  });

  it("must have what a container runs that is only started again, though something newer is refused", () => {
    const stopped = container(web, "1", { state: "exited", exitCode: 137 });
    const failed = { service: "web", platformDigest: null, definitionHash: web.definitionHash };
    const refused = { ...failed, culprit: failed, reason: "x", since: 0 };
    const parts = { force: true, quarantine: [refused] };
    const images = snapshot(
      [[web], { web: "2" }, [stopped], parts],
      revision("g", { web: offered("web", "1") }),
    );
    expect(images.images.web).toEqual(offered("web", "1"));
  });
});

describe("what moved", () => {
  it("must be told apart: by image, by definition, by both, or not at all", () => {
    const before = revision("g", { web: offered("web", "1"), db: offered("db", "1") });
    const redefined = service("db", { definitionHash: "v1:new" });
    const after = {
      ...revision("f", { web: offered("web", "2"), db: offered("db", "1") }),
      project: project([web, redefined]),
    };
    const digest = (name: string, version: string) => {
      const decision = offered(name, version);
      return decision.kind === "pinned" ? decision.image.platformDigest : null;
    };
    expect(movedServices(["web", "db"], after, before)).toEqual([
      { service: "web", platformDigest: digest("web", "2"), definitionHash: null },
      { service: "db", platformDigest: null, definitionHash: "v1:new" },
    ]);
    expect(movedServices(["web"], before, before)).toEqual([
      { service: "web", platformDigest: null, definitionHash: null },
    ]);
    expect(movedServices(["web"], after, null)[0]).toMatchObject({ definitionHash: "v1:web" });
  });
});

describe("what is written", () => {
  it("a transition must be on disk once, and nothing where the state stays", async () => {
    const journal = memoryJournal();
    const told: string[] = [];
    const deps = { journal, progress: (event: { kind: string }) => void told.push(event.kind) };
    await transition("p", { kind: "proven" }, deps);
    expect(journal.entries).toEqual([]);
    const state = await transition("p", { kind: "planned", revision: "r", moved: ["web"], jobs: [] }, deps);
    expect(state.kind).toBe("progressing");
    expect(journal.entries.map(({ how }) => how)).toEqual(["durable"]);
    expect(told).toEqual(["rollout"]);
  });

  it("a service must be seen where it runs in its place, and written only when that is news", async () => {
    const journal = memoryJournal();
    const gone = retired(container(db, "1"));
    const there = observed([container(web, "1"), { ...gone, state: "running" }]);
    await rememberSeen(project([web, db]), there, journal);
    expect(journal.memory("p").seen).toEqual({ web: "r1" });
    await rememberSeen(project([web, db]), there, journal);
    expect(journal.entries).toHaveLength(1);
    await rememberSeen(project([web, db], { composeRevision: "r2" }), there, journal);
    expect(journal.memory("p").seen).toEqual({ web: "r2" });
  });

  it("a quarantine must name who was to blame, and nothing where nothing had changed", async () => {
    const journal = memoryJournal();
    const same = { service: "web", platformDigest: null, definitionHash: null };
    await quarantine("p", [same], "web", "was ill", 5, journal);
    expect(journal.entries).toEqual([]);
    const moved = { ...same, platformDigest: "sha256:2" as const };
    await quarantine("p", [moved, { ...moved, service: "db" }], "web", "was ill", 5, journal);
    expect(journal.memory("p").quarantine).toMatchObject([
      { service: "web", culprit: { service: "web" }, reason: "was ill", since: 5 },
      { service: "db", culprit: { service: "web" } },
    ]);
  });
});
