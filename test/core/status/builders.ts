// Desired and observed projects for the status tests, each field said once.
import type {
  DesiredProject,
  DesiredService,
  Digest,
  ImageDecision,
  ObservedContainer,
  ObservedProject,
} from "../../../src/core/model/index.ts";
import { EMPTY_MEMORY } from "../../../src/core/model/index.ts";
import type { ProjectStatusInput } from "../../../src/core/status/index.ts";

export const digest = (digit: string): Digest => `sha256:${digit.repeat(64)}`;

export function aDesiredService(name: string, over: Partial<DesiredService> = {}): DesiredService {
  return {
    name,
    reference: `example.org/${name}:1`,
    platform: null,
    pull: "check",
    update: "auto",
    replicas: 1,
    containerName: null,
    definitionHash: `v1:${name}`,
    composeHashes: [],
    dependsOn: [],
    sharesWith: [],
    restart: "always",
    rollout: { order: null, monitorMs: null, failureAction: null },
    exclusive: [],
    hostPorts: [],
    networks: [],
    volumes: [],
    files: [],
    seccomp: {},
    refusals: [],
    spec: {} as DesiredService["spec"],
    ...over,
  };
}

export function aDesired(services: readonly DesiredService[]): DesiredProject {
  return {
    name: "p",
    directory: "/projects/p",
    files: ["/projects/p/compose.yaml"],
    environmentFiles: [],
    composeRevision: "c1",
    services,
    disabledServices: [],
    networks: [],
    volumes: [],
  };
}

export function aContainer(service: string, over: Partial<ObservedContainer> = {}): ObservedContainer {
  return {
    id: `${service}-id`,
    name: `p-${service}-1`,
    service,
    number: 1,
    state: "running",
    health: "none",
    healthOutput: "",
    restartCount: 0,
    exitCode: 0,
    error: "",
    startedAt: 1,
    finishedAt: null,
    restartPolicy: "always",
    stopGraceMs: null,
    imageId: digest("c"),
    imageReference: `example.org/${service}:1`,
    repoDigests: [],
    platformDigest: digest("a"),
    definitionHash: null,
    composeHash: null,
    sharedWith: [],
    hostPorts: [],
    mounts: [],
    labels: {},
    ...over,
  };
}

export function anObserved(containers: readonly ObservedContainer[]): ObservedProject {
  return { project: "p", containers, networks: [], volumes: [], images: [] };
}

/** What the registry offers: platform digest `aaa…` is what containers of the builder run. */
export function pinned(service: string, platform = digest("a"), index = digest("1")): ImageDecision {
  return {
    kind: "pinned",
    image: {
      reference: `example.org/${service}:1`,
      name: `example.org/${service}`,
      tag: "1",
      indexDigest: index,
      platformDigest: platform,
      configDigest: digest("f"),
      platform: { os: "linux", architecture: "arm", variant: "v7" },
      layers: [],
    },
  };
}

/** Two services, `db` and `web`, that run as they should. */
export function input(over: Partial<ProjectStatusInput> = {}): ProjectStatusInput {
  return {
    name: "p",
    desired: aDesired([aDesiredService("db"), aDesiredService("web")]),
    invalid: null,
    images: new Map([
      ["db", pinned("db")],
      ["web", pinned("web")],
    ]),
    observed: anObserved([aContainer("db"), aContainer("web")]),
    memory: { ...EMPTY_MEMORY, rollout: { kind: "idle", good: "r1" } },
    plan: { held: [], notes: [] },
    lastLookAt: Date.UTC(2026, 0, 1),
    nextLookAt: Date.UTC(2026, 0, 2),
    busy: false,
    ...over,
  };
}
