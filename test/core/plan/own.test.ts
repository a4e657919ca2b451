// What the agent itself runs as is no part of what a look plans.
import { describe, expect, it } from "vitest";
import {
  ownNote,
  plan,
  planRollback,
  takingPart,
  withoutOwnContainers,
  withoutOwnService,
} from "../../../src/core/plan/index.ts";
import { container, input, observed, offered, project, service } from "../../support/builders.ts";

const OWN = { project: "p", service: "agent" };
const AGENT = service("agent");
const WEB = service("web", {
  dependsOn: [{ service: "agent", condition: "service_started", restart: true, required: true }],
});

describe("the agent's own service", () => {
  it("must get no step when its image or its definition is another, and the others must", () => {
    const desired = project([AGENT, WEB]);
    const there = observed([
      container(service("agent", { definitionHash: "v1:old" }), "1"),
      container(WEB, "1"),
    ]);
    const images = { agent: offered("agent", "2"), web: offered("web", "2") };
    const steps = planned(desired, there, images).steps;
    expect(new Set(steps.map((step) => step.service))).toEqual(new Set(["web"]));
  });

  it("must not be started, stopped or removed under any name that its update gives it", () => {
    const running = container(AGENT, "1");
    const names = [
      `p-agent-1.retired-${running.id.slice(0, 12)}`,
      "p-agent-1.next",
      "p-agent-1.failed-aaaaaaaaaaaa",
    ];
    const states = names.map((name) => ({ ...running, name, state: "exited" as const }));
    const there = observed([running, ...states, container(WEB, "1")]);
    expect(planned(project([AGENT, WEB]), there, { web: offered("web", "1") }).steps).toEqual([]);
    const left = withoutOwnContainers(there, OWN);
    expect(takingPart(left.containers)).toEqual([]);
  });

  it("must not be removed as an orphan, nor put back by the way back of others", () => {
    const running = { ...container(AGENT, "1"), name: "p-agent-1.retired-000000000000" };
    const there = withoutOwnContainers(observed([running, container(WEB, "1")]), OWN);
    const gone = { ...input([WEB], { web: "1" }, [], { orphans: "remove" }), observed: there };
    expect(plan(gone).steps).toEqual([]);
    const back = planRollback({
      observed: there,
      order: ["agent", "web"],
      fresh: ["agent"],
      moved: ["agent"],
      jobs: [],
      good: new Map(),
      restart: new Map(),
      startFirst: new Set(),
      restarts: new Map(),
      services: new Map(),
      healthTimeoutMs: 1000,
      reason: "test",
    });
    expect(back.steps.filter((step) => step.service === "agent")).toEqual([]);
  });

  it("must hold who joins its namespaces, as only its own update could move both", () => {
    const joined = service("side", { sharesWith: ["agent"] });
    const made = planned(project([AGENT, joined]), observed([]), { side: offered("side", "1") });
    expect(made.steps).toEqual([]);
    expect(made.held).toMatchObject([{ service: "side", reason: "ComposeInvalid" }]);
    expect(made.held[0]?.message).toContain("which is Boardhand itself");
  });

  it("must be named to the operator, and other projects must be left as they are", () => {
    const desired = project([AGENT, WEB]);
    expect(ownNote(desired, OWN)).toBe("agent is this agent: it updates itself");
    expect(ownNote(project([WEB]), OWN)).toContain("no service of the file any more");
    expect(ownNote(desired, null)).toBeNull();
    expect(withoutOwnService(desired, { ...OWN, project: "other" })).toBe(desired);
    expect(withoutOwnContainers(observed([]), null).containers).toEqual([]);
  });
});

function planned(
  desired: ReturnType<typeof project>,
  there: ReturnType<typeof observed>,
  images: Readonly<Record<string, ReturnType<typeof offered>>>,
) {
  return plan({
    ...input([], {}, []),
    desired: withoutOwnService(desired, OWN),
    observed: withoutOwnContainers(there, OWN),
    images: new Map(Object.entries(images)),
  });
}
