// What a project says about itself, from what is desired, observed and remembered.
import { describe, expect, it } from "vitest";
import type { HoldReason, Rollout } from "../../../src/core/model/index.ts";
import { BOARDHAND, COMPOSE, EMPTY_MEMORY } from "../../../src/core/model/index.ts";
import { agentStatus, type ProjectStatusInput, projectStatus } from "../../../src/core/status/index.ts";
import { aContainer, aDesired, aDesiredService, anObserved, digest, input, pinned } from "./builders.ts";

/** `Ready=True Converged | …`: all conditions in one line. */
function conditions(over: Partial<ProjectStatusInput> = {}): string {
  const { conditions: all } = projectStatus(input(over));
  return all.map((one) => `${one.type}=${one.status} ${one.reason}`).join(" | ");
}

function web(over: Partial<ProjectStatusInput> = {}) {
  const found = projectStatus(input(over)).services.find((one) => one.name === "web");
  if (found === undefined) throw new Error("no service web");
  return found;
}

const held = (reason: HoldReason) => ({ held: [{ service: "web", reason, message: "why" }], notes: [] });
const QUIET = "Reconciling=False Idle | Stalled=False NothingStalled";

describe("conditions", () => {
  it("a project that runs as it should must be ready", () => {
    expect(conditions()).toBe(`Ready=True Converged | ${QUIET}`);
  });

  it("a hold must leave it ready, for what runs goes on running", () => {
    expect(conditions({ plan: held("RateLimited") })).toBe(`Ready=True Held | ${QUIET}`);
  });

  it.each(["StoppedByHand", "RemovedByHand"] as const)("%s must not count as broken", (reason) => {
    const observed = anObserved([aContainer("db")]);
    expect(conditions({ plan: held(reason), observed })).toBe(`Ready=True Held | ${QUIET}`);
  });

  it.each([
    ["missing", [], "ServiceMissing"],
    ["exited", [aContainer("web", { state: "exited", exitCode: 1 })], "ServiceNotRunning"],
    ["a server that ended with code 0", [aContainer("web", { state: "exited" })], "ServiceNotRunning"],
    ["restarting", [aContainer("web", { state: "restarting" })], "ServiceNotRunning"],
    ["unhealthy", [aContainer("web", { health: "unhealthy" })], "ServiceUnhealthy"],
    ["starting", [aContainer("web", { health: "starting" })], "ServiceStarting"],
  ])("a service that is %s must make it not ready", (_what, containers, reason) => {
    const observed = anObserved([aContainer("db"), ...containers]);
    expect(conditions({ observed })).toBe(`Ready=False ${reason} | ${QUIET}`);
  });

  it("a replica too few must make it not ready", () => {
    const desired = aDesired([aDesiredService("web", { replicas: 2 })]);
    expect(conditions({ desired })).toContain("Ready=False ReplicaMissing");
  });

  it("a job that ended with code 0 must be fine, and with another code not", () => {
    const waits = {
      service: "web",
      condition: "service_completed_successfully",
      restart: false,
      required: true,
    };
    const desired = aDesired([
      aDesiredService("db", { dependsOn: [waits as never] }),
      aDesiredService("web", { restart: "always" }),
    ]);
    const ended = (exitCode: number) =>
      anObserved([aContainer("db"), aContainer("web", { state: "exited", exitCode })]);
    expect(conditions({ desired, observed: ended(0) })).toContain("Ready=True Converged");
    expect(conditions({ desired, observed: ended(1) })).toContain("Ready=False ServiceNotRunning");
    const once = aDesired([aDesiredService("db"), aDesiredService("web", { restart: "no" })]);
    expect(conditions({ desired: once, observed: ended(0) })).toContain("Ready=True Converged");
  });

  it("a project that nobody looked at must be unknown, and one without services empty", () => {
    expect(conditions({ observed: null })).toBe(`Ready=Unknown NotLookedYet | ${QUIET}`);
    expect(conditions({ desired: aDesired([]), observed: anObserved([]) })).toBe(
      `Ready=True Empty | ${QUIET}`,
    );
  });

  it("looking must be told without making readiness flicker", () => {
    expect(conditions({ busy: true })).toBe(
      "Ready=True Converged | Reconciling=True Looking | Stalled=False NothingStalled",
    );
  });

  it("an invalid compose file must stall, hold each service that has a container, and say the place once", () => {
    const invalid = { message: "unknown key `imagee`", file: "compose.yaml", line: 3 };
    const over = { desired: null, invalid, plan: null, observed: anObserved([aContainer("web")]) };
    expect(conditions(over)).toBe(
      "Ready=False ComposeInvalid | Reconciling=False Idle | Stalled=True ComposeInvalid",
    );
    expect(web(over).held).toEqual({
      reason: "ComposeInvalid",
      message: "compose.yaml:3: unknown key `imagee`",
    });
    const placed = { ...over, invalid: { ...invalid, message: "compose.yaml:3: no" } };
    expect(web(placed).held?.message).toBe("compose.yaml:3: no");
  });

  it("a refused login must stall, for the same credentials are not tried again", () => {
    expect(conditions({ plan: held("Unauthorized") })).toBe(
      "Ready=False Unauthorized | Reconciling=False Idle | Stalled=True Unauthorized",
    );
  });

  const moving = { good: "r1", to: "r2", moved: ["web", "db"], jobs: [] } as const;
  it.each<[Rollout, string, string | null]>([
    [{ kind: "progressing", ...moving }, "Ready=Unknown Progressing | Reconciling=True Progressing", "r2"],
    [
      { kind: "monitoring", ...moving, until: 0 },
      "Ready=Unknown Monitoring | Reconciling=True Monitoring",
      "r2",
    ],
    [
      { kind: "rollingBack", good: "r1", failed: "r2", moved: ["web"], jobs: [], reason: "no" },
      "Ready=Unknown RollingBack | Reconciling=True RollingBack",
      "r1",
    ],
    [
      { kind: "stalled", good: "r1", failed: "r2", reason: "no", rolledBack: true },
      "Ready=False RolledBack | Reconciling=False Idle | Stalled=True RolledBack",
      "r1",
    ],
    [
      { kind: "stalled", good: null, failed: "r2", reason: "no", rolledBack: false },
      "Ready=False RolloutFailed | Reconciling=False Idle | Stalled=True RolloutFailed",
      null,
    ],
  ])("the rollout %j must be told", (rollout, expected, revision) => {
    const memory = { ...EMPTY_MEMORY, rollout };
    expect(conditions({ memory })).toContain(expected);
    const status = projectStatus(input({ memory }));
    expect(status.rollout.state).toBe(rollout.kind);
    expect(status.revision).toBe(revision);
    expect(status.rollout.until).toBe(rollout.kind === "monitoring" ? "1970-01-01T00:00:00.000Z" : null);
  });
});

