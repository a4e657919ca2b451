// Small makers of model values, so that a test says only what it is about.
import { createHash } from "node:crypto";
import type {
  DesiredNetwork,
  DesiredProject,
  DesiredService,
  DesiredVolume,
  Digest,
  ImageDecision,
  ObservedContainer,
  ObservedProject,
  PinnedImage,
} from "../../src/core/model/index.ts";
import type { PlanInput, PlanPolicy } from "../../src/core/plan/index.ts";

export function digestOf(text: string): Digest {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

export function idOf(text: string): string {
  return createHash("sha256").update(`id ${text}`).digest("hex");
}

export function service(name: string, parts: Partial<DesiredService> = {}): DesiredService {
  return {
    name,
    reference: `reg:5000/${name}:latest`,
    platform: null,
    pull: "check",
    update: "auto",
    replicas: 1,
    containerName: null,
    definitionHash: `v1:${name}`,
    composeHashes: [`compose-${name}`],
    dependsOn: [],
    sharesWith: [],
    restart: "unless-stopped",
    rollout: { order: null, monitorMs: null, failureAction: null },
    exclusive: [],
    hostPorts: [],
    networks: [],
    volumes: [],
    files: [],
    seccomp: {},
    refusals: [],
    spec: { image: `reg:5000/${name}:latest` },
    ...parts,
  };
}

export function project(
  services: readonly DesiredService[],
  parts: Partial<DesiredProject> = {},
): DesiredProject {
  return {
    name: "p",
    directory: "/srv/p",
    files: ["/srv/p/compose.yaml"],
    environmentFiles: [],
    composeRevision: "r1",
    services,
    disabledServices: [],
    networks: [],
    volumes: [],
    ...parts,
  };
}

export function network(key: string, parts: Partial<DesiredNetwork> = {}): DesiredNetwork {
  return {
    key,
    name: `p_${key}`,
    external: false,
    driver: null,
    driverOpts: {},
    internal: false,
    attachable: false,
    enableIpv6: null,
    ipam: null,
    labels: {},
    composeHash: "n".repeat(64),
    ...parts,
  };
}

export function volume(key: string, parts: Partial<DesiredVolume> = {}): DesiredVolume {
  return {
    key,
    name: `p_${key}`,
    external: false,
    driver: null,
    driverOpts: {},
    labels: {},
    composeHash: "v".repeat(64),
    ...parts,
  };
}

export function pinned(name: string, version: string): PinnedImage {
  return {
    reference: `reg:5000/${name}:latest`,
    name: `reg:5000/${name}`,
    tag: "latest",
    indexDigest: digestOf(`index ${name} ${version}`),
    platformDigest: digestOf(`${name} ${version}`),
    configDigest: digestOf(`config ${name} ${version}`),
    platform: { os: "linux", architecture: "amd64", variant: null },
    layers: [{ digest: digestOf(`layer ${name} ${version}`), size: 1000 }],
  };
}

export function offered(name: string, version: string): ImageDecision {
  return { kind: "pinned", image: pinned(name, version) };
}

/** A running container of `service`, made by Boardhand from `version`. */
export function container(
  of: DesiredService,
  version: string,
  parts: Partial<ObservedContainer> = {},
): ObservedContainer {
  const image = pinned(of.name, version);
  const number = parts.number ?? 1;
  return {
    id: idOf(`${of.name} ${version} ${number}`),
    name: of.containerName ?? `p-${of.name}-${number}`,
    service: of.name,
    number,
    state: "running",
    health: "none",
    healthOutput: "",
    restartCount: 0,
    exitCode: 0,
    error: "",
    startedAt: 1000,
    finishedAt: null,
    restartPolicy: of.restart,
    stopGraceMs: null,
    imageId: image.configDigest,
    imageReference: of.reference,
    repoDigests: [`${image.name}@${image.platformDigest}`],
    platformDigest: image.platformDigest,
    definitionHash: of.definitionHash,
    composeHash: of.composeHashes[0] ?? null,
    sharedWith: [],
    hostPorts: of.hostPorts,
    mounts: [],
    labels: { "io.boardhand.restart-policy": of.restart },
    ...parts,
  };
}

export function retired(of: ObservedContainer): ObservedContainer {
  return {
    ...of,
    name: `${of.name}.retired-${of.id.slice(0, 12)}`,
    state: "exited",
    exitCode: 143,
    restartPolicy: "no",
    finishedAt: 2000,
  };
}

export function observed(
  containers: readonly ObservedContainer[],
  parts: Partial<ObservedProject> = {},
): ObservedProject {
  const images = containers.map((c) => ({
    id: c.imageId,
    repoTags: [c.imageReference],
    repoDigests: c.repoDigests,
    size: 1,
  }));
  return { project: "p", containers, networks: [], volumes: [], images, ...parts };
}

export function policy(parts: Partial<PlanPolicy> = {}): PlanPolicy {
  return {
    rollout: { kind: "idle", good: null },
    suspended: false,
    damaged: null,
    force: false,
    drift: "leave",
    orphans: "report",
    order: "stop-first",
    failureAction: "rollback",
    monitorMs: 30_000,
    healthTimeoutMs: 300_000,
    quarantine: [],
    seen: {},
    away: [],
    apiVersion: "1.49",
    multiNetworkCreate: true,
    notCreated: new Map(),
    freeBytes: null,
    minFreeBytes: 0,
    store: "classic",
    ranOut: new Map(),
    ...parts,
  };
}

export function input(
  services: readonly DesiredService[],
  versions: Readonly<Record<string, string | ImageDecision>>,
  containers: readonly ObservedContainer[],
  parts: Partial<PlanPolicy> = {},
): PlanInput {
  const images = new Map<string, ImageDecision>();
  for (const [name, version] of Object.entries(versions)) {
    images.set(name, typeof version === "string" ? offered(name, version) : version);
  }
  return {
    desired: project(services),
    images,
    observed: observed(containers),
    details: new Map(),
    policy: policy(parts),
  };
}
