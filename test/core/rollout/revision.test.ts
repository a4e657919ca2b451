import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ImageDecision } from "../../../src/core/model/index.ts";
import { revisionId } from "../../../src/core/rollout/index.ts";
import { offered, pinned, project, service } from "../../support/builders.ts";

const web = service("web");
const db = service("db");
const images = (webImage: ImageDecision | null, dbImage: ImageDecision | null) =>
  new Map([
    ...(webImage === null ? [] : [["web", webImage] as const]),
    ...(dbImage === null ? [] : [["db", dbImage] as const]),
  ]);
const local = (imageId: string): ImageDecision => ({ kind: "local", image: { reference: "x", imageId } });
const HELD: ImageDecision = { kind: "held", reason: "RateLimited", message: "later" };
const BOTH = images(offered("web", "1"), offered("db", "1"));
const base = revisionId(project([web, db]), BOTH);

describe("the id of a revision", () => {
  it("must be made of the file's revision, and of name, definition and image of each service by name", () => {
    const text = [
      "r1",
      `db v1:db ${pinned("db", "1").platformDigest}`,
      `web v1:web ${pinned("web", "1").platformDigest}`,
    ].join("\n");
    expect(base).toBe(createHash("sha256").update(text).digest("hex").slice(0, 12));
  });

  it("must not change with the order of the services", () => {
    expect(revisionId(project([db, web]), BOTH)).toBe(base);
  });

  it("must change with each thing that is in it", () => {
    const ids = [
      base,
      revisionId(project([web, db], { composeRevision: "r2" }), BOTH),
      revisionId(project([{ ...web, definitionHash: "v1:x" }, db]), BOTH),
      revisionId(project([{ ...web, name: "www" }, db]), BOTH),
      revisionId(project([web]), BOTH),
      revisionId(project([web, db]), images(offered("web", "2"), offered("db", "1"))),
      revisionId(project([web, db]), images(local("i"), offered("db", "1"))),
      revisionId(project([web, db]), images(local("j"), offered("db", "1"))),
      revisionId(project([web, db]), images(HELD, offered("db", "1"))),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("must be the same for an image that is held and one that nobody looked up", () => {
    const held = revisionId(project([web, db]), images(HELD, offered("db", "1")));
    expect(revisionId(project([web, db]), images(null, offered("db", "1")))).toBe(held);
    const text = ["r1", `db v1:db ${pinned("db", "1").platformDigest}`, "web v1:web unknown"].join("\n");
    expect(held).toBe(createHash("sha256").update(text).digest("hex").slice(0, 12));
  });
});