describe("a service", () => {
  const labelled = aContainer("web", { labels: { [BOARDHAND.indexDigest]: digest("1") } });

  it("must show both digests of what runs, and no offer when that is the same", () => {
    const status = web({ observed: anObserved([labelled]) });
    expect(status.image).toEqual({
      reference: "example.org/web:1",
      digest: digest("1"),
      platformDigest: digest("a"),
    });
    expect(status.available).toBeNull();
  });

  it("an index that moved for others only must offer nothing", () => {
    const images = new Map([["web", pinned("web", digest("a"), digest("2"))]]);
    expect(web({ images, observed: anObserved([labelled]) }).available).toBeNull();
  });

  it("another manifest for this platform must be offered", () => {
    const images = new Map([["web", pinned("web", digest("b"), digest("2"))]]);
    expect(web({ images }).available).toEqual({ tag: "1", digest: digest("2"), platformDigest: digest("b") });
  });

  it.each([
    ["the config digest as image ID", { imageId: digest("f") }],
    ["the platform digest as image ID", { imageId: digest("a") }],
    ["a repo digest", { repoDigests: [`example.org/web@${digest("a")}`] }],
  ])("a container that others made must be recognised by %s", (_how, over) => {
    const status = web({ observed: anObserved([aContainer("web", { platformDigest: null, ...over })]) });
    expect(status.image.platformDigest).toBe(digest("a"));
    expect(status.image.digest).toBe(digest("1"));
    expect(status.available).toBeNull();
  });

  it("an image that cannot be recognised must have no platform digest, and be offered the new one", () => {
    const repoDigests = [`example.org/web@${digest("9")}`];
    const status = web({ observed: anObserved([aContainer("web", { platformDigest: null, repoDigests })]) });
    expect(status.image).toMatchObject({ digest: digest("9"), platformDigest: null });
    expect(status.available?.platformDigest).toBe(digest("a"));
  });

  it("the container in use must stand for it, not one in waiting, retired or run once", () => {
    const observed = anObserved([
      aContainer("web", { id: "once", name: "p-web-run-1", labels: { [COMPOSE.oneoff]: "True" } }),
      aContainer("web", { id: "retired", name: "p-web-1.retired-abc123", state: "exited" }),
      aContainer("web", { id: "next", name: "p-web-1.next", state: "created" }),
      aContainer("web", { id: "used" }),
    ]);
    expect(web({ observed }).container?.id).toBe("used");
    expect(web({ observed }).replicas).toEqual({ desired: 1, running: 1 });
  });

  it("a container_name of the compose file must count as its name", () => {
    const desired = aDesired([aDesiredService("web", { containerName: "shop" })]);
    const observed = anObserved([
      aContainer("web", { id: "other" }),
      aContainer("web", { id: "shop", name: "shop" }),
    ]);
    expect(web({ desired, observed }).container?.id).toBe("shop");
  });

  it("while only the retired one serves, that one must be shown", () => {
    const observed = anObserved([
      aContainer("web", { id: "new", name: "p-web-1.next", state: "created" }),
      aContainer("web", { id: "retired", name: "p-web-1.retired-abc123" }),
    ]);
    expect(web({ observed }).container?.id).toBe("retired");
  });

  it("a retired one that was stopped must not be shown before its replacement", () => {
    const observed = anObserved([
      aContainer("web", { id: "retired", name: "a.retired-abc123", state: "exited" }),
      aContainer("web", { id: "new", name: "p-web-1.next", state: "created" }),
    ]);
    expect(web({ observed }).container?.id).toBe("new");
  });

  it("the plan's hold must win over the decision's", () => {
    const images = new Map([["web", { kind: "held", reason: "ImageNotFound", message: "gone" } as const]]);
    expect(web({ images, plan: held("Suspended") }).held?.reason).toBe("Suspended");
    expect(web({ images }).held).toEqual({ reason: "ImageNotFound", message: "gone" });
  });
});

