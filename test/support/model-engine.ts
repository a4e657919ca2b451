// A model of the engine for properties: containers as values, one step one change, and health that lags.
import type {
  DesiredProject,
  ObservedContainer,
  ObservedProject,
  Plan,
  Step,
} from "../../src/core/model/index.ts";
import { idOf } from "./builders.ts";

export type Behaviour = "well" | "unhealthy" | "exits" | "restarts" | "refuses-start";

export interface ModelOptions {
  readonly desired: DesiredProject;
  /** How containers made from this platform digest (or image id) behave; absent means well without a health check. */
  readonly behaviour: (digest: string, service: string) => Behaviour;
  readonly hasHealthcheck: (service: string) => boolean;
}

/** Looks a health check needs before it says anything. */
const LAG = 3;

export class ModelEngine {
  containers: Map<string, ObservedContainer>;
  readonly #options: ModelOptions;
  readonly #age = new Map<string, number>();
  readonly #created = new Map<number, string>();
  #serial = 0;

  constructor(options: ModelOptions, containers: readonly ObservedContainer[] = []) {
    this.#options = options;
    this.containers = new Map(containers.map((c) => [c.id, c]));
  }

  observe(): ObservedProject {
    const containers = [...this.containers.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const images = containers.map((c) => ({
      id: c.imageId,
      repoTags: [c.imageReference],
      repoDigests: c.repoDigests,
      size: 1,
    }));
    return { project: this.#options.desired.name, containers, networks: [], volumes: [], images };
  }

  /** Runs the steps in order up to `limit`; returns the step that failed, or null. */
  apply(plan: Plan, limit = plan.steps.length, before: (step: Step) => void = () => undefined): Step | null {
    this.#created.clear();
    for (const step of plan.steps.slice(0, limit)) {
      before(step);
      if (!this.#step(step) && step.required) return step;
    }
    return null;
  }

  /** Time passes: health checks speak, crashing containers have crashed. */
  tick(): void {
    for (const container of this.containers.values()) this.#look(container.id);
  }

  #step(step: Step): boolean {
    switch (step.kind) {
      case "createContainer":
        return this.#create(step);
      case "renameContainer": {
        const id = this.#id(step.ref);
        const taken = [...this.containers.values()].some((c) => c.name === step.to && c.id !== id);
        if (taken) throw new Error(`the name ${step.to} is taken`);
        this.#update(id, { name: step.to });
        return true;
      }
      case "setRestartPolicy":
        this.#update(this.#id(step.ref), { restartPolicy: step.policy });
        return true;
      case "stopContainer":
        this.#update(this.#id(step.ref), { state: "exited", exitCode: 143, health: "none", finishedAt: 5 });
        return true;
      case "startContainer":
        return this.#start(this.#id(step.ref));
      case "removeContainer":
        if (!this.containers.delete(this.#id(step.ref))) throw new Error(`no container ${step.name}`);
        return true;
      case "awaitHealthy":
      case "awaitCompleted":
        return this.#await(this.#id(step.ref), step.kind === "awaitCompleted" || step.mayComplete);
      default:
        return true;
    }
  }

  #create(step: Extract<Step, { kind: "createContainer" }>): boolean {
    const { desired } = this.#options;
    const service = desired.services.find((s) => s.name === step.service);
    if (service === undefined) throw new Error(`no service ${step.service}`);
    if ([...this.containers.values()].some((c) => c.name === step.name))
      throw new Error(`the name ${step.name} is taken`);
    this.#serial += 1;
    const id = idOf(`made ${this.#serial} ${step.name} ${this.containers.size}`);
    const { pinned } = step.image;
    this.#created.set(step.n, id);
    this.containers.set(id, {
      id,
      name: step.name,
      service: service.name,
      number: step.number,
      state: "created",
      health: "none",
      healthOutput: "",
      restartCount: 0,
      exitCode: 0,
      error: "",
      startedAt: null,
      finishedAt: null,
      restartPolicy: service.restart,
      stopGraceMs: null,
      imageId: pinned?.configDigest ?? step.image.locate,
      imageReference: step.image.reference,
      repoDigests: pinned === null ? [] : [`${pinned.name}@${pinned.platformDigest}`],
      platformDigest: pinned?.platformDigest ?? null,
      definitionHash: service.definitionHash,
      composeHash: null,
      sharedWith: Object.values(step.shares).map((ref) => this.#id(ref)),
      hostPorts: service.hostPorts,
      mounts: [],
      labels: { "io.boardhand.restart-policy": service.restart },
    });
    return true;
  }

  #start(id: string): boolean {
    const container = this.#get(id);
    const clash = [...this.containers.values()].find(
      (c) =>
        c.id !== id &&
        c.state === "running" &&
        c.hostPorts.some((port) => container.hostPorts.includes(port)),
    );
    if (clash !== undefined || this.#behaviour(container) === "refuses-start") {
      this.#update(id, { error: clash === undefined ? "refused" : `port held by ${clash.name}` });
      return false;
    }
    this.#age.set(id, 0);
    const health = this.#options.hasHealthcheck(container.service) ? "starting" : "none";
    this.#update(id, { state: "running", health, restartCount: 0, startedAt: 10 + this.#serial, error: "" });
    return true;
  }

  #await(id: string, mayComplete: boolean): boolean {
    for (let look = 0; look < 2 * LAG; look += 1) {
      const { state, health, exitCode, restartCount } = this.#get(id);
      if (restartCount > 0 || state === "restarting" || health === "unhealthy") return false;
      if (state === "exited") return mayComplete && exitCode === 0;
      if (state === "running" && health !== "starting") return true;
      this.#look(id);
    }
    return false;
  }

  #look(id: string): void {
    const container = this.containers.get(id);
    if (container === undefined || container.state !== "running") return;
    const age = (this.#age.get(id) ?? LAG) + 1;
    this.#age.set(id, age);
    const behaviour = this.#behaviour(container);
    if (behaviour === "exits") this.#update(id, { state: "exited", exitCode: 1, health: "none" });
    if (behaviour === "restarts") this.#update(id, { restartCount: age });
    if (container.health === "starting" && age >= LAG) {
      this.#update(id, { health: behaviour === "unhealthy" ? "unhealthy" : "healthy" });
    }
  }

  #behaviour(container: ObservedContainer): Behaviour {
    return this.#options.behaviour(container.platformDigest ?? container.imageId, container.service);
  }

  #id(ref: string): string {
    if (!ref.startsWith("#")) return ref;
    const id = this.#created.get(Number(ref.slice(1)));
    if (id === undefined) throw new Error(`step ${ref} created nothing`);
    return id;
  }

  #get(id: string): ObservedContainer {
    const container = this.containers.get(id);
    if (container === undefined) throw new Error(`no container ${id}`);
    return container;
  }

  #update(id: string, parts: Partial<ObservedContainer>): void {
    this.containers.set(id, { ...this.#get(id), ...parts });
  }
}
