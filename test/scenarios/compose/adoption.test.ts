// People can take their projects to Boardhand and back on any day: what one of the two made, the other leaves alone and
// works on.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { RecordedRequest } from "../../lab/recording-proxy.ts";
import { Both } from "./both.ts";
import { caseOf, FILES, newerCases, projectOf } from "./cases.ts";
import { namesOf, normal, whileRunning, withoutPool } from "./normal.ts";

/** Real containers that run, so fewer than are compared: whatever has ids, waits or names of its own in it. */
const ON_ANY: readonly string[] = [
  ...["plain", "shareable", "joined", "borrowed", "named", "health", "ordered", "networks", "six"],
  ...["ports", "fixed", "several", "configs", "secrets"],
];
/** What one engine has shown is not run again on a newer one. */
const ON_OLD: readonly string[] = [
  ...["environment", "endpoint", "links", "labels", "binds", "unlessstopped", "seccomp"],
];
const API = inject("engineApi");
const SERVICES: readonly string[] = [...ON_ANY, ...(API < 44 ? ON_OLD : newerCases(API))];
const JOB = `
  job: {image: REG/app, entrypoint: [/bin/busybox, mkdir, -p, /store/some/folder, /store/other], volumes: [store:/store]}
  waiting: {image: REG/app, depends_on: {job: {condition: service_completed_successfully}}}
`;
/** A folder of a volume has to be there before it is mounted. */
const AFTER_JOB = "depends_on: {job: {condition: service_completed_successfully}}";
const textOf = (service: string): string =>
  service === "below" ? `${caseOf(service)}\n${AFTER_JOB}` : caseOf(service);
const COMPOSE = projectOf(SERVICES, textOf).replace("services:\n", `services:${JOB}`);
/** With the second of `several`, the job and who waits for it. */
const CONTAINERS = SERVICES.length + 3;

let both: Both;
/** While docker compose alone had brought it up. */
let byCompose: Things;

beforeAll(async () => {
  both = await Both.create({ compose: COMPOSE, files: FILES });
});

afterAll(async () => {
  await both.stop();
});

/** What changed something; asking costs nothing. */
function changes(requests: readonly RecordedRequest[]): readonly string[] {
  return requests.map(({ method, path }) => `${method} ${path}`);
}

type Things = Readonly<Record<string, unknown>>;

/** What the engine says of everything of the project while it runs. */
async function running(): Promise<Things> {
  const picture = await both.picture();
  const { containers, networks, volumes } = picture;
  const shown = (thing: unknown) => withoutPool(whileRunning(normal(thing, namesOf(picture))));
  const all = [...containers, ...networks, ...volumes].map(([name, thing]) => [name, shown(thing)] as const);
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function states(): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { state } of await both.world.containers()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** The job, and `joined`, whose port in their one namespace is taken: both ended with code 0 and are done. */
const ENDED = 2;
const allUp = { running: CONTAINERS - ENDED, exited: ENDED };

describe("what docker compose made", () => {
  it("must be adopted by Boardhand without a single change, and be docker compose's again", async () => {
    await both.composeUp();
    const before = await both.ids();
    expect(Object.keys(before)).toHaveLength(CONTAINERS);
    byCompose = await running();
    expect(changes(await both.apply())).toEqual([]);
    await both.composeUp();
    expect(await both.ids()).toEqual(before);
    await both.composeDown();
    expect(await both.ids()).toEqual({});
  });
});

describe("what Boardhand made", () => {
  it("must be left alone by docker compose", async () => {
    await both.apply();
    const before = await both.ids();
    expect(Object.keys(before)).toHaveLength(CONTAINERS);
    expect(await states()).toEqual(allUp);
    await both.composeUp();
    expect(await both.ids()).toEqual(before);
    expect(changes(await both.apply())).toEqual([]);
  });

  it("must be the same to whoever inspects it", async () => {
    expect(await running()).toEqual(byCompose);
  });

  it("must be seen by ps and logs", async () => {
    const { stdout } = await both.compose("ps", "-a", "--format", "{{.Name}}");
    expect(stdout.trim().split("\n").sort()).toEqual(Object.keys(await both.ids()).sort());
    await both.compose("logs", "--no-log-prefix");
  });

  it("must be stopped, started and restarted like docker compose's own", async () => {
    const before = await both.ids();
    await both.compose("stop", "-t", "2");
    expect(await states()).toEqual({ exited: CONTAINERS });
    await both.compose("start");
    expect((await states()).running).toBeGreaterThanOrEqual(CONTAINERS - ENDED);
    const [started] = (await both.world.containers()).filter((c) => c.service === "plain");
    await both.compose("restart", "-t", "2", "plain");
    expect((await both.world.container("plain")).startedAt).toBeGreaterThan(started?.startedAt ?? 0);
    expect(await both.ids()).toEqual(before);
  });

  it("must be scaled by docker compose and set right again", async () => {
    const before = await both.ids();
    await both.compose("up", "-d", "--scale", "several=3");
    expect(Object.keys(await both.ids())).toHaveLength(CONTAINERS + 1);
    await both.apply();
    expect(await both.ids()).toEqual(before);
  });

  it("must be replaced by both where the tag moves", async () => {
    const before = await both.ids();
    await both.world.push("app", `${both.world.project}-2`);
    await both.compose("pull", "-q");
    await both.composeUp("-d", "plain", "named");
    const between = await both.ids();
    const moved = (a: typeof before, b: typeof before) =>
      Object.keys(b)
        .filter((name) => a[name] !== b[name])
        .map((name) => name.replace(`${both.world.project}-`, ""));
    expect(moved(before, between)).toEqual(["named-1", "plain-1"]);
    await both.apply();
    const after = await both.ids();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(moved(between, after)).not.toContain("plain-1");
    expect(moved(before, after)).toHaveLength(CONTAINERS);
    await both.composeUp();
    expect(await both.ids()).toEqual(after);
  });

  it("must be taken down by docker compose, with its networks and volumes", async () => {
    const kept = await both.composeDown();
    const { containers, networks, volumes } = await both.picture();
    expect([containers.size, volumes.size]).toEqual([0, 0]);
    expect([...networks.keys()]).toEqual(kept);
  });
});