describe("the whole", () => {
  it("must be byte-equal whatever order its inputs come in", () => {
    const entry = (service: string, digit: string) => ({
      service,
      platformDigest: digest(digit),
      definitionHash: null,
      culprit: { service: "web", platformDigest: digest(digit), definitionHash: null },
      reason: "never healthy",
      since: 0,
    });
    const entries = [entry("web", "d"), entry("db", "e"), entry("web", "b")];
    const made = (turn: <T>(list: readonly T[]) => readonly T[]) =>
      JSON.stringify(
        projectStatus(
          input({
            desired: aDesired(turn([aDesiredService("db"), aDesiredService("web")])),
            observed: anObserved(turn([aContainer("db"), aContainer("web")])),
            memory: { ...EMPTY_MEMORY, quarantine: turn(entries) },
            plan: { held: turn(held("Suspended").held), notes: turn(["b", "a", "a"]) },
          }),
        ),
      );
    expect(made((list) => list)).toBe(made((list) => [...list].reverse()));
  });

  it("quarantine must say what is refused, why, and what ends it", () => {
    const culprit = { service: "web", platformDigest: digest("b"), definitionHash: null };
    const common = { reason: "never healthy", since: 0, culprit };
    const quarantine = [
      { service: "web", platformDigest: digest("b"), definitionHash: null, ...common },
      { service: "db", platformDigest: null, definitionHash: "v1:0123456789abcdef", ...common },
    ];
    const status = projectStatus(input({ memory: { ...EMPTY_MEMORY, quarantine } }));
    expect(status.quarantine.map((one) => one.message)).toEqual([
      "db does not get definition 0123456789ab again: never healthy (moved together with web; until that one is changed)",
      "web does not get image bbbbbbbbbbbb again: never healthy (until its tag moves)",
    ]);
  });

  it("times must be ISO 8601, null where there is none or no calendar has it", () => {
    const status = projectStatus(input({ nextLookAt: null }));
    expect([status.lastLookAt, status.nextLookAt]).toEqual(["2026-01-01T00:00:00.000Z", null]);
    expect(projectStatus(input({ nextLookAt: 9e15 })).nextLookAt).toBeNull();
  });

  it("notes must be sorted and said once; suspension and the way back must be told", () => {
    const memory = { ...EMPTY_MEMORY, suspended: true, previousGood: "r0" };
    const status = projectStatus(input({ memory, plan: { held: [], notes: ["b", "a", "b"] } }));
    expect(status).toMatchObject({
      notes: ["a", "b"],
      suspended: true,
      previousRevision: "r0",
      revision: null,
    });
  });

  it("the agent's projects must be sorted by name", () => {
    const agent = {} as Parameters<typeof agentStatus>[0]["agent"];
    const projects = ["b", "a", "B"].map((name) => projectStatus(input({ name })));
    expect(
      agentStatus({ agent, webhooks: null, registries: [], projects }).projects.map((one) => one.name),
    ).toEqual(["B", "a", "b"]);
  });
});
