import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ObservedContainer } from "../../src/core/model/index.ts";
import {
  dependencyOrder,
  plan,
  planRollback,
  renderPlan,
  retiredFrom,
  startsFirst,
  withoutOwnContainers,
  withoutOwnService,
} from "../../src/core/plan/index.ts";
import type { ModelEngine } from "../support/model-engine.ts";
import {
  arbitraryWorld,
  deployed,
  inputFor,
  moveOn,
  options,
  progressing,
  type Stage,
  stages,
  type World,
} from "./worlds.ts";

const IDLE = { kind: "idle", good: "good" } as const;
// Fewer for mutation testing, which runs them once for each mutant.
const RUNS = { numRuns: Number(process.env.PROPERTY_RUNS ?? 400) };

/** Final names, digests and definitions of what runs, for comparing worlds. */
function picture(engine: ModelEngine): readonly string[] {
  return [...engine.containers.values()]
    .map((c) => `${c.name} ${c.platformDigest} ${c.definitionHash} ${c.state} ${c.health} ${c.restartPolicy}`)
    .sort();
}

function proven(container: ObservedContainer): boolean {
  return container.state === "running" && (container.health === "healthy" || container.health === "none");
}

/** Rounds of planning and applying until nothing is left to do, as the loop does after a restart. */
function converge(world: World, engine: ModelEngine): ModelEngine {
  const { after } = stages(world);
  for (const rollout of [progressing(after), progressing(after), IDLE, IDLE]) {
    const failed = engine.apply(plan(inputFor(after, engine, rollout)));
    expect(failed).toBeNull();
  }
  return engine;
}

