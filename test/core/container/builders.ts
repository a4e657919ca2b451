// A small project to build bodies from; every part can be replaced.
import { composeHashes } from "../../../src/core/compose/hash/index.ts";
import type { ContainerBodyInput } from "../../../src/core/container/index.ts";
import type { DesiredProject, DesiredService, ServiceSpec } from "../../../src/core/model/index.ts";
import { network, volume } from "../../support/builders.ts";

export function service(
  spec: Partial<ServiceSpec> = {},
  parts: Partial<DesiredService> = {},
): DesiredService {
  const full: ServiceSpec = { image: "x", networks: { default: null }, ...spec };
  return {
    name: "web",
    reference: "x",
    platform: null,
    pull: "check",
    update: "auto",
    replicas: 1,
    containerName: full.container_name ?? null,
    definitionHash: `v1:${"d".repeat(64)}`,
    composeHashes: composeHashes(full),
    dependsOn: [],
    sharesWith: [],
    restart: full.restart ?? "no",
    rollout: { order: null, monitorMs: null, failureAction: null },
    exclusive: [],
    hostPorts: [],
    networks: Object.keys(full.networks ?? {}),
    volumes: [],
    files: [],
    seccomp: {},
    refusals: [],
    spec: full,
    ...parts,
  };
}

export const PROJECT: DesiredProject = {
  name: "p",
  directory: "/srv/p",
  files: ["/srv/p/compose.yaml", "/srv/p/more.yaml"],
  environmentFiles: [],
  composeRevision: "r",
  services: [],
  disabledServices: [],
  networks: [network("default"), network("back"), network("front", { name: "real" })],
  volumes: [volume("data")],
};

export const IMAGE_ID = `sha256:${"1".repeat(64)}`;

export function input(
  spec: Partial<ServiceSpec> = {},
  parts: Partial<ContainerBodyInput> = {},
): ContainerBodyInput {
  return {
    project: PROJECT,
    service: service(spec),
    number: 1,
    finalName: "p-web-1",
    image: { reference: "x", imageId: IMAGE_ID, volumes: [] },
    pinned: null,
    networks: ["default"],
    shares: {},
    linkNames: {},
    inherit: [],
    revision: "rev",
    apiVersion: "1.49",
    ...parts,
  };
}
