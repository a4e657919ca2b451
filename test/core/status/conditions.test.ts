// What each condition says in words: the first thing an operator reads.
import { describe, expect, it } from "vitest";
import type { ObservedContainer } from "../../../src/core/model/index.ts";
import { type ProjectStatusInput, projectStatus } from "../../../src/core/status/index.ts";
import { aContainer, aDesired, aDesiredService, anObserved, input } from "./builders.ts";

function says(type: string, over: Partial<ProjectStatusInput> = {}): string | undefined {
  return projectStatus(input(over)).conditions.find((one) => one.type === type)?.message;
}

const one = aDesired([aDesiredService("web")]);
const observing = (...containers: readonly ObservedContainer[]) => ({
  desired: one,
  observed: anObserved(containers),
});

describe("Ready must say", () => {
  it.each<[string, string, Partial<ProjectStatusInput>]>([
    ["how many run", "2 services run as the compose file says", {}],
    ["that one runs", "1 service runs as the compose file says", observing(aContainer("web"))],
    ["that none is wanted", "no service is switched on", { desired: aDesired([]) }],
    ["that nobody looked", "the engine was not asked yet", { observed: null }],
    ["who has no container", "web has no container", observing()],
    [
      "who ended, and how",
      "web is exited with code 3",
      observing(aContainer("web", { state: "exited", exitCode: 3 })),
    ],
    ["who is in another state", "web is paused", observing(aContainer("web", { state: "paused" }))],
    ["who is unhealthy", "web is unhealthy", observing(aContainer("web", { health: "unhealthy" }))],
    [
      "whose health is not known",
      "web runs, its health is not known yet",
      observing(aContainer("web", { health: "starting" })),
    ],
    [
      "who has too few replicas",
      "1 of 2 replicas of web run",
      { desired: aDesired([aDesiredService("web", { replicas: 2 })]) },
    ],
    ["all that is broken", "db has no container; web has no container", { observed: anObserved([]) }],
  ])("%s", (_what, message, over) => {
    expect(says("Ready", over)).toBe(message);
  });

  it("who is held, and why a held one has no container", () => {
    const hold = (service: string) => ({ service, reason: "RateLimited" as const, message: "later" });
    const plan = { held: [hold("db"), hold("web")], notes: [] };
    expect(says("Ready", { plan })).toBe("nothing is broken; held: db and web");
    expect(says("Ready", { plan: { held: [hold("web")], notes: [] } })).toBe("nothing is broken; held: web");
    expect(says("Ready", { plan, ...observing() })).toBe("web has no container (held: RateLimited)");
  });

  it("nothing about a service that is scaled to zero", () => {
    const desired = aDesired([aDesiredService("web", { replicas: 0 })]);
    expect(says("Ready", { ...observing(), desired })).toBe("1 service runs as the compose file says");
  });
});

describe("a job", () => {
  const waiting = (service: string, condition: string) =>
    aDesiredService("db", {
      dependsOn: [{ service, condition, restart: false, required: true } as never],
    });
  const ready = (over: Partial<ProjectStatusInput>) => projectStatus(input(over)).conditions[0]?.status;
  const ended = anObserved([aContainer("db"), aContainer("web", { state: "exited" })]);

  it.each([
    ["waits for another job", waiting("init", "service_completed_successfully")],
    ["only waits for its start", waiting("web", "service_started")],
  ])("a server must not be taken for one because somebody %s", (_what, db) => {
    expect(ready({ desired: aDesired([db, aDesiredService("web")]), observed: ended })).toBe("False");
  });

  it("must be allowed to have ended with a bounded restart policy too", () => {
    const web = aDesiredService("web", { restart: "on-failure:3" });
    expect(ready({ desired: aDesired([aDesiredService("db"), web]), observed: ended })).toBe("True");
  });

  it("that was killed before it ran must not be taken for done", () => {
    const web = aDesiredService("web", { restart: "no" });
    const observed = anObserved([aContainer("web", { state: "dead" })]);
    expect(ready({ desired: aDesired([web]), observed })).toBe("False");
  });
});

describe("the other conditions must say", () => {
  it("that nothing is to do and nobody needed, or that somebody looks", () => {
    expect(says("Reconciling")).toBe("nothing to do");
    expect(says("Stalled")).toBe("nobody is needed");
    expect(says("Reconciling", { busy: true })).toBe("looking at registries and engine");
  });

  it("whose login was refused", () => {
    const plan = {
      held: [{ service: "web", reason: "Unauthorized" as const, message: "log in" }],
      notes: [],
    };
    expect(says("Stalled", { plan })).toBe("web: log in");
  });

  it("the place of an invalid file as far as it is known", () => {
    const invalid = { message: "no" };
    expect(says("Stalled", { invalid })).toBe("no");
    expect(says("Stalled", { invalid: { ...invalid, file: "compose.yaml" } })).toBe("compose.yaml: no");
    expect(says("Stalled", { invalid: { ...invalid, file: "compose.yaml", line: 3 } })).toBe(
      "compose.yaml:3: no",
    );
  });
});