describe("planner properties", () => {
  it("a plan after its own application must be empty", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { before, after } = stages(world);
        const engine = converge(world, moveOn(deployed(world, before), options(world, after)));
        expect(plan(inputFor(after, engine, IDLE)).steps).toEqual([]);
        expect([...engine.containers.values()].filter((c) => !proven(c))).toEqual([]);
      }),
      RUNS,
    );
  });

  it("what the agent itself runs as must stay as it is, whatever changes and wherever a plan or its way back is cut", () => {
    const own = { project: "p", service: "api" };
    fc.assert(
      fc.property(arbitraryWorld, fc.nat(), (world, cut) => {
        const { before, after } = stages(world);
        const engine = moveOn(deployed(world, before), options(world, after));
        const ofAgent = () => [...engine.containers.values()].filter((c) => c.service === own.service);
        const untouched = JSON.stringify(ofAgent());
        for (const rollout of [IDLE, progressing(after), IDLE]) {
          const whole = inputFor(after, engine, rollout);
          const next = plan({
            ...whole,
            desired: withoutOwnService(whole.desired, own),
            observed: withoutOwnContainers(whole.observed, own),
            policy: { ...whole.policy, orphans: "remove" },
          });
          engine.apply(next, next.steps.length === 0 ? 0 : cut % (next.steps.length + 1));
          const back = wayBack(engine, before, next.moved);
          engine.apply(planRollback({ ...back, observed: withoutOwnContainers(back.observed, own) }));
          expect(JSON.stringify(ofAgent())).toBe(untouched);
        }
      }),
      RUNS,
    );
  });

  it("no prefix of a plan may remove an old container before its successor is proven", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { before, after } = stages(world);
        const engine = moveOn(deployed(world, before), options(world, after));
        for (const rollout of [IDLE, progressing(after), IDLE]) {
          const next = plan(inputFor(after, engine, rollout));
          engine.apply(next, next.steps.length, (step) => {
            if (step.kind !== "removeContainer") return;
            const leaving = engine.containers.get(step.ref);
            const successor = [...engine.containers.values()].find(
              (c) =>
                c.id !== step.ref &&
                c.service === leaving?.service &&
                c.number === leaving.number &&
                proven(c),
            );
            expect(successor, `${step.name} is removed, and nothing proven is there`).toBeDefined();
          });
        }
      }),
      RUNS,
    );
  });

  it("equal inputs must give byte-equal plans in any order", () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.infiniteStream(fc.nat()), (world, noise) => {
        const { before, after } = stages(world);
        const engine = moveOn(deployed(world, before), options(world, after));
        const straight = inputFor(after, engine, IDLE);
        const shuffle = <T>(items: readonly T[]): T[] =>
          items
            .map((item) => ({ item, key: noise.next().value ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item);
        const shuffled = {
          ...straight,
          desired: { ...straight.desired, services: shuffle(straight.desired.services) },
          images: new Map(shuffle([...straight.images])),
          observed: { ...straight.observed, containers: shuffle(straight.observed.containers) },
        };
        expect(renderPlan(plan(shuffled))).toBe(renderPlan(plan(straight)));
      }),
      RUNS,
    );
  });

  it("a plan that is cut off anywhere must be finished to the same end by planning again", () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.nat(), (world, cut) => {
        const { before, after } = stages(world);
        const start = deployed(world, before);
        const whole = converge(world, moveOn(start, options(world, after)));
        const engine = moveOn(start, options(world, after));
        const first = plan(inputFor(after, engine, IDLE));
        engine.apply(first, first.steps.length === 0 ? 0 : cut % (first.steps.length + 1));
        expect(picture(converge(world, engine))).toEqual(picture(whole));
      }),
      RUNS,
    );
  });

  it("after a failure or a cut anywhere the way back, cut off itself or not, must end with every old container running", () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.nat(), fc.nat(), fc.boolean(), (world, cut, cutBack, bad) => {
        const { before, after } = stages(world);
        const start = deployed(world, before);
        const old = picture(start);
        const broken = options(world, after, (digest, name) =>
          bad && name === "api" && !digestIn(start, digest) ? "unhealthy" : "well",
        );
        const engine = moveOn(start, broken);
        const first = plan(inputFor(after, engine, IDLE));
        engine.apply(first, first.steps.length === 0 ? 0 : cut % (first.steps.length + 1));
        const back = () => planRollback(wayBack(engine, before, first.moved));
        const once = back();
        engine.apply(once, cutBack % (once.steps.length + 1));
        expect(engine.apply(back())).toBeNull();
        for (let look = 0; look < 5; look += 1) engine.tick();
        expect([...engine.containers.values()].filter((c) => retiredFrom(c) !== null)).toEqual([]);
        expect(picture(engine)).toEqual(old);
        const kinds = new Set(once.steps.map((step) => step.kind));
        expect(kinds.has("pullImage") || kinds.has("createContainer")).toBe(false);
      }),
      RUNS,
    );
  });

  it("a quarantined digest must never be planned", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { before, after } = stages(world);
        const engine = moveOn(deployed(world, before), options(world, after));
        const straight = inputFor(after, engine, IDLE);
        const refused = after.desired.services.flatMap((s) => {
          const decision = after.images.get(s.name);
          const changed = decision?.kind === "pinned" && !digestIn(engine, decision.image.platformDigest);
          if (!changed) return [];
          const entry = {
            service: s.name,
            platformDigest: decision.image.platformDigest,
            definitionHash: null,
          };
          return [{ ...entry, culprit: entry, reason: "failed", since: 0 }];
        });
        const digests = new Set<string>(refused.map((entry) => entry.platformDigest));
        for (const rollout of [
          IDLE,
          { ...IDLE, kind: "stalled", failed: "f", reason: "r", rolledBack: true } as const,
        ]) {
          const next = plan({ ...straight, policy: { ...straight.policy, rollout, quarantine: refused } });
          for (const step of next.steps) {
            if (step.kind === "pullImage") expect(digests.has(step.image.platformDigest)).toBe(false);
            if (step.kind === "createContainer")
              expect(digests.has(step.image.pinned?.platformDigest ?? "")).toBe(false);
          }
        }
      }),
      RUNS,
    );
  });

  it("only services that changed, and those that share with them, may be touched", () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { before, after } = stages(world);
        const engine = moveOn(deployed(world, before), options(world, after));
        const next = plan(inputFor(after, engine, IDLE));
        const touched = new Set<string>();
        for (const s of dependencyOrder(after.desired.services)) {
          const index = after.desired.services.indexOf(s);
          if (world.changes[index] !== "none" || s.sharesWith.some((name) => touched.has(name)))
            touched.add(s.name);
        }
        expect(next.moved).toEqual([...touched].sort());
      }),
      RUNS,
    );
  });
});

function wayBack(
  engine: ModelEngine,
  before: Stage,
  moved: readonly string[],
): Parameters<typeof planRollback>[0] {
  const good = before.desired.services.map((s) => {
    const decision = before.images.get(s.name);
    const platformDigest = decision?.kind === "pinned" ? decision.image.platformDigest : null;
    return [s.name, { definitionHash: s.definitionHash, platformDigest }] as const;
  });
  return {
    observed: engine.observe(),
    order: dependencyOrder(before.desired.services).map((s) => s.name),
    moved,
    fresh: [],
    jobs: [],
    good: new Map(good),
    restart: new Map(),
    startFirst: new Set(
      before.desired.services.filter((s) => startsFirst(s, "start-first")).map((s) => s.name),
    ),
    restarts: new Map(),
    services: new Map(),
    healthTimeoutMs: 1000,
    reason: "it failed",
  };
}

function digestIn(engine: ModelEngine, digest: string): boolean {
  return [...engine.containers.values()].some((c) => c.platformDigest === digest);
}
