// Projects in states worth looking at, for tests of the page.
import type { Digest } from "../../src/core/model/index.ts";
import type { ProjectStatus, ServiceStatus } from "../../src/core/status/index.ts";
import { aProject, HOSTILE } from "./support.ts";

const RUNNING: Digest = `sha256:${"a".repeat(64)}`;
const OFFERED: Digest = `sha256:${"b".repeat(64)}`;

export function aService(over: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    name: "web",
    image: { reference: "localhost:5000/hello/web:latest", digest: RUNNING, platformDigest: RUNNING },
    container: {
      id: "c".repeat(64),
      name: "hello-web-1",
      state: "running",
      health: "healthy",
      healthOutput: "",
      exitCode: 0,
      restartCount: 0,
      error: "",
    },
    replicas: { desired: 1, running: 1 },
    available: null,
    held: null,
    ...over,
  };
}

function container(over: Partial<NonNullable<ServiceStatus["container"]>>): ServiceStatus["container"] {
  const base = aService().container;
  return base === null ? null : { ...base, ...over };
}

export function aQuietProject(): ProjectStatus {
  return aProject({
    conditions: [
      {
        type: "Ready",
        status: "True",
        reason: "Converged",
        message: "2 services run as the compose file says",
      },
      { type: "Reconciling", status: "False", reason: "Idle", message: "nothing to do" },
      { type: "Stalled", status: "False", reason: "NothingStalled", message: "nobody is needed" },
    ],
    services: [aService(), aService({ name: "worker", container: container({ health: "none" }) })],
  });
}

export function aProjectAtWork(): ProjectStatus {
  return aProject({
    name: "hello",
    conditions: [
      { type: "Ready", status: "Unknown", reason: "Progressing", message: "replacing web" },
      { type: "Reconciling", status: "True", reason: "Progressing", message: "replacing web" },
      { type: "Stalled", status: "False", reason: "NothingStalled", message: "nobody is needed" },
    ],
    services: [
      aService({
        container: container({
          health: "unhealthy",
          healthOutput: "curl: (7) connection refused",
          restartCount: 3,
        }),
        available: { tag: "latest", digest: OFFERED, platformDigest: OFFERED },
      }),
      aService({
        name: "worker",
        held: { reason: "RateLimited", message: "the registry asks for fewer requests; asks again at 12:00" },
      }),
    ],
    rollout: { state: "progressing", message: "replacing web", to: "r2", moved: ["web"], until: null },
    notes: ["Step 1 said no"],
  });
}

export function aStalledProject(): ProjectStatus {
  return aProject({
    name: "media",
    suspended: true,
    conditions: [
      {
        type: "Ready",
        status: "False",
        reason: "RolledBack",
        message: "rolled back: player was never healthy",
      },
      { type: "Reconciling", status: "False", reason: "Idle", message: "nothing to do" },
      {
        type: "Stalled",
        status: "True",
        reason: "RolledBack",
        message: "rolled back: player was never healthy",
      },
    ],
    services: [
      aService({
        name: "player",
        image: {
          reference:
            "registry.example.org/a-rather-long-organisation-name/media/player-with-a-long-name:2026.1-rc3",
          digest: RUNNING,
          platformDigest: RUNNING,
        },
        available: { tag: "2026.1-rc3", digest: OFFERED, platformDigest: OFFERED },
        held: { reason: "Quarantined", message: `image ${"b".repeat(12)} failed here before: never healthy` },
      }),
      aService({
        name: "indexer",
        container: container({ state: "exited", exitCode: 137, error: "out of memory" }),
      }),
      aService({ name: "cache", container: null, replicas: { desired: 1, running: 0 } }),
    ],
    rollout: {
      state: "stalled",
      message: "rolled back: player was never healthy",
      to: null,
      moved: [],
      until: null,
    },
    quarantine: [
      {
        service: "player",
        platformDigest: OFFERED,
        definitionHash: null,
        since: "2026-01-02T03:00:00.000Z",
        message: "player does not get image bbbbbbbbbbbb again: never healthy (until its tag moves)",
      },
    ],
    notes: ["media-old-1 belongs to a service that is no longer in the compose file"],
  });
}

export function aHostileProject(): ProjectStatus {
  return aProject({
    name: HOSTILE,
    conditions: [{ type: "Ready", status: "False", reason: HOSTILE, message: HOSTILE }],
    services: [
      aService({
        name: HOSTILE,
        image: { reference: HOSTILE, digest: null, platformDigest: RUNNING },
        container: container({ health: "unhealthy", healthOutput: HOSTILE }),
        held: { reason: "ComposeInvalid", message: HOSTILE },
      }),
    ],
    rollout: { state: "rollingBack", message: HOSTILE, to: null, moved: [], until: null },
    notes: [HOSTILE],
  });
}
