// Arbitrary projects and what happens to them, for the planner's properties.
import fc from "fast-check";
import type { DesiredProject, DesiredService, ImageDecision, Rollout } from "../../src/core/model/index.ts";
import { type PlanInput, plan } from "../../src/core/plan/index.ts";
import { offered, policy, project, service } from "../support/builders.ts";
import { ModelEngine, type ModelOptions } from "../support/model-engine.ts";

const NAMES = ["api", "cache", "db", "proxy", "worker"] as const;

interface ServicePlan {
  readonly dependsOn: readonly boolean[];
  readonly condition: "service_started" | "service_healthy";
  readonly shares: boolean;
  readonly startFirst: boolean;
  readonly port: boolean;
  readonly replicas: number;
  readonly healthcheck: boolean;
  readonly restart: string;
}

const arbitraryService: fc.Arbitrary<ServicePlan> = fc.record({
  dependsOn: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  condition: fc.constantFrom("service_started", "service_healthy"),
  shares: fc.boolean(),
  startFirst: fc.boolean(),
  port: fc.boolean(),
  replicas: fc.constantFrom(1, 1, 1, 2),
  healthcheck: fc.boolean(),
  restart: fc.constantFrom("unless-stopped", "always", "no", "on-failure:3"),
});

export type Change = "none" | "image" | "definition" | "both";

export interface World {
  readonly plans: readonly ServicePlan[];
  readonly changes: readonly Change[];
}

export const arbitraryWorld: fc.Arbitrary<World> = fc
  .array(arbitraryService, { minLength: 1, maxLength: 5 })
  .chain((plans) =>
    fc.record({
      plans: fc.constant(plans),
      changes: fc.array(fc.constantFrom<Change>("none", "image", "image", "definition", "both"), {
        minLength: plans.length,
        maxLength: plans.length,
      }),
    }),
  );

function build(plan: ServicePlan, index: number, definition: string): DesiredService {
  const name = NAMES[index] ?? "x";
  const earlier = NAMES.slice(0, index);
  const sharesWith = plan.shares && index > 0 ? earlier.slice(-1) : [];
  const dependsOn = earlier
    .filter((_, i) => plan.dependsOn[i] === true || sharesWith.includes(earlier[i] ?? "api"))
    .map((other) => ({ service: other, condition: plan.condition, restart: false, required: true }));
  const hostPorts = plan.port ? [`:80${index}/tcp`] : [];
  return service(name, {
    dependsOn,
    sharesWith,
    replicas: hostPorts.length > 0 || sharesWith.length > 0 ? 1 : plan.replicas,
    restart: plan.restart,
    definitionHash: `v1:${name} ${definition}`,
    hostPorts,
    exclusive: hostPorts.length > 0 ? ["publishes a host port"] : [],
    rollout: { order: plan.startFirst ? "start-first" : "stop-first", monitorMs: null, failureAction: null },
  });
}

export interface Stage {
  readonly desired: DesiredProject;
  readonly images: ReadonlyMap<string, ImageDecision>;
}

/** The project before the change (version 1) and after it (version 2 of what changed). */
export function stages(world: World): { readonly before: Stage; readonly after: Stage } {
  const stage = (changed: (change: Change) => { image: boolean; definition: boolean }): Stage => {
    const services = world.plans.map((p, i) => {
      const { definition } = changed(world.changes[i] ?? "none");
      return build(p, i, definition ? "two" : "one");
    });
    const images = new Map(
      services.map((s, i) => [
        s.name,
        offered(s.name, changed(world.changes[i] ?? "none").image ? "2" : "1"),
      ]),
    );
    return { desired: project(services), images };
  };
  return {
    before: stage(() => ({ image: false, definition: false })),
    after: stage((c) => ({
      image: c === "image" || c === "both",
      definition: c === "definition" || c === "both",
    })),
  };
}

export function options(
  world: World,
  stage: Stage,
  behaviour: ModelOptions["behaviour"] = () => "well",
): ModelOptions {
  const checked = new Set(
    stage.desired.services.filter((_, i) => world.plans[i]?.healthcheck === true).map((s) => s.name),
  );
  return { desired: stage.desired, behaviour, hasHealthcheck: (name) => checked.has(name) };
}

/** An engine on which the stage runs, proven and tidy. */
export function deployed(world: World, stage: Stage): ModelEngine {
  const engine = new ModelEngine(options(world, stage));
  for (let round = 0; round < 3; round += 1) {
    const next = plan(inputFor(stage, engine, { kind: "idle", good: null }));
    const failed = engine.apply(next);
    if (failed !== null) throw new Error(`deploying failed at ${failed.kind} ${failed.service}`);
  }
  return engine;
}

/** The same containers under another project definition. */
export function moveOn(engine: ModelEngine, next: ModelOptions): ModelEngine {
  return new ModelEngine(next, [...engine.containers.values()]);
}

export function inputFor(stage: Stage, engine: ModelEngine, rollout: Rollout): PlanInput {
  return {
    desired: stage.desired,
    images: stage.images,
    observed: engine.observe(),
    details: new Map(),
    policy: policy({ rollout }),
  };
}

/** A progressing rollout of everything, as the loop would have journalled it. */
export function progressing(stage: Stage): Rollout {
  const moved = stage.desired.services.map((s) => s.name);
  return { kind: "progressing", good: "good", to: "to", moved, jobs: [] };
}
