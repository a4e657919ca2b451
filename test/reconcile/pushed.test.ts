import { expect, it } from "vitest";
import type { DesiredProject, ImageDecision } from "../../src/core/model/index.ts";
import { emptyView, type ProjectView } from "../../src/reconcile/deps.ts";
import { createPushedProjects } from "../../src/reconcile/pushed.ts";
import { offered as offering, pinned, project, service } from "../support/builders.ts";

const HINT = { registry: "mirror.lan:5000", repository: "user/app", tag: "1" };
const desired = project([service("web", { reference: "user/app:1" }), service("db")]);

function view(more: Partial<ProjectView>): ProjectView {
  return { ...emptyView("p"), ...more };
}

function pushed(views: Record<string, ProjectView>, files: Record<string, DesiredProject | null> = {}) {
  const read: string[] = [];
  const projects = createPushedProjects({
    known: () => [...new Set([...Object.keys(views), ...Object.keys(files)])].sort(),
    view: (name) => views[name] ?? null,
    read: async (name) => {
      read.push(name);
      const found = files[name];
      if (found === undefined) throw new Error("cannot be read");
      return found;
    },
    ground: { last: () => null },
    registries: {
      mirrors: { "docker.io": ["https://mirror.lan:5000"] },
      aliases: { "reg:5000": ["Localhost:5000"] },
    },
  });
  return { projects, read };
}

it("a push to a mirror must be news for the projects whose last look found that image", () => {
  const { projects } = pushed({ a: view({ desired }), b: view({ desired: project([service("db")]) }) });
  expect(projects.interested(HINT)).toEqual([{ project: "a", service: "web" }]);
  expect(projects.hasUnread()).toBe(false);
});

it("a push under another name of its registry must be news", () => {
  const { projects } = pushed({ a: view({ desired }) });
  const hint = { registry: "localhost:5000", repository: "db", tag: "latest" };
  expect(projects.interested(hint)).toEqual([{ project: "a", service: "db" }]);
});

it("a project that nobody looked at yet must be read, once, and one that cannot be read only once too", async () => {
  const { projects, read } = pushed({ b: view({}) }, { a: desired });
  expect([projects.hasUnread(), projects.interested(HINT)]).toEqual([true, []]);
  await projects.readUnread();
  await projects.readUnread();
  expect(projects.interested(HINT)).toEqual([{ project: "a", service: "web" }]);
  expect([projects.hasUnread(), read]).toEqual([false, ["a", "b"]]);
});

it("an image that is only here must be nobody's news", () => {
  const image: ImageDecision = { kind: "local", image: { reference: "user/app:1", imageId: "sha256:1" } };
  const { projects } = pushed({ a: view({ desired, images: new Map([["web", image]]) }) });
  expect(projects.interested(HINT)).toEqual([]);
});

it("what is offered must be what would run here, and nothing while it is held", () => {
  const images = new Map<string, ImageDecision>([
    ["web", offering("web", "1")],
    ["db", { kind: "held", reason: "ArchitectureMissing", message: "not yet" }],
  ]);
  const { projects } = pushed({ a: view({ desired, images }) });
  const offered = (one: string) => projects.offered({ project: "a", service: one });
  expect([offered("web"), offered("db"), offered("none")]).toEqual([
    pinned("web", "1").platformDigest,
    null,
    null,
  ]);
});
