import { describe, expect, it } from "vitest";
import { plan } from "../../../src/core/plan/index.ts";
import { container, input, service } from "../../support/builders.ts";

const needs = { restart: false, required: true, condition: "service_started" } as const;
const db = service("db");
const web = service("web", { dependsOn: [{ service: "db", ...needs }] });
const other = service("other");
const notCreated = new Map([["db", "no such device"]]);

describe("a service whose replacement could not be made", () => {
  it("must be held with the engine's words, and the others go on", () => {
    const there = [container(db, "1"), container(web, "1"), container(other, "1")];
    const versions = { db: "2", web: "2", other: "2" };
    const { held, moved } = plan(input([db, web, other], versions, there, { notCreated }));
    expect(held).toEqual([{ service: "db", reason: "NotCreated", message: "no such device" }]);
    expect(moved).toEqual(["other", "web"]);
  });

  it("must keep waiting only what needs it and does not run", () => {
    const versions = { db: "1", web: "1", other: "1" };
    const { held, moved } = plan(input([db, web, other], versions, [], { notCreated }));
    expect(moved).toEqual(["other"]);
    expect(held).toEqual([
      { service: "db", reason: "NotCreated", message: "no such device" },
      { service: "web", reason: "NotCreated", message: "waits for db: no such device" },
    ]);
  });

  it("must be started all the same where its container is the right one", () => {
    const created = container(db, "1", { state: "created", startedAt: null });
    expect(plan(input([db], { db: "1" }, [created], { notCreated })).moved).toEqual(["db"]);
  });
});
